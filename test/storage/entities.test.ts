import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Position } from '../../src/domain/ports/pages.ts';
import { agent, allStores, at, call, command, recording, type StoreUnderTest } from './stores.ts';

const key = (externalId: string, source = 'hq') => ({ source, externalId });
const ids = (rows: readonly ({ externalId: string } | null)[]) => rows.map((row) => row?.externalId ?? null);

for (const [name, create] of allStores) {
  describe(`entities in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
    });
    after(() => subject.close());

    test('byKeys answers in order, null for the missing, once more for a key that repeats', async () => {
      const { store } = subject;
      await store.agents.put([agent('1'), agent('2'), agent('1', { source: 'desk', name: 'Other' })]);
      const found = await store.agents.byKeys([key('2'), key('9'), key('1', 'desk'), key('2'), key('1')]);
      assert.deepEqual(ids(found), ['2', null, '1', '2', '1']);
      assert.equal(found[2]?.name, 'Other');
      assert.deepEqual(await store.agents.byKeys([]), []);
    });

    test('put replaces the whole row, and the last of two in one call wins', async () => {
      const { store } = subject;
      await store.agents.put([agent('3', { phone: '1' }), agent('3', { phone: null, status: 'BUSY' })]);
      assert.deepEqual(await store.agents.byKeys([key('3')]), [agent('3', { status: 'BUSY' })]);
      assert.deepEqual(ids(await store.agents.all(['desk'])), ['1']);
      assert.deepEqual(await store.agents.all([]), []);
    });

    test('text that a database could stumble over comes back as it was', async () => {
      const { store } = subject;
      const odd = agent('a:b%_\'"\\', { name: 'nul \u0000 · 中文 · 🎧', vendorStatus: '{"a":1}' });
      await store.agents.put([odd, agent('nul\u0000id')]);
      assert.deepEqual(await store.agents.byKeys([key(odd.externalId), key('nul\u0000id')]), [odd, agent('nul\u0000id')]);
    });

    test('a null character is looked for as it is kept', async () => {
      const { store } = subject;
      const nul = 'nul\u0000';
      await store.calls.put([call(nul, { source: 'nul', caller: nul, startedAt: at(1) })]);
      await store.commands.insert(command('nul', { source: 'nul', requestedBy: nul }));
      const request = { first: 1, after: null };
      const [[calls], [commands]] = await Promise.all([
        store.calls.pages([{ ...request, filter: { number: nul } }]),
        store.commands.pages([{ ...request, filter: { requestedBy: nul } }]),
      ]);
      assert.deepEqual([ids(calls!.items), commands!.items[0]?.id], [[nul], 'nul']);
      const [behind] = await store.calls.pages([{ ...request, after: [Date.parse(at(1)), `nul:${nul}`], filter: { sources: ['nul'] } }]);
      assert.deepEqual(behind!.items, []);
      assert.deepEqual(await store.blackouts.byIds([nul]), [null]);
    });

    test('retention deletes what is over and old, in steps, and nothing that goes on', async () => {
      const { store } = subject;
      const source = 'kept';
      const key = (externalId: string) => ({ source, externalId });
      await store.calls.put([
        ...Array.from({ length: 1_200 }, (_, index) => call(`old-${index}`, { source, startedAt: at(-9_000), agents: ['1'] })),
        call('live', { source, startedAt: at(-9_000), state: 'ACTIVE' }),
        call('young', { source, startedAt: at(30) }),
      ]);
      await store.recordings.put([
        recording('old', { source, startedAt: at(-9_000) }),
        recording('live', { source, startedAt: at(-9_000), state: 'RECORDING' }),
        recording('young', { source, startedAt: at(30) }),
      ]);
      const others = await store.calls.count({ startedBefore: at(-8_000) }, 10_000);
      assert.equal(await store.calls.trim(at(-8_000)), others! - (await store.calls.count({ startedBefore: at(-8_000) }, 10_000))!);
      await store.recordings.trim(at(-8_000));
      const left = ['old-0', 'old-1199', 'live', 'young'].map(key);
      assert.deepEqual(ids(await store.calls.byKeys(left)), [null, null, 'live', 'young']);
      assert.deepEqual(ids(await store.recordings.byKeys(['old', 'live', 'young'].map(key))), [null, 'live', 'young']);
      assert.equal(await store.calls.count({ agent: key('1') }, 10_000), 0);
    });

    test('more rows at once than one statement has parameters for', async () => {
      const { store } = subject;
      const many = Array.from({ length: 2_345 }, (_, index) => recording(`many-${index}`, { source: 'bulk', startedAt: at(index) }));
      await store.recordings.put(many);
      assert.equal(await store.recordings.count({ sources: ['bulk'] }, 10_000), 2_345);
      assert.deepEqual(
        [await store.recordings.count({ sources: ['bulk'] }, 2_345), await store.recordings.count({ sources: ['bulk'] }, 2_345 - 1)],
        [2_345, null],
        'counted no further',
      );
      const keys = many.map((row) => key(row.externalId, 'bulk')).reverse();
      assert.deepEqual(ids(await store.recordings.byKeys(keys)), ids(many).reverse());
    });

    test('pages walk newest first, by the start or by when a row was first seen, and ties by id', async () => {
      const { store, clock } = subject;
      const start = clock.now();
      const second = (offset: number) => new Date(start + offset * 1000).toISOString();
      await store.calls.put([
        call('tie-a', { source: 'walk', startedAt: second(5) }),
        call('tie-b', { source: 'walk', startedAt: second(5) }),
        call('old', { source: 'walk', startedAt: second(-5) }),
        call('unstarted', { source: 'walk' }),
      ]);
      await clock.advance(1000);
      await store.calls.put([call('unstarted', { source: 'walk', queue: 'sales' })]);
      const seen: string[] = [];
      let position: Position | null = null;
      for (let pages = 0; pages < 9; pages += 1) {
        const [page]: Awaited<ReturnType<typeof store.calls.pages>> = await store.calls.pages([
          { filter: { sources: ['walk'] }, first: 1, after: position },
        ]);
        seen.push(...page!.items.map((row) => row.externalId));
        position = page!.positions.at(-1) ?? null;
        if (!page!.hasNextPage) break;
      }
      assert.deepEqual(seen, ['tie-b', 'tie-a', 'unstarted', 'old']);
      await store.calls.put([call('unstarted', { source: 'walk', startedAt: second(-9) })]);
      const [all] = await store.calls.pages([{ filter: { sources: ['walk'] }, first: 9, after: null }]);
      assert.deepEqual(ids(all!.items), ['tie-b', 'tie-a', 'old', 'unstarted']);
      assert.equal(all!.hasNextPage, false);
    });

    test('several pages in one go, each with its own filter and place', async () => {
      const { store } = subject;
      await store.recordings.put([
        recording('r1', { source: 'multi', agent: '7', startedAt: at(1) }),
        recording('r2', { source: 'multi', agent: '8', startedAt: at(2) }),
        recording('r3', { source: 'multi', agent: '7', startedAt: at(3) }),
      ]);
      const pages = await store.recordings.pages([
        { filter: { agent: key('7', 'multi') }, first: 1, after: null },
        { filter: { agent: key('8', 'multi') }, first: 5, after: null },
        { filter: { agent: key('9', 'multi') }, first: 5, after: null },
        { filter: { agent: key('7', 'multi') }, first: 5, after: [Date.parse(at(3)), 'multi:r3'] },
      ]);
      assert.deepEqual(
        pages.map((page) => ids(page.items)),
        [['r3'], ['r2'], [], ['r1']],
      );
      assert.deepEqual(
        pages.map((page) => page.hasNextPage),
        [true, false, false, false],
      );
      assert.deepEqual(await store.recordings.pages([]), []);
    });

    test('every call filter', async () => {
      const { store } = subject;
      const leg = { party: 'AGENT', agent: '12', endpoint: null, startedAt: null, endedAt: null } as const;
      await store.calls.put([
        call('c1', { source: 'f', state: 'ACTIVE', caller: '+45 12 34 56 78', called: '291', agents: ['11'], startedAt: at(1) }),
        call('c2', {
          source: 'f',
          state: 'HELD',
          caller: '004512345678',
          called: '12345678',
          agents: ['11'],
          legs: [leg],
          startedAt: at(2),
        }),
        call('c3', { source: 'f', caller: 'sip:40038@pbx', called: 'anonymous', startedAt: at(3) }),
        call('c4', { source: 'g', caller: '12', called: '4612345678', agents: ['11'], startedAt: at(4) }),
      ]);
      const find = async (filter: Parameters<typeof store.calls.count>[0]) => {
        const scoped = { sources: ['f', 'g'], ...filter };
        const [page] = await store.calls.pages([{ filter: scoped, first: 10, after: null }]);
        assert.equal(await store.calls.count(scoped, 10_000), page!.items.length);
        return ids(page!.items);
      };
      assert.deepEqual(await find({}), ['c4', 'c3', 'c2', 'c1']);
      assert.deepEqual(await find({ sources: ['g'] }), ['c4']);
      assert.deepEqual(await find({ sources: [] }), []);
      assert.deepEqual(await find({ states: ['ACTIVE', 'HELD'] }), ['c2', 'c1']);
      assert.deepEqual(await find({ states: [] }), []);
      assert.deepEqual(await find({ agent: key('11', 'f') }), ['c2', 'c1']);
      assert.deepEqual(await find({ agent: key('12', 'f') }), ['c2']);
      assert.deepEqual(await find({ agent: key('11', 'f'), states: ['ACTIVE'] }), ['c1']);
      assert.deepEqual(await find({ agent: key('11', 'f'), number: '291' }), ['c1']);
      assert.deepEqual(await find({ startedAfter: at(2), startedBefore: at(4) }), ['c3', 'c2']);
      assert.deepEqual(await find({ number: '+4512345678' }), ['c2', 'c1']);
      assert.deepEqual(await find({ number: '12345678' }), ['c4', 'c2', 'c1']);
      assert.deepEqual(await find({ number: '5678' }), ['c4', 'c2', 'c1']);
      assert.deepEqual(await find({ number: '40038' }), ['c3']);
      assert.deepEqual(await find({ number: 'ANONYMOUS' }), ['c3']);
      assert.deepEqual(await find({ number: '12' }), ['c4']);
      assert.deepEqual(await find({ number: '78' }), []);
      assert.deepEqual(await find({ number: ' ' }), []);
      assert.deepEqual(ids(await store.calls.live(['f', 'g'])), ['c2', 'c1']);
    });

    test('every recording filter', async () => {
      const { store } = subject;
      await store.recordings.put([
        recording('a1', { source: 'rf', agent: '1', call: 'x', endpoint: '+4512345678', state: 'RECORDING', startedAt: at(1) }),
        recording('a2', { source: 'rf', agent: '2', call: 'x', kind: 'SCREEN', party: 'AGENT', startedAt: at(2) }),
        recording('a3', { source: 'rf', agent: '1', call: 'y', kind: 'VOICEMAIL', state: 'PAUSED', startedAt: at(3) }),
      ]);
      const find = async (filter: Parameters<typeof store.recordings.count>[0]) => {
        const scoped = { sources: ['rf'], ...filter };
        const [page] = await store.recordings.pages([{ filter: scoped, first: 10, after: null }]);
        assert.equal(await store.recordings.count(scoped, 10_000), page!.items.length);
        return ids(page!.items);
      };
      assert.deepEqual(await find({ kinds: ['SCREEN', 'VOICEMAIL'] }), ['a3', 'a2']);
      assert.deepEqual(await find({ kinds: ['SCREEN'], states: ['PAUSED'] }), []);
      assert.deepEqual(await find({ states: ['PAUSED', 'RECORDING'] }), ['a3', 'a1']);
      assert.deepEqual(await find({ agent: key('1', 'rf') }), ['a3', 'a1']);
      assert.deepEqual(await find({ call: key('x', 'rf') }), ['a2', 'a1']);
      assert.deepEqual(await find({ call: key('x', 'rf'), agent: key('1', 'rf') }), ['a1']);
      assert.deepEqual(await find({ party: 'AGENT' }), ['a2']);
      assert.deepEqual(await find({ number: '12345678' }), ['a1']);
      assert.deepEqual(await find({ startedAfter: at(2) }), ['a3', 'a2']);
      assert.deepEqual(await find({ agent: key('1', 'rf'), sources: ['elsewhere'] }), []);
      assert.deepEqual(ids(await store.recordings.live(['rf'])), ['a3', 'a1']);
      const ofAgents = await store.recordings.liveOf([key('2', 'rf'), key('1', 'rf'), key('1', 'elsewhere')]);
      assert.deepEqual(ofAgents.map(ids), [[], ['a3', 'a1'], []]);
      const ofCalls = await store.recordings.ofCalls([key('y', 'rf'), key('none', 'rf'), key('x', 'rf')]);
      assert.deepEqual(ofCalls.map(ids), [['a3'], [], ['a1', 'a2']]);
    });

    test('a recording that gets its final id takes the place of the one it was, and is found by both', async () => {
      const { store, clock } = subject;
      await store.recordings.put([recording('task-1', { source: 'id', state: 'RECORDING' })]);
      const [before] = await store.recordings.pages([{ filter: { sources: ['id'] }, first: 5, after: null }]);
      await clock.advance(5000);
      const final = recording('file.wav', { source: 'id', formerId: 'task-1' });
      await store.recordings.put([final]);
      await store.recordings.put([final]);
      assert.deepEqual(await store.recordings.byKeys([key('task-1', 'id'), key('file.wav', 'id')]), [final, final]);
      const [after] = await store.recordings.pages([{ filter: { sources: ['id'] }, first: 5, after: null }]);
      assert.deepEqual(ids(after!.items), ['file.wav']);
      assert.equal(after!.positions[0]![0], before!.positions[0]![0]);
      const late = recording('late.wav', { source: 'id', formerId: 'task-2' });
      await store.recordings.put([recording('late.wav', { source: 'id' }), recording('task-2', { source: 'id' })]);
      await store.recordings.put([late]);
      assert.equal(await store.recordings.count({ sources: ['id'] }, 10_000), 2);
      assert.deepEqual(await store.recordings.byKeys([key('task-2', 'id')]), [late]);
    });
  });
}
