/** Joins runs of one key: whoever calls while one is under way gets its promise. */
export type SingleFlight<T> = (key: string, work: () => Promise<T>) => Promise<T>;

export const createSingleFlight = <T>(): SingleFlight<T> => {
  const running = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = running.get(key);
    if (known) return known;
    const run = work().finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };
};
