import type { RawBuilder } from 'kysely';
import type { Leases, StoreOperations } from '../domain/ports/store.ts';
import type { Executor } from './tables.ts';

/** `now` is the database's time in epoch ms: servers whose clocks differ agree on who holds what. */
export const leaseTable = (executor: Executor, now: () => RawBuilder<number>): Leases => ({
  acquire: (name, holder, ttlMs) =>
    executor.statement(async (database) => {
      const taken = await database
        .insertInto('leases')
        .values((values) => ({ name, holder, expires_ms: values(now(), '+', ttlMs) }))
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((update) => ({ holder: update.ref('excluded.holder'), expires_ms: update.ref('excluded.expires_ms') }))
            .where((where) =>
              where.or([where('leases.holder', '=', where.ref('excluded.holder')), where('leases.expires_ms', '<=', now())]),
            ),
        )
        .returning('holder')
        .executeTakeFirst();
      return taken !== undefined;
    }),
  release: (name, holder) =>
    executor.statement(async (database) => {
      await database.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    }),
});

/** The row stays locked, so that nobody takes the lease over before the transaction has ended. */
export const leaseCheck =
  (executor: Executor, now: () => RawBuilder<number>): StoreOperations['holdsLease'] =>
  (name, holder) =>
    executor.read(async (database) => {
      const query = database.selectFrom('leases').select('name').where('name', '=', name).where('holder', '=', holder);
      const held = query.where('expires_ms', '>', now());
      return (await (executor.locks ? held.forShare() : held).executeTakeFirst()) !== undefined;
    });
