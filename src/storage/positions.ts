/**
 * Gives committed events their positions and chains committed audit entries. Transactions only insert into `pending_events` and
 * `pending_audit`, so that none waits for another; the journal's row is locked for this short work alone. A number that is given inside the
 * writing transaction, by a sequence for example, could commit behind one that a reader has passed already.
 */
import { auditHash } from './audit-hash.ts';
import { chunked, padded } from './rows.ts';
import type { Database, Executor, Tables } from './tables.ts';

const maxRows = 1_000;

/** The oldest rows that wait, in their order. */
const readPending = async <N extends 'pending_events' | 'pending_audit'>(database: Database, table: N) => {
  const oldest = database
    .selectFrom(table as 'pending_events')
    .selectAll()
    .orderBy('seq')
    .limit(maxRows);
  return (await oldest.execute()) as unknown as (Tables[N] & { seq: number })[];
};

/** Deletes rows that were read. */
const deletePending = (database: Database, table: 'pending_events' | 'pending_audit', rows: readonly { seq: number }[]) =>
  chunked(rows.map(({ seq }) => seq)).map((chunk) => database.deleteFrom(table).where('seq', 'in', padded(chunk)));

/** Returns true if anything is committed that has no position yet. */
export const hasPending = async (database: Database): Promise<boolean> => {
  const found = await database
    .selectNoFrom((select) => [
      select.exists(select.selectFrom('pending_events').select('seq')).as('events'),
      select.exists(select.selectFrom('pending_audit').select('seq')).as('audit'),
    ])
    .executeTakeFirstOrThrow();
  return Boolean(found.events) || Boolean(found.audit);
};

/**
 * Runs inside a transaction, whose journal row is locked where others may run the same. `append` writes with the commit. Answers whether more may
 * be left.
 */
export const assignPositions = async (database: Database, append: Executor['append']): Promise<boolean> => {
  const [journal, events, entries] = await Promise.all([
    database.selectFrom('journal').select(['event_id', 'audit_sequence', 'audit_hash']).executeTakeFirstOrThrow(),
    readPending(database, 'pending_events'),
    readPending(database, 'pending_audit'),
  ]);
  let { event_id: position, audit_sequence: sequence, audit_hash: hash } = journal;

  const numbered = events.map(({ seq: _, ...event }) => {
    position += 1;
    return { id: position, ...event };
  });
  const chained = entries.map(({ seq: _, subject, ...entry }) => {
    sequence += 1;
    const row = { ...entry, sequence, subject: JSON.parse(subject) as Record<string, unknown>, previousHash: hash };
    const previousHash = hash;
    hash = auditHash(row);
    return { ...entry, sequence, subject, previous_hash: previousHash, hash };
  });
  if (numbered.length + chained.length > 0) {
    await append((to) => [
      ...deletePending(to, 'pending_events', events),
      ...deletePending(to, 'pending_audit', entries),
      ...chunked(numbered).map((chunk) => to.insertInto('events').values(chunk)),
      ...chunked(chained).map((chunk) => to.insertInto('audit').values(chunk)),
      to.updateTable('journal').set({ event_id: position, audit_sequence: sequence, audit_hash: hash }),
    ]);
  }
  return numbered.length === maxRows || chained.length === maxRows;
};
