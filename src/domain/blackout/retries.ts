import type { Clock } from '../ports/clock.ts';

const firstMs = 1000;
const longestMs = 30_000;

/** When this server may try each blackout's vendor command again: doubling from a second to half a minute. */
export const createRetries = (clock: Clock) => {
  const entries = new Map<string, { failures: number; atMs: number }>();
  return {
    atMs: (id: string): number => entries.get(id)?.atMs ?? 0,
    known: (id: string): boolean => entries.has(id),
    failed: (id: string): void => {
      const failures = (entries.get(id)?.failures ?? 0) + 1;
      entries.set(id, { failures, atMs: clock.now() + Math.min(firstMs * 2 ** (failures - 1), longestMs) });
    },
    /** Not before `ms` from now, without counting as a failure. */
    after: (id: string, ms: number): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, atMs: clock.now() + ms });
    },
    /** At once. */
    now: (id: string): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, atMs: 0 });
    },
    clear: (id: string): void => {
      entries.delete(id);
    },
  };
};

export type Retries = ReturnType<typeof createRetries>;
