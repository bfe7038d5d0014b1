import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openEngine } from '../../src/storage/index.ts';
import { statement } from '../../src/storage/statement.ts';
import type { Tables } from '../../src/storage/tables.ts';
import { sharedStores } from './stores.ts';

for (const [name, create] of sharedStores) {
  test(`${name}: a statement is compiled once for each number of rows, and runs with the values of each call`, async () => {
    const under = await create();
    after(under.close);
    const engine = await openEngine(under.url);
    const built: number[] = [];
    const put = statement<Tables['vendor_state']>(['source', 'key', 'value'], (database, rows) => {
      built.push(rows.length);
      return database.insertInto('vendor_state').values(rows).compile();
    });
    const read = statement<{ key: string }, { value: string }>(['key'], (database, keys) =>
      database
        .selectFrom('vendor_state')
        .select('value')
        .where('source', '=', 'always')
        .where(
          'key',
          'in',
          keys.map(({ key }) => key),
        )
        .orderBy('key')
        .compile(),
    );
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ source: 'always', key: String(from + index), value: `value ${from + index}` }));
    try {
      for (const [from, count] of [
        [100, 1],
        [101, 1],
        [102, 3],
        [105, 40],
        [145, 40],
      ] as const) {
        await engine.outside.write((database) => put(database, rows(from, count)));
      }
      assert.deepEqual(built, [1, 3, 40, 40], 'of many rows nothing is kept');
      const values = (...keys: number[]) =>
        engine.outside.read(async (database) => {
          const found = await read(
            database,
            keys.map((key) => ({ key: String(key) })),
          );
          return found.rows.map(({ value }) => value);
        });
      assert.deepEqual(await values(100), ['value 100']);
      assert.deepEqual(await values(184), ['value 184']);
      assert.deepEqual(await values(144, 99, 102), ['value 102', 'value 144']);

      await engine.transact((inside) => inside.write((database) => put(database, rows(185, 1))));
      assert.deepEqual(built, [1, 3, 40, 40], 'a transaction runs what its database compiled');
      assert.deepEqual(await values(185), ['value 185']);
    } finally {
      await engine.close();
    }
  });
}
