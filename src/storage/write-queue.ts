import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';

/** Bounds of one commit: what waits longer goes into the next. */
const maxWorks = 256;
const maxMs = 10;
/** Each try at the lock waits for `busy_timeout` already. */
const lockTries = 50;

interface Job {
  work: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

type Ending = { value: unknown } | { error: unknown };

interface WriteQueue {
  /** Runs `work` alone, in a transaction that it may share with others; resolves when that is on disk. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Returns true if the caller is inside a `work` that has not ended. */
  inside(): boolean;
  /** Resolves when everything queued is done. */
  idle(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const isBusy = (error: unknown): boolean => [5, 6].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff);

/**
 * Group commit. One durable commit costs a flush of the disk, whatever it holds; so works that wait together share one. Each has
 * its own savepoint, or the transaction to itself so far: one that throws undoes only itself. `work` should wait for nothing but this database.
 * `beforeCommit` runs last in each transaction; where it throws, all of it is undone.
 */
export const createWriteQueue = (connection: DatabaseSync, beforeCommit: () => Promise<void> = async () => undefined): WriteQueue => {
  const jobs: Job[] = [];
  const context = new AsyncLocalStorage<{ open: boolean }>();
  let draining: Promise<void> | null = null;

  const prepared = (text: string) => {
    const statement = connection.prepare(text);
    return () => void statement.run();
  };
  const beginImmediate = prepared('begin immediate');
  const commit = prepared('commit');
  const savepoint = prepared('savepoint work');
  const release = prepared('release work');

  /** One that is closed knows of no transaction: asked for it, it throws. */
  const isInTransaction = (): boolean => connection.isOpen && connection.isTransaction;

  const begin = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        beginImmediate();
        return;
      } catch (error) {
        if (!isBusy(error) || attempt === lockTries) throw error;
        await turn();
      }
    }
  };

  /** Answers how the job ended; where it threw, its writes are undone: with the transaction, where there is nothing else in it. */
  const runOne = async ({ work }: Job, isAlone: boolean): Promise<Ending> => {
    const mark = { open: true };
    try {
      if (!isAlone) savepoint();
      const value = await context.run(mark, work);
      if (!isAlone) release();
      return { value };
    } catch (error) {
      if (isInTransaction()) connection.exec(isAlone ? 'rollback' : 'rollback to work; release work');
      return { error };
    } finally {
      mark.open = false;
    }
  };

  const batch = async (): Promise<void> => {
    /** The writes of the open transaction; none where there is none. */
    const done: { job: Job; ending: Ending }[] = [];
    let running: Job | null = null;
    let endMs = 0;
    try {
      while (jobs.length > 0 && done.length < maxWorks && (done.length === 0 || performance.now() < endMs)) {
        const isAlone = done.length === 0;
        if (isAlone) {
          await begin();
          endMs = performance.now() + maxMs;
        }
        running = jobs.shift()!;
        const ending = await runOne(running, isAlone);
        if (isAlone && 'error' in ending) running.reject(ending.error);
        else done.push({ job: running, ending });
        running = null;
        // A full disk makes SQLite undo the whole transaction by itself.
        if (done.length > 0 && !isInTransaction()) {
          throw 'error' in ending ? ending.error : new Error('The database rolled the transaction back.');
        }
      }
      if (done.length > 0) {
        await beforeCommit();
        commit();
      }
    } catch (error) {
      const failed = done.map(({ job }) => job);
      if (running !== null) failed.push(running);
      // Where not even the lock was to be had, the first in line fails, and the next gets its own try.
      else if (done.length === 0) failed.push(...jobs.splice(0, 1));
      for (const job of failed) job.reject(error);
      if (isInTransaction()) connection.exec('rollback');
      return;
    }
    for (const { job, ending } of done) {
      if ('error' in ending) job.reject(ending.error);
      else job.resolve(ending.value);
    }
  };

  const drain = async (): Promise<void> => {
    while (jobs.length > 0) {
      await turn();
      await batch();
    }
    draining = null;
  };

  return {
    run: <T>(work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        jobs.push({ work, resolve: resolve as Job['resolve'], reject });
        draining ??= drain();
      }),
    inside: () => context.getStore()?.open === true,
    idle: () => draining ?? Promise.resolve(),
  };
};
