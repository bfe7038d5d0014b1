import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PageRequest, RecordingFilter } from '../../src/domain/ports/store.ts';
import { keepPages } from '../../src/storage/kept-pages.ts';
import { allStores, at, createSqlite, recording, sharedStores } from './stores.ts';

const ofAgent = (agent: string): PageRequest<RecordingFilter> => ({
  filter: { sources: ['hq'], agent: { source: 'hq', externalId: agent } },
  first: 3,
  after: null,
});
const row = (externalId: string, second: number, agent = '1') => recording(externalId, { agent, startedAt: at(second) });

for (const [name, create] of allStores) {
  test(`a page shows every commit, and none that is not one, in ${name}`, async (t) => {
    const { store, close } = await create();
    t.after(close);
    const shown = async () => (await store.recordings.pages([ofAgent('1')]))[0]!.items.map((one) => one.externalId);
    assert.deepEqual(await shown(), []);
    await store.recordings.put([row('a', 1)]);
    assert.deepEqual(await shown(), ['a']);
    await store.transaction(async (operations) => {
      await operations.recordings.put([row('b', 2)]);
      const [inside] = await operations.recordings.pages([ofAgent('1')]);
      assert.deepEqual(
        inside!.items.map((one) => one.externalId),
        ['b', 'a'],
      );
    });
    assert.deepEqual(await shown(), ['b', 'a']);
    const undone = store.transaction(async (operations) => {
      await operations.recordings.put([row('c', 3)]);
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    assert.deepEqual(await shown(), ['b', 'a']);
  });
}

for (const [name, create] of sharedStores) {
  test(`a page shows what another server committed in ${name}`, async (t) => {
    const { store, open, close } = await create();
    t.after(close);
    const other = await open();
    for (let second = 1; second <= 5; second += 1) {
      await other.recordings.put([row(`r${second}`, second)]);
      const [page] = await store.recordings.pages([ofAgent('1')]);
      assert.equal(page!.items[0]!.externalId, `r${second}`);
    }
  });
}

describe('between two commits', () => {
  test('pages without rows are not kept without end', async () => {
    let reads = 0;
    const pages = keepPages<unknown, { search: string }>(
      () => 1,
      async (requests) => {
        reads += requests.length;
        return requests.map(() => ({ items: [], hasNext: false, total: null }) as never);
      },
    );
    const asks = (search: string) => pages([{ filter: { search }, first: 1, after: null }]);
    const [first] = await asks('nothing');
    assert.equal((await asks('nothing'))[0], first);
    for (let other = 0; other < 10_000; other += 1) await asks(`nothing ${other}`);
    assert.notEqual((await asks('nothing'))[0], first);
    assert.equal(reads, 10_002);
  });

  test('SQLite is asked for a page once, beside pages that were not asked for yet', async (t) => {
    const { store, close } = await createSqlite();
    t.after(close);
    await store.recordings.put([row('a', 1), row('b', 1, '2')]);
    const [first] = await store.recordings.pages([ofAgent('1')]);
    const [second, again, none] = await store.recordings.pages([ofAgent('2'), ofAgent('1'), ofAgent('3')]);
    assert.equal(again, first);
    assert.deepEqual(
      second!.items.map((one) => one.externalId),
      ['b'],
    );
    assert.deepEqual(none!.items, []);
    await store.recordings.put([row('c', 2, '2')]);
    assert.notEqual((await store.recordings.pages([ofAgent('1')]))[0], first);
  });
});
