import type { Leases } from '../domain/ports/store.ts';
import type { Scope } from './tables.ts';

export const leaseTable = (scope: Scope): Leases => ({
  acquire: (name, holder, ttlMs, nowMs) =>
    scope.write(async (database) => {
      const taken = await database
        .insertInto('leases')
        .values({ name, holder, expires_ms: nowMs + ttlMs })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((update) => ({ holder: update.ref('excluded.holder'), expires_ms: update.ref('excluded.expires_ms') }))
            .where((where) =>
              where.or([where('leases.holder', '=', where.ref('excluded.holder')), where('leases.expires_ms', '<=', nowMs)]),
            ),
        )
        .returning('holder')
        .executeTakeFirst();
      return taken !== undefined;
    }),
  release: (name, holder) =>
    scope.write(async (database) => {
      await database.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    }),
});
