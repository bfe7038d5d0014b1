/** The store: entities, the ledger, events, the audit trail, leases. */
import type { Agent, Blackout, Call, ControlCommand, Instant, Recording, SourceKey } from '../model/entities.ts';
import type { LiveEvent, NewEvent } from '../model/events.ts';
import type { BlackoutFilter, CallFilter, CommandFilter, Pageable, RecordingFilter } from './pages.ts';
import type { VendorState } from './vendor-context.ts';

/** Rows of an entity that lives in a source. `byKeys` answers in order, null for the missing. */
interface EntityTable<T, F> extends Pageable<T, F> {
  byKeys(keys: readonly SourceKey[]): Promise<readonly (T | null)[]>;
  put(rows: readonly T[]): Promise<void>;
  /** Deletes those that are over and started, or were first reported, before `before`, in small steps; answers how many. */
  trim(before: Instant): Promise<number>;
}

export interface StoreOperations {
  /**
   * The same transaction, in which reads lock no row: for what is read to judge by and not to be written. A lock on such a row, taken after one
   * on a row that others lock later, makes a deadlock.
   */
  readonly unlocked: StoreOperations;
  agents: {
    byKeys(keys: readonly SourceKey[]): Promise<readonly (Agent | null)[]>;
    put(rows: readonly Agent[]): Promise<void>;
    /** Deletes them, and that they were in calls. */
    remove(keys: readonly SourceKey[]): Promise<void>;
    all(sources: readonly string[]): Promise<readonly Agent[]>;
  };
  /** `live` brings everything whose state is not ENDED; newest first by `startedAt`, rows without one by when first reported. */
  calls: EntityTable<Call, CallFilter> & { live(sources: readonly string[]): Promise<readonly Call[]> };
  /** `byKeys` finds a recording by its former id too; `put` of a row with `formerId` takes that row's place. */
  recordings: EntityTable<Recording, RecordingFilter> & {
    live(sources: readonly string[]): Promise<readonly Recording[]>;
    /** Of these agents, newest first. */
    liveOf(agents: readonly SourceKey[]): Promise<readonly (readonly Recording[])[]>;
    ofCalls(keys: readonly SourceKey[]): Promise<readonly (readonly Recording[])[]>;
  };
  blackouts: Pageable<Blackout, BlackoutFilter> & {
    byIds(ids: readonly string[]): Promise<readonly (Blackout | null)[]>;
    /** False, and nothing written, where another one of the agent is open. */
    insert(row: Blackout): Promise<boolean>;
    /** Writes `row` with its version raised by one where the stored version is still `row.version`; false where it is not. */
    compareAndSet(row: Blackout): Promise<boolean>;
    /** The one of the agent that is SCHEDULED, ACTIVE or STOPPING. */
    openOf(agent: SourceKey): Promise<Blackout | null>;
    /** SCHEDULED, ACTIVE and STOPPING, of these sources. */
    open(sources: readonly string[]): Promise<readonly Blackout[]>;
    /** Those of the agents (in order) that overlap an interval. */
    overlapping(spans: readonly { agent: SourceKey; from: Instant; to: Instant | null }[]): Promise<readonly (readonly Blackout[])[]>;
  };
  commands: Pageable<ControlCommand, CommandFilter> & {
    byIds(ids: readonly string[]): Promise<readonly (ControlCommand | null)[]>;
    /** Inserts, unless the caller has used the idempotency key already: then it answers that row and writes nothing. */
    insert(row: ControlCommand): Promise<{ inserted: boolean; row: ControlCommand }>;
    /** The caller's command of this idempotency key; null where there is none. */
    ofKey(requestedBy: string, idempotencyKey: string): Promise<ControlCommand | null>;
    /** Writes every field, `idempotencyKey` too: null frees a key that is no longer kept. */
    update(row: ControlCommand): Promise<void>;
    /** Those that nothing has completed: `completedAt` is null. */
    open(sources: readonly string[]): Promise<readonly ControlCommand[]>;
    /** Of those, the ones of these agents (external ids) of one source. */
    openOf(source: string, agents: Iterable<string>): Promise<readonly ControlCommand[]>;
    /** Oldest first; inside a transaction they stay locked. */
    ofBlackouts(ids: readonly string[]): Promise<readonly (readonly ControlCommand[])[]>;
  };
  events: {
    /** Events get their positions after the commit, in commit order, across servers too; `after` returns only events that have one. */
    append(events: readonly NewEvent[]): Promise<void>;
    after(id: number, limit: number): Promise<readonly LiveEvent[]>;
    /** The largest id, and the largest that was deleted; 0 for none. */
    bounds(): Promise<{ last: number; trimmedTo: number }>;
    /** Deletes what is older than `before` or beyond the newest `keepRows`, in small steps; answers how many. */
    trim(before: Instant, keepRows: number): Promise<number>;
  };
  /** An append-only trail in which each row holds the hash of the one before it. */
  audit: {
    append(entries: readonly AuditEntry[]): Promise<void>;
    rows(after: number, limit: number): Promise<readonly AuditRow[]>;
    /** Where the trail ends, as the last append left it: a row that is gone from the end shows by it. */
    head(): Promise<{ sequence: number; hash: string }>;
  };
  /** Returns true if `holder` has the lease by the database's time; inside a transaction it stays so until that has ended. */
  holdsLease(name: string, holder: string): Promise<boolean>;
  vendorState(source: string): VendorState;
  receipts: {
    /** Those that are new. */
    add(source: string, receipts: readonly string[], at: Instant): Promise<ReadonlySet<string>>;
    trim(before: Instant): Promise<void>;
  };
  deadLetters: {
    add(letter: Omit<StoredLetter, 'id'>): Promise<void>;
    count(source: string): Promise<number>;
    /** Oldest first. */
    list(limit: number): Promise<readonly StoredLetter[]>;
    byId(id: string): Promise<StoredLetter | null>;
    remove(id: string): Promise<void>;
  };
}

/** A message of a vendor that could not be read, as it is stored; see `domain/observe/dead-letters.ts`. */
export interface StoredLetter {
  id: string;
  source: string;
  at: Instant;
  reason: string;
  body: string;
}

export interface AuditEntry {
  at: Instant;
  actor: string;
  /** Such as `command.requested`, `command.settled`, `media.linked`, `ledger.read`. */
  action: string;
  subject: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends AuditEntry {
  sequence: number;
  previousHash: string;
  hash: string;
  /** The salt of the digests of the subject's values; null in rows that were written before there were digests. */
  salt: string | null;
}

export interface Leases {
  /** True where `holder` has it now, for `ttlMs` by the database's time: newly, still, or since the former holder's ran out. */
  acquire(name: string, holder: string, ttlMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

export interface Store extends StoreOperations {
  leases: Leases;
  /** How many transactions of one kind are worth having open at once: one where the store has a single writer. */
  maxTransactions: number;
  /**
   * Everything inside commits together or not at all; rows that are read to be written are locked until then. Appended events get
   * their positions right after, and readers of the log here wait for that.
   */
  transaction<T>(work: (operations: StoreOperations) => Promise<T>): Promise<T>;
  /** Tells this store from any other; it stays with the data when those are moved. */
  id(): Promise<string>;
  /** Gives positions to what another server appended that died right after; what is appended here gets them unasked. */
  assignPositions(): Promise<void>;
  /** The database's time, epoch ms; the clock's own where the database lives in this process. */
  now(): Promise<number>;
  /** Returns true for an error that says that the store cannot be used, or not written to, just now: the same work can succeed later. */
  isUnavailable(error: unknown): boolean;
  /** Resolves when the store answers; throws when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
