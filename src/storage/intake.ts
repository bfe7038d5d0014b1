/** Stores what a source has beside its entities: its own state, receipts of deliveries, and dead letters. */
import { epochMs } from '../domain/model/instant.ts';
import type { Ids } from '../domain/ports/clock.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import type { VendorState } from '../domain/ports/vendor-context.ts';
import { chunked, lastOfEach, plain } from './rows.ts';
import type { Database, Executor } from './tables.ts';

/** More than the largest push, also in base64. */
const maxBodyLength = 4_000_000;
/** Receipts that are deleted in one transaction, so that nobody who writes waits long. */
const trimmedAtOnce = 1_000;

export const vendorState =
  (executor: Executor, rowLocks: boolean) =>
  (source: string): VendorState => {
    const row = (database: Database, key: string) =>
      database.selectFrom('vendor_state').select('value').where('source', '=', source).where('key', '=', plain(key));
    const upsert = (database: Database, key: string, value: unknown) =>
      database
        .insertInto('vendor_state')
        .values({ source, key: plain(key), value: JSON.stringify(value ?? null) })
        .onConflict((conflict) => conflict.columns(['source', 'key']).doUpdateSet((update) => ({ value: update.ref('excluded.value') })));
    return {
      get: (key) =>
        executor.read(async (database) => {
          const found = await row(database, key).executeTakeFirst();
          return found === undefined ? null : (JSON.parse(found.value) as unknown);
        }),
      put: (key, value) =>
        executor.statement(async (database) => {
          await upsert(database, key, value).execute();
        }),
      update: (key, change) =>
        executor.write(async (database, send) => {
          const absent = { source, key: plain(key), value: 'null' };
          await send(
            database
              .insertInto('vendor_state')
              .values(absent)
              .onConflict((conflict) => conflict.columns(['source', 'key']).doNothing()),
          );
          const query = row(database, key);
          const found = await (rowLocks ? query.forUpdate() : query).executeTakeFirstOrThrow();
          const changed = change(JSON.parse(found.value) as unknown);
          await send(upsert(database, key, changed));
          return changed;
        }),
      delete: (key) =>
        executor.statement(async (database) => {
          await database.deleteFrom('vendor_state').where('source', '=', source).where('key', '=', plain(key)).execute();
        }),
    };
  };

export const receiptTable = (executor: Executor): StoreOperations['receipts'] => ({
  add: (source, receipts, at) =>
    executor.write(async (database) => {
      const rows = receipts.map((receipt) => ({ source, receipt: plain(receipt), at_ms: epochMs(at) }));
      // In one order, against deadlocks between servers that are sent the same.
      const ordered = lastOfEach(rows, ({ receipt }) => receipt).sort((left, right) => (left.receipt < right.receipt ? -1 : 1));
      const added = new Set<string>();
      for (const chunk of chunked(ordered)) {
        const query = database
          .insertInto('receipts')
          .values(chunk)
          .onConflict((conflict) => conflict.columns(['source', 'receipt']).doNothing());
        for (const { receipt } of await query.returning('receipt').execute()) added.add(receipt);
      }
      return new Set(receipts.filter((receipt) => added.has(plain(receipt))));
    }),
  trim: async (before) => {
    let isDone = false;
    while (!isDone) {
      isDone = await executor.write(async (database) => {
        const old = database.selectFrom('receipts').select('at_ms').where('at_ms', '<', epochMs(before)).orderBy('at_ms');
        const last = await old
          .limit(1)
          .offset(trimmedAtOnce - 1)
          .executeTakeFirst();
        // Those of one delivery have one time.
        await database
          .deleteFrom('receipts')
          .where('at_ms', '<=', last?.at_ms ?? epochMs(before) - 1)
          .execute();
        return last === undefined;
      });
    }
  },
});

export const deadLetterTable = (executor: Executor, ids: Ids): StoreOperations['deadLetters'] => ({
  add: ({ source, at, reason, body }) =>
    executor.write(async (database) => {
      const values = { id: ids.next(), source, at, reason: plain(reason), body: plain(body.slice(0, maxBodyLength)) };
      await database.insertInto('dead_letters').values(values).execute();
    }),
  count: (source) =>
    executor.read(async (database) => {
      const query = database.selectFrom('dead_letters').select((select) => select.fn.countAll<number>().as('rows'));
      return (await query.where('source', '=', source).executeTakeFirstOrThrow()).rows;
    }),
  list: (limit) =>
    executor.read((database) => database.selectFrom('dead_letters').selectAll().orderBy('at').orderBy('id').limit(limit).execute()),
  byId: (id) =>
    executor.read(
      async (database) => (await database.selectFrom('dead_letters').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    ),
  remove: (id) =>
    executor.write(async (database) => {
      await database.deleteFrom('dead_letters').where('id', '=', id).execute();
    }),
});
