import type { Person } from './person.ts';
import type { Database } from './tables.ts';

export const erasedTables = [
  'agents',
  'calls',
  'recordings',
  'blackouts',
  'commands',
  'events',
  'audit',
  'dead_letters',
  'vendor_state',
  'receipts',
] as const;
type ErasedTable = (typeof erasedTables)[number];

/** How many rows of each table held something of the person, and how many entries of the audit trail are from before there were digests. */
export type Erased = Record<ErasedTable, number> & { auditUnread: number };

/** One person's, under way. */
export interface Erasure {
  database: Database;
  person: Person;
  /** Counted up row by row. */
  erased: Erased;
}
