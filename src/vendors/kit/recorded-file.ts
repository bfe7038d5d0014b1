/** Shared parts of downloads of recordings. */
import type { Instant } from '../../domain/model/entities.ts';
import { epochMsOrNull } from '../../domain/model/instant.ts';
import type { VendorResponse } from './vendor-request.ts';

/** The first value of a header; empty where there is none. */
export const headerOf = ({ headers }: Pick<VendorResponse, 'headers'>, name: string): string => [headers[name]].flat()[0] ?? '';

/** How many bytes an answer says that it has; null where it does not say, or is compressed. */
export const declaredLength = (answer: Pick<VendorResponse, 'headers'>): number | null => {
  const length = headerOf(answer, 'content-length');
  return /^\d+$/.test(length) && headerOf(answer, 'content-encoding') === '' ? Number(length) : null;
};

const mayFollowMs = 600_000;

/** Returns true if a recording ended so recently that its file may still be on its way; false where no end is known. */
export const mayFileFollow = (endedAt: Instant | null, nowMs: number): boolean => {
  const endedMs = epochMsOrNull(endedAt);
  return endedMs !== null && nowMs - endedMs < mayFollowMs;
};
