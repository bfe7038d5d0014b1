/** The batches that wait to be committed, by source. */
import type { ObservationBatch } from '../model/observation.ts';

interface Waiting {
  batch: ObservationBatch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const maxBatchesPerCommit = 256;

/** Returns true if a recording gets its final id, and so takes the place of a row that others may still name. */
const renames = ({ observations }: ObservationBatch): boolean =>
  observations.some((one) => one.type === 'recording' && (one.recording.formerId ?? null) !== null);

/**
 * A liveness observation is judged by live state, which has the batches before it only once they are committed; and a recording that gets its
 * final id is committed by itself.
 */
const batchesForOneCommit = (queue: readonly Waiting[]): number => {
  const next = queue.findIndex(
    ({ batch }, index) =>
      index > 0 &&
      (batch.complete || batch.observations.some(({ type }) => type === 'liveness') || renames(batch) || renames(queue[index - 1]!.batch)),
  );
  return Math.min(maxBatchesPerCommit, next === -1 ? queue.length : next);
};

interface CommitQueue {
  /** Resolves when the batch is committed. */
  add(source: string, batch: ObservationBatch): Promise<void>;
}

/**
 * One commit at a time a source, each taking all that wait: many pushes share its disk writes. Where one fails, its batches are committed
 * one by one, so that each fails or succeeds by itself; `onFailed` is called for each that fails.
 */
export const createCommitQueue = (
  commit: (source: string, batches: readonly ObservationBatch[]) => Promise<void>,
  onFailed: (source: string) => void,
): CommitQueue => {
  const queues = new Map<string, Waiting[]>();

  const commitEach = async (source: string, taken: readonly Waiting[]): Promise<void> => {
    for (const { batch, resolve, reject } of taken) {
      await commit(source, [batch]).then(resolve, (error: unknown) => {
        onFailed(source);
        reject(error);
      });
    }
  };

  const pump = async (source: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const taken = queue.splice(0, batchesForOneCommit(queue));
      const batches = taken.map(({ batch }) => batch);
      await commit(source, batches).then(
        () => {
          for (const { resolve } of taken) resolve();
        },
        () => commitEach(source, taken),
      );
    }
    queues.delete(source);
  };

  return {
    add: (source, batch) =>
      new Promise<void>((resolve, reject) => {
        const waiting = queues.get(source);
        if (waiting) {
          waiting.push({ batch, resolve, reject });
          return;
        }
        const queue = [{ batch, resolve, reject }];
        queues.set(source, queue);
        void pump(source, queue);
      }),
  };
};
