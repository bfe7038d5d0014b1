/** Since when each source is as healthy as it is, and a line where that changes. */
import { instant } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';

interface HealthWatch {
  /** When the source became what it is, in milliseconds; this server's start where it has not changed since. */
  sinceMs(source: string): number;
  stop(): void;
}

const everyMs = 1000;

export const watchHealth = (options: { sources: ReadonlyMap<string, VendorSource>; clock: Clock; log: Log }): HealthWatch => {
  const { sources, clock, log } = options;
  const startedMs = clock.now();
  const statuses = new Map<string, { status: string; sinceMs: number }>();
  let cancel = () => {};
  const check = () => {
    for (const [name, source] of sources) {
      const { status, lastError } = source.health();
      const before = statuses.get(name);
      if (before?.status === status) continue;
      const nowMs = clock.now();
      statuses.set(name, { status, sinceMs: before === undefined ? startedMs : nowMs });
      if (before === undefined && status === 'UP') continue;
      const was = before === undefined ? {} : { was: before.status, wasSince: instant(before.sinceMs) };
      const fields = { source: name, status, since: instant(nowMs), ...was, lastError };
      if (status === 'UP') log.info('a source answers as it should again', fields);
      else log.warn('a source does not answer as it should; sources { health } says what is wrong', fields);
    }
  };
  const again = () => {
    check();
    cancel = clock.after(everyMs, again);
  };
  again();
  return {
    sinceMs: (source) => {
      check();
      return statuses.get(source)?.sinceMs ?? startedMs;
    },
    stop: () => cancel(),
  };
};
