/** Counts what is going on, so that an orderly end can wait for it. */
export interface InProgress {
  /** The same function, each of whose calls is in progress until its promise settles. */
  track<Given extends unknown[], Answer>(work: (...given: Given) => Promise<Answer>): (...given: Given) => Promise<Answer>;
  /** Resolves when nothing of what is in progress now is any more, whatever came of it. */
  drained(): Promise<void>;
}

export const createInProgress = (): InProgress => {
  const running = new Set<Promise<unknown>>();
  return {
    track:
      (work) =>
      (...given) => {
        const promise = work(...given);
        running.add(promise);
        const done = () => running.delete(promise);
        promise.then(done, done);
        return promise;
      },
    drained: async () => {
      await Promise.allSettled(running);
    },
  };
};
