/** Has positions given to what is committed, in the background: the writer does not wait for it, readers of the log do. */
import { coalesced } from '../lib/coalesced.ts';
import { assignPositions, hasPending } from './positions.ts';
import { begin } from './postgres-transaction.ts';
import type { Database, Executor } from './tables.ts';

/** The lock comes first: a statement sees what was committed before it began, so that what is taken after is all that came before. */
const lockingJournal = `${begin}; select from journal for update`;

interface Assigner {
  /** To call after a commit of this server: begins at once. The next call of any of these tries again what failed. */
  assignOwn(): void;
  /**
   * Resolves when everything that this server has committed so far has its position, or positions cannot be given: readers then go on with what
   * has one, and what is appended next is given its own with all that wait.
   */
  assigned(): Promise<void>;
  /**
   * For what another server committed that died right after; while a run is under way, which readers of the log wait for, nothing. Throws where
   * positions cannot be given.
   */
  assignAll(): Promise<void>;
}

export const createAssigner = (
  database: Database,
  transact: <T>(work: (inside: Executor) => Promise<T>, opening: string) => Promise<T>,
): Assigner => {
  const run = coalesced(async () => {
    while (await transact((inside) => inside.read((open) => assignPositions(open, inside.append)), lockingJournal));
  });
  let running = 0;
  let last: Promise<void> = Promise.resolve();
  const assign = (): Promise<void> => {
    running += 1;
    last = run().finally(() => {
      running -= 1;
    });
    last.catch(() => undefined);
    return last;
  };
  return {
    assignOwn: () => void assign(),
    assigned: () => last.catch(() => assign().catch(() => undefined)),
    assignAll: async () => {
      if (running === 0 && (await hasPending(database))) await assign();
    },
  };
};
