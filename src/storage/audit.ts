import type { AuditEntry, AuditRow, StoreOperations } from '../domain/ports/store.ts';
import { auditHash, canonicalJson } from './audit-hash.ts';
import { chunked, plain } from './rows.ts';
import { statement } from './statement.ts';
import type { Database, Scope, Tables } from './tables.ts';

export type Head = Pick<Tables['journal'], 'audit_sequence' | 'audit_hash'>;

const headIn = (locks: boolean) =>
  statement<Record<never, never>, Head>([], (database) => {
    const query = database.selectFrom('journal').select(['audit_sequence', 'audit_hash']);
    return (locks ? query.forUpdate() : query).compile();
  });
const read = { plain: headIn(false), locking: headIn(true) };

const insert = statement<Tables['audit']>(['sequence', 'at', 'actor', 'action', 'subject', 'previous_hash', 'hash'], (database, rows) =>
  database.insertInto('audit').values(rows).compile(),
);

const move = statement<Head>(['audit_sequence', 'audit_hash'], (database, [head]) => database.updateTable('journal').set(head!).compile());

/** What a transaction has for the trail. It is written last, so that others wait for the journal's row no longer than they must. */
export interface Collected {
  entries: AuditEntry[];
  /** Where the trail ends, once the transaction holds the journal's row. */
  head: Head | null;
}

const append = async (database: Database, { entries, head }: Readonly<Collected>, locks: boolean): Promise<void> => {
  let { audit_sequence: sequence, audit_hash: hash } = head ?? (await read[locks ? 'locking' : 'plain'](database, [])).rows[0]!;
  const rows = entries.map((entry) => {
    sequence += 1;
    const row = { ...entry, actor: plain(entry.actor), sequence, previousHash: hash };
    hash = auditHash(row);
    const subject = canonicalJson(entry.subject);
    return { sequence, at: row.at, actor: row.actor, action: row.action, subject, previous_hash: row.previousHash, hash };
  });
  for (const chunk of chunked(rows)) await insert(database, chunk);
  await move(database, [{ audit_sequence: sequence, audit_hash: hash }]);
};

/** Writes what a transaction has collected; nothing may be appended after it. */
export const appendCollected = async (scope: Scope, collected: Collected, locks: boolean): Promise<void> => {
  if (collected.entries.length > 0) await scope.write((database) => append(database, collected, locks));
};

export const auditTrail = (scope: Scope, locks: boolean, collected: Collected | null): StoreOperations['audit'] => ({
  append: async (entries) => {
    if (collected !== null) collected.entries.push(...entries);
    else await appendCollected(scope, { entries: [...entries], head: null }, locks);
  },
  rows: (after, limit) =>
    scope.read(async (database) => {
      const rows = await database.selectFrom('audit').selectAll().where('sequence', '>', after).orderBy('sequence').limit(limit).execute();
      return rows.map(
        ({ previous_hash, subject, ...row }): AuditRow => ({
          ...row,
          subject: JSON.parse(subject) as AuditRow['subject'],
          previousHash: previous_hash,
        }),
      );
    }),
  head: () =>
    scope.read(async (database) => {
      const journal = await database.selectFrom('journal').select(['audit_sequence', 'audit_hash']).executeTakeFirstOrThrow();
      return { sequence: journal.audit_sequence, hash: journal.audit_hash };
    }),
});
