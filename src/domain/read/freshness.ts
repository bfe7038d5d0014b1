import type { VendorSource } from '../ports/vendor.ts';
import { underDeadline } from '../under-deadline.ts';
import type { VendorReadContext } from './context.ts';

/** Returns true if what was reported at `atMs` is young enough for the source. A time in the future, which a wrong clock left, is not. */
export const isYoung = ({ clock }: VendorReadContext, { maxStalenessMs }: VendorSource, atMs: number): boolean => {
  const ageMs = clock.now() - atMs;
  return maxStalenessMs > 0 && ageMs >= 0 && ageMs <= maxStalenessMs;
};

/** Returns true if what was reported at `atMs` is young enough, or was reported since the execution began. */
export const isFresh = (context: VendorReadContext, source: VendorSource, atMs: number): boolean =>
  atMs >= (context.sinceMs ?? Number.POSITIVE_INFINITY) || isYoung(context, source, atMs);

/** Waits as long as a caller may have to; the read itself goes on, and what it reports is observed when it comes. */
export const inTime = <T>({ clock }: VendorReadContext, source: VendorSource, reading: Promise<T>): Promise<T> => {
  const { timeoutMs, name } = source;
  if (timeoutMs === undefined) return reading;
  reading.catch(() => undefined);
  return underDeadline(clock, { ms: timeoutMs, subject: `${name}: the read` }, () => reading);
};

/** A read carries the vendor client's own deadline; a caller that goes away does not break it off for the others. */
export const neverAborted = new AbortController().signal;
