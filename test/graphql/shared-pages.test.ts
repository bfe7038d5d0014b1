import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '../../src/domain/model/entities.ts';
import type { PageRequest, RecordingFilter } from '../../src/domain/ports/store.ts';
import { keyed, readTogether } from '../../src/graphql/shared-pages.ts';
import { allStores, at, recording } from '../storage/stores.ts';

const of = (agent: string, first = 10, source = 'hq') =>
  keyed<RecordingFilter>({ filter: { sources: [source], agent: { source, externalId: agent } }, first, after: null });
const ids = (pages: readonly { items: readonly { externalId: string }[] }[]) =>
  pages.map((page) => page.items.map((row) => row.externalId));

for (const [name, create] of allStores) {
  test(`pages asked for in one turn are one read in ${name}, each page once, and the next turn reads anew`, async (t) => {
    const { store, close } = await create();
    t.after(close);
    const reads: (readonly PageRequest<RecordingFilter>[])[] = [];
    const pages = readTogether<Recording, RecordingFilter>((requests) => {
      reads.push([...requests]);
      return store.recordings.pages(requests);
    });
    await store.recordings.put([
      recording('a1', { agent: '1', startedAt: at(1) }),
      recording('a2', { agent: '1', startedAt: at(2) }),
      recording('b1', { agent: '2', startedAt: at(1) }),
      recording('c1', { source: 'desk', agent: '1', startedAt: at(1) }),
    ]);
    const settled = Promise.resolve();
    const answers = await Promise.all([
      pages([of('1'), of('2')]),
      settled.then(() => pages([of('2'), of('1', 1), of('1')])),
      settled.then(() => settled).then(() => pages([of('1', 10, 'desk')])),
    ]);
    assert.deepEqual(answers.map(ids), [[['a2', 'a1'], ['b1']], [['b1'], ['a2'], ['a2', 'a1']], [['c1']]]);
    assert.deepEqual(reads, [[of('1'), of('2'), of('1', 1), of('1', 10, 'desk')].map(({ request }) => request)]);

    await store.recordings.put([recording('a3', { agent: '1', startedAt: at(3) })]);
    assert.deepEqual(ids(await pages([of('1')])), [['a3', 'a2', 'a1']]);
    assert.equal(reads.length, 2);
  });
}

test('a read that fails is told to whoever asked for what cannot be read, and to nobody else', async () => {
  const reads: string[][] = [];
  const pages = readTogether<Recording, RecordingFilter>(async (requests) => {
    const agents = requests.map(({ filter }) => filter.agent!.externalId);
    reads.push(agents);
    if (agents.includes('bad')) throw new Error(`cannot read ${agents}`);
    return agents.map((agent) => ({ items: [recording(`of-${agent}`)], positions: [], hasNextPage: false }));
  });
  const told = async (...asked: string[][]) =>
    (await Promise.allSettled(asked.map((agents) => pages(agents.map((agent) => of(agent)))))).map((outcome) =>
      outcome.status === 'fulfilled' ? ids(outcome.value) : outcome.reason.message,
    );
  assert.deepEqual(await told(['1', '2'], ['bad', '1'], ['2', '2']), [[['of-1'], ['of-2']], 'cannot read bad,1', [['of-2'], ['of-2']]]);
  assert.equal(reads.length, 4);
  assert.deepEqual(await told(['bad'], ['bad']), ['cannot read bad', 'cannot read bad']);
  assert.equal(reads.length, 5, 'who asked for nothing else is not read for again');
  assert.deepEqual(await told(['1']), [[['of-1']]]);
});
