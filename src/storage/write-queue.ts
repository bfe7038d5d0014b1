import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';
import { primaryCode } from './sqlite-database.ts';

/** Bounds of one commit: what waits longer goes into the next. */
const maxWorks = 256;
const maxMs = 10;
/** How often a work tries for the lock that another process has, and the pause between, in which this process goes on. */
const maxLockTries = 100;
const lockPauseMs = 50;

interface Job {
  work: () => Promise<unknown>;
  lockTries: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Ending = { value: unknown } | { error: unknown };

export interface WriteQueue {
  /** Runs `work` alone, in a transaction that it may share with others; resolves when that is on disk. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Returns true if the caller is inside a `work` that has not ended. */
  inside(): boolean;
  /** Resolves when everything queued is done. */
  idle(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const isBusy = (error: unknown): boolean => [5, 6].includes(primaryCode(error));

/** The queue with its connection. */
interface Queue {
  connection: DatabaseSync;
  statements: Readonly<Record<'begin' | 'commit' | 'savepoint' | 'release', () => void>>;
  jobs: Job[];
  /** The `work` that runs. */
  current: AsyncLocalStorage<{ open: boolean }>;
  draining: Promise<void> | null;
  beforeCommit(): Promise<void>;
}

const statementsOf = (connection: DatabaseSync): Queue['statements'] => {
  const prepared = (text: string) => {
    const statement = connection.prepare(text);
    return () => void statement.run();
  };
  return {
    begin: prepared('begin immediate'),
    commit: prepared('commit'),
    savepoint: prepared('savepoint work'),
    release: prepared('release work'),
  };
};

/** One that is closed knows of no transaction: asked for it, it throws. */
const isInTransaction = ({ connection }: Queue): boolean => connection.isOpen && connection.isTransaction;

/** Throws where the first in line has tried for the lock often enough. All that wait try together. */
const begin = async ({ statements, jobs }: Queue): Promise<void> => {
  for (;;) {
    try {
      statements.begin();
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      for (const job of jobs) job.lockTries += 1;
      if (jobs[0]!.lockTries >= maxLockTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
    }
  }
};

/** Answers how the job ended; where it threw, its writes are undone: with the transaction, where there is nothing else in it. */
const runOne = async (queue: Queue, { work }: Job, isAlone: boolean): Promise<Ending> => {
  const { connection, statements, current } = queue;
  const mark = { open: true };
  try {
    if (!isAlone) statements.savepoint();
    const value = await current.run(mark, work);
    if (!isAlone) statements.release();
    return { value };
  } catch (error) {
    if (isInTransaction(queue)) connection.exec(isAlone ? 'rollback' : 'rollback to work; release work');
    return { error };
  } finally {
    mark.open = false;
  }
};

/** A commit while its works run. */
interface Batch {
  /** The works of the open transaction; none where there is none. */
  done: { job: Job; ending: Ending }[];
  running: Job | null;
  endMs: number;
}

const runNext = async (queue: Queue, batch: Batch): Promise<void> => {
  const isAlone = batch.done.length === 0;
  if (isAlone) {
    await begin(queue);
    batch.endMs = performance.now() + maxMs;
  }
  const job = queue.jobs.shift()!;
  batch.running = job;
  const ending = await runOne(queue, job, isAlone);
  if (isAlone && 'error' in ending) job.reject(ending.error);
  else batch.done.push({ job, ending });
  batch.running = null;
  // A full disk makes SQLite undo the whole transaction by itself.
  if (batch.done.length > 0 && !isInTransaction(queue)) {
    throw 'error' in ending ? ending.error : new Error('The database rolled the transaction back.');
  }
};

/** How many have tried for the lock often enough; at least the first in line, which failed for another reason then. */
const triedOut = (jobs: readonly Job[]): number => Math.max(1, jobs.filter(({ lockTries }) => lockTries >= maxLockTries).length);

/** Fails every work of the batch; where not even the lock was to be had, those that have tried for it often enough. */
const fail = (queue: Queue, { done, running }: Batch, error: unknown): void => {
  const failed = done.map(({ job }) => job);
  if (running !== null) failed.push(running);
  else if (done.length === 0) failed.push(...queue.jobs.splice(0, triedOut(queue.jobs)));
  for (const job of failed) job.reject(error);
  if (isInTransaction(queue)) queue.connection.exec('rollback');
};

/** Commits some of what waits together. */
const commitSome = async (queue: Queue): Promise<void> => {
  const batch: Batch = { done: [], running: null, endMs: 0 };
  const { done } = batch;
  try {
    while (queue.jobs.length > 0 && done.length < maxWorks && (done.length === 0 || performance.now() < batch.endMs)) {
      await runNext(queue, batch);
    }
    if (done.length > 0) {
      await queue.beforeCommit();
      queue.statements.commit();
    }
  } catch (error) {
    fail(queue, batch, error);
    return;
  }
  for (const { job, ending } of done) {
    if ('error' in ending) job.reject(ending.error);
    else job.resolve(ending.value);
  }
};

const drain = async (queue: Queue): Promise<void> => {
  while (queue.jobs.length > 0) {
    await turn();
    await commitSome(queue);
  }
  queue.draining = null;
};

/**
 * Group commit. One durable commit costs a flush of the disk, whatever it holds; so works that wait together share one. Each has
 * its own savepoint, or the transaction to itself so far: one that throws undoes only itself. `work` should wait for nothing but this database.
 * `beforeCommit` runs last in each transaction; where it throws, all of it is undone.
 */
export const createWriteQueue = (connection: DatabaseSync, beforeCommit: () => Promise<void> = async () => undefined): WriteQueue => {
  const queue: Queue = {
    connection,
    statements: statementsOf(connection),
    jobs: [],
    current: new AsyncLocalStorage(),
    draining: null,
    beforeCommit,
  };
  return {
    run: <T>(work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.jobs.push({ work, lockTries: 0, resolve: resolve as Job['resolve'], reject });
        queue.draining ??= drain(queue);
      }),
    inside: () => queue.current.getStore()?.open === true,
    idle: () => queue.draining ?? Promise.resolve(),
  };
};
