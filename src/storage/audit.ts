import type { AuditRow, StoreOperations } from '../domain/ports/store.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import { newSalt } from './audit-hash.ts';
import { chunked, plain } from './rows.ts';
import type { Executor } from './tables.ts';

export const auditTrail = (executor: Executor): StoreOperations['audit'] => ({
  append: async (entries) => {
    if (entries.length === 0) return;
    const rows = entries.map(({ at, actor, action, subject }) => ({
      at,
      actor: plain(actor),
      action,
      subject: canonicalJson(subject),
      salt: newSalt(),
    }));
    await executor.append((database) => chunked(rows).map((chunk) => database.insertInto('pending_audit').values(chunk)));
  },
  rows: (after, limit) =>
    executor.readLog(async (database) => {
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
    executor.readLog(async (database) => {
      const journal = await database.selectFrom('journal').select(['audit_sequence', 'audit_hash']).executeTakeFirstOrThrow();
      return { sequence: journal.audit_sequence, hash: journal.audit_hash };
    }),
});
