import { LRUCache } from 'lru-cache';

/** Lets one of each kind through in a while. */
interface Thinning {
  /** How many of the kind were kept back since the last that was let through; null where this one is kept back too. */
  take(kind: string): number | null;
}

const maxKinds = 10_000;

export const createThinning = (everyMs: number, now: () => number): Thinning => {
  const passed = new LRUCache<string, { atMs: number; since: number }>({ max: maxKinds });
  return {
    take: (kind) => {
      const nowMs = now();
      const last = passed.get(kind);
      if (last !== undefined && nowMs - last.atMs < everyMs) {
        last.since += 1;
        return null;
      }
      passed.set(kind, { atMs: nowMs, since: 0 });
      return last?.since ?? 0;
    },
  };
};
