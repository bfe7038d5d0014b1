import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { allStores, at, blackout, command, type StoreUnderTest } from './stores.ts';

const ids = (rows: readonly ({ id: string } | null)[]) => rows.map((row) => row?.id ?? null);

for (const [name, create] of allStores) {
  describe(`blackouts and commands in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
    });
    after(() => subject.close());

    test('a blackout is written by whoever read its latest version, and by nobody else', async () => {
      const { store } = subject;
      const row = blackout('b1', { source: 'cas' });
      await store.blackouts.insert(row);
      const attempts = await Promise.all(
        ['x', 'y', 'z'].map((note) => store.transaction((open) => open.blackouts.compareAndSet({ ...row, note }))),
      );
      assert.deepEqual(attempts.filter(Boolean).length, 1);
      const [stored] = await store.blackouts.byIds(['b1']);
      assert.equal(stored?.version, 2);
      assert.equal(await store.blackouts.compareAndSet({ ...row, note: 'late' }), false);
      assert.equal(await store.blackouts.compareAndSet({ ...stored!, state: 'ENDED', endedAt: at(9) }), true);
      assert.equal((await store.blackouts.byIds(['b1', 'none']))[0]?.state, 'ENDED');
      assert.equal(await store.blackouts.compareAndSet(blackout('never')), false);
    });

    test('open, filtered and overlapping blackouts', async () => {
      const { store } = subject;
      const rows = [
        blackout('o1', { source: 'o', agent: '1', state: 'ENDED', startsAt: at(0), endedAt: at(10) }),
        blackout('o2', { source: 'o', agent: '1', state: 'ACTIVE', startsAt: at(20) }),
        blackout('o3', { source: 'o', agent: '2', state: 'SCHEDULED', startsAt: at(30) }),
        blackout('o4', { source: 'o', agent: '2', state: 'FAILED', startsAt: at(5), stopsAt: at(6) }),
      ];
      for (const row of rows) await store.blackouts.insert(row);
      assert.deepEqual(ids(await store.blackouts.open(['o', 'other'])), ['o2', 'o3']);
      assert.deepEqual(await store.blackouts.open([]), []);
      const find = async (filter: Parameters<typeof store.blackouts.count>[0]) => {
        const [page] = await store.blackouts.pages([{ filter: { sources: ['o'], ...filter }, first: 9, after: null }]);
        return ids(page!.items);
      };
      assert.deepEqual(await find({}), ['o3', 'o2', 'o4', 'o1']);
      assert.deepEqual(await find({ states: ['ACTIVE', 'FAILED'] }), ['o2', 'o4']);
      assert.deepEqual(await find({ agent: { source: 'o', externalId: '1' }, startedAfter: at(1) }), ['o2']);
      const one = { source: 'o', externalId: '1' };
      const two = { source: 'o', externalId: '2' };
      const overlapping = await store.blackouts.overlapping([
        { agent: one, from: at(9), to: at(20) },
        { agent: one, from: at(9), to: null },
        { agent: one, from: at(10), to: at(20) },
        { agent: two, from: at(0), to: at(60) },
        { agent: { source: 'o', externalId: '3' }, from: at(0), to: null },
      ]);
      assert.deepEqual(overlapping.map(ids), [['o1'], ['o1', 'o2'], [], ['o4', 'o3'], []]);
      assert.deepEqual(await store.blackouts.overlapping([]), []);
    });

    test('an idempotency key is used once a caller, however many ask at once', async () => {
      const { store } = subject;
      const rows = Array.from({ length: 8 }, (_, index) => command(`k${index}`, { idempotencyKey: 'key', source: 'idem' }));
      const answers = await Promise.all(rows.map((row) => store.transaction((open) => open.commands.insert(row))));
      const winner = answers.find((answer) => answer.inserted)!.row;
      assert.equal(answers.filter((answer) => answer.inserted).length, 1);
      for (const answer of answers) assert.equal(answer.row.id, winner.id);
      assert.deepEqual(await store.commands.ofKey('board', 'key'), winner);
      assert.equal(await store.commands.ofKey('someone', 'key'), null);
      assert.equal(
        (await store.commands.insert(command('k9', { requestedBy: 'someone', idempotencyKey: 'key', source: 'idem' }))).inserted,
        true,
      );
      for (const id of ['n1', 'n2']) assert.equal((await store.commands.insert(command(id, { source: 'idem' }))).inserted, true);
      assert.equal(await store.commands.count({ sources: ['idem'] }, 10_000), 4);
    });

    test('commands are updated, filtered, and found by their blackout', async () => {
      const { store } = subject;
      const done = { status: 'CONFIRMED', completedAt: at(5) } as const;
      const rows = [
        command('c1', { source: 'c', operation: 'START_BLACKOUT', blackout: 'b', requestedAt: at(1) }),
        command('c2', { source: 'c', operation: 'STOP_BLACKOUT', blackout: 'b', requestedAt: at(2), status: 'ACCEPTED' }),
        command('c3', { source: 'c', agent: '292', requestedBy: 'other', requestedAt: at(3) }),
      ];
      for (const row of rows) await store.commands.insert(row);
      assert.deepEqual(ids(await store.commands.open(['c'])), ['c1', 'c2', 'c3']);
      await store.commands.update({ ...rows[0]!, ...done });
      assert.deepEqual(await store.commands.byIds(['none', 'c1']), [null, { ...rows[0]!, ...done }]);
      assert.deepEqual(ids(await store.commands.open(['c'])), ['c2', 'c3']);
      assert.deepEqual(ids(await store.commands.openOf('c', ['292', 'none'])), ['c3']);
      assert.deepEqual(ids(await store.commands.openOf('c', ['291', '292'])), ['c2', 'c3']);
      assert.deepEqual(await store.commands.openOf('other', ['292']), []);
      assert.deepEqual((await store.commands.ofBlackouts(['none', 'b'])).map(ids), [[], ['c1', 'c2']]);
      const find = async (filter: Parameters<typeof store.commands.count>[0]) => {
        const [page] = await store.commands.pages([{ filter: { sources: ['c'], ...filter }, first: 9, after: null }]);
        return ids(page!.items);
      };
      assert.deepEqual(await find({}), ['c3', 'c2', 'c1']);
      assert.deepEqual(await find({ operations: ['START_BLACKOUT', 'STOP_BLACKOUT'] }), ['c2', 'c1']);
      assert.deepEqual(await find({ operations: ['START_BLACKOUT'], statuses: ['CONFIRMED', 'PENDING'] }), ['c1']);
      assert.deepEqual(await find({ statuses: ['PENDING'] }), ['c3']);
      assert.deepEqual(await find({ requestedBy: 'other' }), ['c3']);
      assert.deepEqual(await find({ agent: { source: 'c', externalId: '291' }, requestedBefore: at(2) }), ['c1']);
      assert.deepEqual(await find({ requestedAfter: at(2), requestedBefore: at(3) }), ['c2']);
    });
  });
}
