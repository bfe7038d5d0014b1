/**
 * Gives committed events their positions and chains committed audit entries. Transactions only insert into `pending_events` and
 * `pending_audit`, so that none waits for another; the journal's row is locked for this short work alone. A number that is given inside the
 * writing transaction, by a sequence for example, could commit behind one that a reader has passed already.
 */
import { auditHash } from './audit-hash.ts';
import { chunked } from './rows.ts';
import type { Database, Tables } from './tables.ts';

const maxRows = 1_000;

const takePending = async <N extends 'pending_events' | 'pending_audit'>(database: Database, table: N) => {
  const oldest = database
    .selectFrom(table as 'pending_events')
    .select('seq')
    .orderBy('seq')
    .limit(maxRows);
  const rows = await database
    .deleteFrom(table as 'pending_events')
    .where('seq', 'in', oldest)
    .returningAll()
    .execute();
  return rows.sort((left, right) => left.seq - right.seq) as unknown as Tables[N][];
};

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

/** Runs inside a transaction; with `locks` it takes the journal's row first. Answers whether more may be left. */
export const assignPositions = async (database: Database, locks: boolean): Promise<boolean> => {
  const query = database.selectFrom('journal').select(['event_id', 'audit_sequence', 'audit_hash']);
  const journal = await (locks ? query.forUpdate() : query).executeTakeFirstOrThrow();
  let { event_id: position, audit_sequence: sequence, audit_hash: hash } = journal;

  const events = await takePending(database, 'pending_events');
  const numbered = events.map(({ seq: _, ...event }) => {
    position += 1;
    return { id: position, ...event };
  });
  for (const chunk of chunked(numbered)) await database.insertInto('events').values(chunk).execute();

  const entries = await takePending(database, 'pending_audit');
  const chained = entries.map(({ seq: _, subject, ...entry }) => {
    sequence += 1;
    const row = { ...entry, sequence, subject: JSON.parse(subject) as Record<string, unknown>, previousHash: hash };
    const previousHash = hash;
    hash = auditHash(row);
    return { ...entry, sequence, subject, previous_hash: previousHash, hash };
  });
  for (const chunk of chunked(chained)) await database.insertInto('audit').values(chunk).execute();

  if (numbered.length + chained.length > 0) {
    await database.updateTable('journal').set({ event_id: position, audit_sequence: sequence, audit_hash: hash }).execute();
  }
  return numbered.length === maxRows || chained.length === maxRows;
};
