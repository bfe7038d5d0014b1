import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';

/** Bounds of one commit: what waits longer goes into the next. */
const mostWorks = 256;
const longestMs = 10;
/** Each try at the lock waits for `busy_timeout` already. */
const lockTries = 50;

interface Job {
  work: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export interface WriteQueue {
  /** Runs `work` alone, in a transaction that it may share with others; resolves when that is on disk. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether the caller is inside a `work` that has not ended. */
  inside(): boolean;
  /** Resolves when everything queued is done. */
  idle(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const isBusy = (error: unknown): boolean => [5, 6].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff);

/**
 * Group commit. One durable commit costs a flush of the disk, whatever it holds; so works that wait together share one. Each has
 * its own savepoint: one that throws undoes only itself. `work` should wait for nothing but this database.
 */
export const createWriteQueue = (connection: DatabaseSync): WriteQueue => {
  const jobs: Job[] = [];
  const context = new AsyncLocalStorage<{ open: boolean }>();
  let draining: Promise<void> | null = null;

  const begin = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        connection.exec('begin immediate');
        return;
      } catch (error) {
        if (!isBusy(error) || attempt === lockTries) throw error;
        await turn();
      }
    }
  };

  /** True where the job's writes stand, ready to be committed. */
  const runOne = async (job: Job): Promise<{ value: unknown } | null> => {
    const mark = { open: true };
    try {
      connection.exec('savepoint work');
      const value = await context.run(mark, job.work);
      connection.exec('release work');
      return { value };
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback to work; release work');
      job.reject(error);
      return null;
    } finally {
      mark.open = false;
    }
  };

  const batch = async (): Promise<void> => {
    const done: { job: Job; value: unknown }[] = [];
    try {
      await begin();
      const endMs = performance.now() + longestMs;
      for (let count = 0; count < mostWorks && jobs.length > 0 && (count === 0 || performance.now() < endMs); count += 1) {
        const job = jobs.shift()!;
        const result = await runOne(job);
        if (result !== null) done.push({ job, value: result.value });
        // A full disk makes SQLite undo the whole transaction by itself.
        if (!connection.isTransaction) throw new Error('The database undid the transaction, because it could not write.');
      }
      connection.exec('commit');
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback');
      const failed = done.length === 0 && jobs.length > 0 ? [jobs.shift()!] : done.map(({ job }) => job);
      for (const job of failed) job.reject(error);
      return;
    }
    for (const { job, value } of done) job.resolve(value);
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
