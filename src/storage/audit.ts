import type { AuditEntry, AuditRow, StoreOperations } from '../domain/ports.ts';
import { auditHash, canonicalJson } from './audit-hash.ts';
import { chunked, plain } from './rows.ts';
import type { Database, Scope } from './tables.ts';

const append = async (database: Database, entries: readonly AuditEntry[], locks: boolean): Promise<void> => {
  const query = database.selectFrom('journal').select(['audit_sequence', 'audit_hash']);
  const head = await (locks ? query.forUpdate() : query).executeTakeFirstOrThrow();
  let sequence = head.audit_sequence;
  let hash = head.audit_hash;
  const rows = entries.map((entry) => {
    sequence += 1;
    const row = { ...entry, actor: plain(entry.actor), sequence, previousHash: hash };
    hash = auditHash(row);
    const subject = canonicalJson(entry.subject);
    return { sequence, at: row.at, actor: row.actor, action: row.action, subject, previous_hash: row.previousHash, hash };
  });
  for (const chunk of chunked(rows)) await database.insertInto('audit').values(chunk).execute();
  await database.updateTable('journal').set({ audit_sequence: sequence, audit_hash: hash }).execute();
};

export const auditTrail = (scope: Scope, locks: boolean): StoreOperations['audit'] => ({
  append: (entries) => (entries.length === 0 ? Promise.resolve() : scope.write((database) => append(database, entries, locks))),
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
