/** Counts what is going on, so that an orderly end can wait for it. */
export interface InProgress {
  /** Runs `work`, which is in progress until its promise settles. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing of what is in progress now is any more, whatever came of it. */
  drained(): Promise<void>;
}

export const createInProgress = (): InProgress => {
  const running = new Set<Promise<unknown>>();
  return {
    run: (work) => {
      const promise = work();
      running.add(promise);
      const finish = () => running.delete(promise);
      promise.then(finish, finish);
      return promise;
    },
    drained: async () => {
      await Promise.allSettled(running);
    },
  };
};
