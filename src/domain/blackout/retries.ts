import type { Clock } from '../ports/clock.ts';

const firstMs = 1000;
const longestMs = 30_000;

/** When this server may try each blackout's vendor command again: doubling from a second to half a minute. */
export const createRetries = (clock: Clock) => {
  /** `dueMs` is monotonic, so that a clock that is set holds up no retry. */
  const entries = new Map<string, { failures: number; dueMs: number }>();
  return {
    /** By the wall clock. */
    atMs: (id: string): number => {
      const entry = entries.get(id);
      return entry === undefined ? 0 : Math.max(0, clock.now() + entry.dueMs - clock.monotonicMs());
    },
    known: (id: string): boolean => entries.has(id),
    failed: (id: string): void => {
      const failures = (entries.get(id)?.failures ?? 0) + 1;
      entries.set(id, { failures, dueMs: clock.monotonicMs() + Math.min(firstMs * 2 ** (failures - 1), longestMs) });
    },
    /** Not before `ms` from now, without counting as a failure. */
    after: (id: string, ms: number): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, dueMs: clock.monotonicMs() + ms });
    },
    /** At once. */
    now: (id: string): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, dueMs: Number.NEGATIVE_INFINITY });
    },
    clear: (id: string): void => {
      entries.delete(id);
    },
  };
};

export type Retries = ReturnType<typeof createRetries>;
