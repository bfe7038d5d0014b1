import type { RawBuilder } from 'kysely';
import type { Executor } from './tables.ts';

/** One of the databases: what differs between them, and nothing that knows of entities. */
export interface Engine {
  /** On its own: a read sees what is committed, a write is committed when it resolves. */
  outside: Executor;
  /** Everything inside commits together or not at all. */
  transact<T>(work: (inside: Executor) => Promise<T>): Promise<T>;
  /** The database's time in epoch ms; null where the database lives in this process and goes by its clock. */
  now: RawBuilder<number> | null;
  /** True if others may write between a transaction's read and its write, unless the row is locked. */
  rowLocks: boolean;
  /** See `Store`. */
  maxTransactions: number;
  /** Gives positions to what another server appended that died right after; what is appended here gets them unasked. */
  assignPositions(): Promise<void>;
  /** Clears from the disk what was deleted, where the database can be made to. */
  forgetDeleted(): Promise<void>;
  /** See `Store`. */
  isUnavailable(error: unknown): boolean;
  ping(): Promise<void>;
  close(): Promise<void>;
}
