/**
 * Joins calls of `work`: at most one run is under way and one waits. Each call resolves, or rejects, with a run that began after it was made.
 */
export const coalesced = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let last: Promise<T> | null = null;
  let isWaiting = false;
  return () => {
    if (last !== null && isWaiting) return last;
    const before = last;
    isWaiting = true;
    const run = async (): Promise<T> => {
      await before?.catch(() => undefined);
      isWaiting = false;
      try {
        return await work();
      } finally {
        if (last === mine) last = null;
      }
    };
    const mine = run();
    last = mine;
    return mine;
  };
};
