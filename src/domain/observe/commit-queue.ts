/** The batches that wait to be committed, by source. */
import type { ObservationBatch } from '../model/observation.ts';
import type { Subjects } from './subjects.ts';

interface Waiting {
  batch: ObservationBatch;
  subjects: Subjects;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface SourceQueue {
  /** In the order in which they came. */
  waiting: Waiting[];
  /** The batches of each commit that is going on. */
  running: Set<readonly Waiting[]>;
}

const maxBatchesPerCommit = 256;

/** Returns true if a recording gets its final id, and so takes the place of a row that others may still name. */
const renames = ({ observations }: ObservationBatch): boolean =>
  observations.some((one) => one.type === 'recording' && (one.recording.formerId ?? null) !== null);

/**
 * Returns true if `batch` may go into the commit that `previous` is in. A liveness observation is judged by live state, which has the batches before
 * it only once they are committed; and a recording that gets its final id is committed by itself.
 */
const mayFollow = (previous: ObservationBatch | undefined, batch: ObservationBatch): boolean =>
  previous === undefined ||
  !(batch.complete || batch.observations.some(({ type }) => type === 'liveness') || renames(batch) || renames(previous));

/** Collects the subjects of batches that others must not overtake. */
const createBlocked = () => {
  const names = new Set<string>();
  let isAny = false;
  let isAll = false;
  return {
    add: ({ subjects }: Waiting): void => {
      isAny = true;
      isAll ||= subjects === null;
      for (const name of subjects ?? []) names.add(name);
    },
    has: ({ subjects }: Waiting): boolean => isAll || (subjects === null ? isAny : [...subjects].some((name) => names.has(name))),
  };
};

/**
 * Takes the batches that one more commit may hold: those about whose rows nothing is being committed, and nothing waits that came before. With
 * `isOrdered` none overtakes another, whatever they are about.
 */
const take = (queue: SourceQueue, isOrdered: boolean): readonly Waiting[] => {
  const blocked = createBlocked();
  for (const one of [...queue.running].flat()) blocked.add(one);
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  for (const one of queue.waiting) {
    const isFree = isOrdered ? left.length === 0 : !blocked.has(one);
    if (isFree && taken.length < maxBatchesPerCommit && mayFollow(taken.at(-1)?.batch, one.batch)) taken.push(one);
    else {
      blocked.add(one);
      left.push(one);
    }
  }
  queue.waiting = left;
  return taken;
};

interface CommitQueue {
  /** Resolves when the batch is committed. */
  add(source: string, batch: ObservationBatch): Promise<void>;
}

interface CommitQueueContext {
  commit(source: string, batches: readonly ObservationBatch[]): Promise<void>;
  /** Called for each batch that fails. */
  onFailed(source: string): void;
  subjectsOf(source: string, batch: ObservationBatch): Subjects;
  /** At once, of all sources together; the first of a source begins even so. With one, batches are committed in the order in which they came. */
  maxCommits: number;
}

/**
 * Commits batches about the same rows one after another, and others side by side. A commit takes all that wait and may go into it:
 * many pushes share its disk writes. Where one fails, its batches are committed one by one, so that each fails or succeeds by itself.
 */
export const createCommitQueue = ({ commit, onFailed, subjectsOf, maxCommits }: CommitQueueContext): CommitQueue => {
  const queues = new Map<string, SourceQueue>();
  const isOrdered = maxCommits === 1;
  let running = 0;

  const commitEach = async (source: string, taken: readonly Waiting[]): Promise<void> => {
    for (const { batch, resolve, reject } of taken) {
      await commit(source, [batch]).then(resolve, (error: unknown) => {
        onFailed(source);
        reject(error);
      });
    }
  };

  const run = async (source: string, queue: SourceQueue, taken: readonly Waiting[]): Promise<void> => {
    queue.running.add(taken);
    running += 1;
    const batches = taken.map(({ batch }) => batch);
    await commit(source, batches).then(
      () => {
        for (const { resolve } of taken) resolve();
      },
      () => commitEach(source, taken),
    );
    queue.running.delete(taken);
    running -= 1;
    // The commit may have joined rows that those which wait are about.
    if (!isOrdered) for (const one of queue.waiting) one.subjects = subjectsOf(source, one.batch);
    for (const one of queues) fill(...one);
  };

  /** Begins as many commits as there is room for. */
  const fill = (source: string, queue: SourceQueue): void => {
    while (queue.waiting.length > 0 && (queue.running.size === 0 || running < maxCommits)) {
      const taken = take(queue, isOrdered);
      if (taken.length === 0) break;
      void run(source, queue, taken);
    }
    if (queue.running.size === 0) queues.delete(source);
  };

  return {
    add: (source, batch) =>
      new Promise<void>((resolve, reject) => {
        const queue = queues.get(source) ?? { waiting: [], running: new Set() };
        queues.set(source, queue);
        queue.waiting.push({ batch, subjects: isOrdered ? null : subjectsOf(source, batch), resolve, reject });
        fill(source, queue);
      }),
  };
};
