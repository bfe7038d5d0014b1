import type { Compilable, Generated, Kysely } from 'kysely';

/** A entity as JSON, beside the columns that filters and order use. Ids are those of `rows.rowId`; times are epoch ms. */
interface Document {
  id: string;
  data: string;
}

interface LoggedEvent {
  at_ms: number;
  entity_type: string;
  data: string;
}

interface LoggedAudit {
  at: string;
  actor: string;
  action: string;
  subject: string;
  /** See `audit-hash.ts`; null in rows of the first format, whose hash is over the subject as it stands. */
  salt: string | null;
}

interface Listed extends Document {
  source: string;
  state: string;
  first_seen_ms: number;
  started_ms: number | null;
  /** `started_ms`, else `first_seen_ms`. */
  sort_ms: number;
}

export interface Tables {
  agents: Document & { source: string };
  calls: Listed & {
    caller_key: string | null;
    caller_suffix: string | null;
    called_key: string | null;
    called_suffix: string | null;
    queue: string | null;
  };
  call_agents: { call_id: string; agent_id: string; sort_ms: number };
  recordings: Listed & {
    kind: string;
    party: string;
    agent_id: string | null;
    call_id: string | null;
    former_id: string | null;
    endpoint_key: string | null;
    endpoint_suffix: string | null;
  };
  blackouts: Document & {
    source: string;
    agent_id: string;
    state: string;
    /** When it starts. */
    sort_ms: number;
    /** When it ended; far in the future while it is open. */
    ends_ms: number;
    version: number;
  };
  commands: Document & {
    source: string;
    agent_id: string | null;
    operation: string;
    status: string;
    requested_by: string;
    idempotency_key: string | null;
    blackout_id: string | null;
    /** 1 until it is completed, then 0. */
    open: number;
    /** When it was requested. */
    sort_ms: number;
  };
  /** `id` is the position in the log. */
  events: LoggedEvent & { id: number };
  audit: LoggedAudit & { sequence: number; previous_hash: string; hash: string };
  /** Committed and without a position yet, in the order of `seq`; see `positions.ts`. */
  pending_events: LoggedEvent & { seq: Generated<number> };
  pending_audit: LoggedAudit & { seq: Generated<number> };
  /** One row: where the event log and the audit trail stand, and the id by which servers know their store. */
  journal: { id: number; event_id: number; trimmed_to: number; audit_sequence: number; audit_hash: string; store_id: string };
  vendor_state: { source: string; key: string; value: string };
  receipts: { source: string; receipt: string; at_ms: number };
  dead_letters: { id: string; source: string; at: string; reason: string; body: string };
  leases: { name: string; holder: string; expires_ms: number };
}

/** Every table and the key in whose order it is read. Rows that are pending get a position before anything else is done with them. */
export const primaryKeys: {
  readonly [N in Exclude<keyof Tables, 'pending_events' | 'pending_audit'>]: readonly (keyof Tables[N] & string)[];
} = {
  agents: ['id'],
  calls: ['id'],
  call_agents: ['call_id', 'agent_id'],
  recordings: ['id'],
  blackouts: ['id'],
  commands: ['id'],
  events: ['id'],
  audit: ['sequence'],
  journal: ['id'],
  vendor_state: ['source', 'key'],
  receipts: ['source', 'receipt'],
  dead_letters: ['id'],
  leases: ['name'],
};

export type Database = Kysely<Tables>;

/** A statement whose result nobody needs. */
type Statement = Compilable & { execute(): Promise<unknown> };

/**
 * Executes statements in their order. Inside PostgreSQL's transactions it does not wait for them: whatever is sent later sees what they wrote, and
 * where one of them fails, so does the commit.
 */
export type Send = (...statements: readonly Statement[]) => Promise<void>;

/** A write of several statements. */
export interface Writing {
  database: Database;
  send: Send;
}

/** Where a table's functions run: on their own, or inside the transaction that they were made for. */
export interface Executor {
  read<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** Commits when `work` is done, or with the surrounding transaction. */
  write<T>(work: (database: Database, send: Send) => Promise<T>): Promise<T>;
  /** As `write`, of one statement, which needs no transaction of its own. */
  statement<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** True if rows that are read by key stay locked until the end of the transaction. */
  locks: boolean;
  /** Writes, with the commit at the latest, rows that get a position after it. */
  append(statements: (database: Database) => readonly Statement[]): Promise<void>;
  /** As `read`, once everything has its position that was committed here before. */
  readLog<T>(work: (database: Database) => Promise<T>): Promise<T>;
}
