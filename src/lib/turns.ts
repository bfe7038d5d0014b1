/** Runs works of one key one after another, those of different keys side by side. */
export interface Turns<Crowded> {
  /** Resolves with what `work` answers; null where too many of the key are waiting already, and `work` is then never run. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> | Crowded;
  /** Resolves when nothing of the key that was begun by now is going on. */
  drained(key: string): Promise<void>;
}

export function createTurns(): Turns<never>;
export function createTurns(maxWaiting: number): Turns<null>;
export function createTurns(maxWaiting = Number.POSITIVE_INFINITY): Turns<null> {
  /** The last of each key, and how many have not ended. */
  const last = new Map<string, { ended: Promise<void>; count: number }>();
  return {
    run: (key, work) => {
      const before = last.get(key);
      if ((before?.count ?? 0) > maxWaiting) return null;
      const turn = before === undefined ? work() : before.ended.then(work);
      const entry = before ?? { ended: Promise.resolve(), count: 0 };
      entry.count += 1;
      entry.ended = turn.then(
        () => undefined,
        () => undefined,
      );
      last.set(key, entry);
      void entry.ended.then(() => {
        entry.count -= 1;
        if (entry.count === 0) last.delete(key);
      });
      return turn;
    },
    drained: async (key) => last.get(key)?.ended,
  };
}
