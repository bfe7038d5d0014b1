import type { Clock } from '../ports/clock.ts';

const firstMs = 1000;
/** A blackout ends within ten seconds of the vendor's readiness to end it. */
const maxMs = 8_000;

/** When this server may try each blackout's vendor command again: doubling from a second to eight. */
export interface Retries {
  /** By the wall clock, epoch ms; 0 where nothing was tried. */
  atMs(id: string): number;
  known(id: string): boolean;
  failed(id: string): void;
  /** Not before `ms` from now, without counting as a failure. */
  after(id: string, ms: number): void;
  /** At once. */
  now(id: string): void;
  delete(id: string): void;
  /** The blackouts that it holds something about. */
  keys(): Iterable<string>;
}

export const createRetries = (clock: Clock): Retries => {
  /** `dueMs` is monotonic, so that a clock that is set holds up no retry. */
  const entries = new Map<string, { failures: number; dueMs: number }>();
  return {
    atMs: (id: string): number => {
      const entry = entries.get(id);
      return entry === undefined ? 0 : Math.max(0, clock.now() + entry.dueMs - clock.monotonicMs());
    },
    known: (id: string): boolean => entries.has(id),
    failed: (id: string): void => {
      const failures = (entries.get(id)?.failures ?? 0) + 1;
      entries.set(id, { failures, dueMs: clock.monotonicMs() + Math.min(firstMs * 2 ** (failures - 1), maxMs) });
    },
    after: (id: string, ms: number): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, dueMs: clock.monotonicMs() + ms });
    },
    now: (id: string): void => {
      entries.set(id, { failures: entries.get(id)?.failures ?? 0, dueMs: Number.NEGATIVE_INFINITY });
    },
    delete: (id: string): void => {
      entries.delete(id);
    },
    keys: () => entries.keys(),
  };
};
