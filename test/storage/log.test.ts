import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { verifyAudit } from '../../src/storage/verify-audit.ts';
import { agent, allStores, at, createPostgres, event, type StoreUnderTest, sharedStores } from './stores.ts';

test('PostgreSQL: readers of the log go on with what has a position where none can be given', async (t) => {
  const subject = await createPostgres();
  t.after(() => subject.close());
  const { store, tamper } = subject;
  const keys = async () => (await store.events.after(0, 10)).map(({ key }) => key);
  await store.events.append([event('before')]);
  assert.deepEqual(await keys(), ['before']);
  await tamper('alter table journal rename to elsewhere');
  await store.events.append([event('meanwhile')]);
  assert.deepEqual(await keys(), ['before']);
  await assert.rejects(store.assignPositions(), /journal/);
  await tamper('alter table elsewhere rename to journal');
  assert.deepEqual(await keys(), ['before', 'meanwhile']);
});

for (const [name, create] of allStores) {
  test(`${name}: old events are deleted in small steps, between which others write`, async (t) => {
    const subject = await create();
    t.after(() => subject.close());
    const { store } = subject;
    for (let batch = 0; batch < 10; batch += 1) {
      await store.events.append(Array.from({ length: 1_000 }, (_, index) => event(`old-${batch}-${index}`, { at: at(0) })));
    }
    let isTrimmed = false;
    const trimming = store.events.trim(at(1), 1_000_000).then((deleted) => {
      isTrimmed = true;
      return deleted;
    });
    const trimmedAt: number[] = [];
    while (!isTrimmed) {
      await store.vendorState('hq').put('between', trimmedAt.length);
      trimmedAt.push((await store.events.bounds()).trimmedTo);
    }
    assert.equal(await trimming, 10_000);
    assert.equal((await store.events.bounds()).trimmedTo, 10_000);
    assert.ok(new Set(trimmedAt).size >= 3, `a writer came in between ${trimmedAt.join(', ')}`);
  });

  test(`${name}: old receipts are deleted in small steps, between which others write`, async (t) => {
    const subject = await create();
    t.after(() => subject.close());
    const { store } = subject;
    for (let batch = 0; batch < 20; batch += 1) {
      const pushes = Array.from({ length: 500 }, (_, index) => `push-${batch}-${index}`);
      await store.receipts.add('desk', pushes, at(batch));
    }
    let isTrimmed = false;
    const trimming = store.receipts.trim(at(19)).then(() => {
      isTrimmed = true;
    });
    let between = 0;
    while (!isTrimmed) {
      await store.vendorState('hq').put('between', between);
      between += 1;
    }
    await trimming;
    // Where only one writes at a time, whoever waits comes behind a step; the others wait for none.
    if (name !== 'PostgreSQL') assert.ok(between >= 4, `a writer came in between ${between} times`);
    assert.equal((await store.receipts.add('desk', ['push-18-0', 'push-19-0'], at(20))).has('push-19-0'), false);
    assert.equal((await store.receipts.add('desk', ['push-17-499'], at(20))).size, 1);
  });

  test(`${name}: of any log the oldest go that are too old or too many`, async (t) => {
    const subject = await create();
    t.after(() => subject.close());
    const { events } = subject.store;
    /** The minutes of all that was ever appended, and how many of them are trimmed. */
    const all: number[] = [];
    let trimmed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 30 }), fc.nat(9), fc.nat(35), async (minutes, since, keepRows) => {
        await events.append(minutes.map((minute, index) => event(String(all.length + index), { at: at(minute) })));
        all.push(...minutes);
        const tooMany = Math.max(trimmed, all.length - keepRows);
        const young = all.findIndex((minute, index) => index >= tooMany && minute >= since);
        const gone = young === -1 ? all.length : young;
        assert.equal(await events.trim(at(since), keepRows), gone - trimmed);
        trimmed = gone;
        assert.equal((await events.bounds()).trimmedTo, gone);
        const left = await events.after(0, 100);
        assert.deepEqual(
          left.map(({ key }) => Number(key)),
          [...all.keys()].slice(gone),
        );
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  describe(`the event log in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
    });
    after(() => subject.close());

    test('bounds of a log that was never written to', async () => {
      assert.deepEqual(await subject.store.events.bounds(), { last: 0, trimmedTo: 0 });
      assert.equal(await subject.store.events.trim(at(0), 10), 0);
      await subject.store.events.append([]);
      assert.deepEqual(await subject.store.events.after(0, 10), []);
    });

    test('ids grow by commit order, without holes where a transaction failed', async () => {
      const { store } = subject;
      const works = Array.from({ length: 30 }, (_, index) =>
        store
          .transaction(async (open) => {
            await open.agents.put([agent(String(index))]);
            await open.events.append([event(String(index))]);
            if (index % 3 === 0) throw new Error('no');
            return String(index);
          })
          .catch(() => null),
      );
      const given = (await Promise.all(works)).filter((key) => key !== null).sort();
      const rows = await store.events.after(0, 100);
      assert.deepEqual(
        rows.map((row) => row.id),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      assert.deepEqual(rows.map((row) => row.key).sort(), given);
      assert.deepEqual(await store.agents.byKeys([{ source: 'hq', externalId: '0' }]), [null]);
    });

    test('reading on from an id, up to a limit', async () => {
      const { store } = subject;
      const { last } = await store.events.bounds();
      const events = [
        event('a', { at: at(1), previous: 'IDLE', state: agent('a', { name: 'ü', inactiveCalls: ['b', 'ö'] }) }),
        event('b', { at: at(2), warning: 'STOP_FAILING' }),
        event('c', { at: at(3) }),
      ];
      await store.events.append(events);
      const appended = events.map((one, index) => ({ id: last + 1 + index, ...one }));
      assert.deepEqual(await store.events.after(last, 10), appended);
      assert.deepEqual(await store.events.after(last, 1), appended.slice(0, 1));
      assert.deepEqual(await store.events.after(last + 3, 10), []);
    });

    test('retention by age and by rows, and what was trimmed is reported', async () => {
      const { store } = subject;
      const { last } = await store.events.bounds();
      assert.equal(await store.events.trim(at(2), 1_000), last - 2);
      assert.deepEqual(await store.events.bounds(), { last, trimmedTo: last - 2 });
      assert.equal(await store.events.trim(at(0), 1), 1);
      assert.deepEqual(await store.events.bounds(), { last, trimmedTo: last - 1 });
      assert.equal(await store.events.trim(at(59), 1_000), 1);
      assert.deepEqual(await store.events.bounds(), { last, trimmedTo: last });
      await store.events.append([event('d')]);
      assert.deepEqual(await store.events.bounds(), { last: last + 1, trimmedTo: last });
    });

    test('leases, receipts, dead letters and what a source keeps', async () => {
      const { store } = subject;
      const { leases } = store;
      const take = (holder: string, ttlMs: number) => leases.acquire('observe:hq', holder, ttlMs);
      const pass = async (ms: number) => {
        await subject.clock.advance(ms);
        // A database of its own has a time of its own.
        if (name === 'PostgreSQL') await new Promise((resolve) => setTimeout(resolve, ms));
      };
      assert.equal(await take('one', 60_000), true);
      assert.equal(await take('two', 60_000), false);
      assert.deepEqual([await store.holdsLease('observe:hq', 'one'), await store.holdsLease('observe:hq', 'two')], [true, false]);
      assert.equal(await take('one', 50), true, 'its holder may shorten it');
      await pass(60);
      await store.transaction(async (open) => assert.equal(await open.holdsLease('observe:hq', 'one'), false, 'it has run out'));
      assert.equal(await take('two', 60_000), true);
      await leases.release('observe:hq', 'one');
      assert.equal(await take('one', 60_000), false);
      await leases.release('observe:hq', 'two');
      const takers = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => take(holder, 60_000)));
      assert.equal(takers.filter(Boolean).length, 1);

      const twice = await Promise.all([store.receipts.add('hq', ['push-1'], at(1)), store.receipts.add('hq', ['push-1'], at(1))]);
      assert.deepEqual(twice.map(({ size }) => size).sort(), [0, 1]);
      const many = Array.from({ length: 300 }, (_, number) => `push-${number % 280}`);
      assert.equal((await store.receipts.add('hq', many, at(1))).size, 279, 'of 280 one is known');
      assert.deepEqual([...(await store.receipts.add('desk', ['push-1'], at(3)))], ['push-1']);
      await store.receipts.trim(at(3));
      assert.deepEqual([...(await store.receipts.add('hq', ['push-1'], at(4)))], ['push-1']);
      assert.equal((await store.receipts.add('desk', ['push-1'], at(4))).size, 0);

      await store.deadLetters.add({ source: 'hq', at: at(1), reason: 'not JSON', body: '<html>\u0000' });
      assert.deepEqual([await store.deadLetters.count('hq'), await store.deadLetters.count('desk')], [1, 0]);

      const [letter] = await store.deadLetters.list(10);
      assert.deepEqual([letter!.source, letter!.at, letter!.reason, letter!.body], ['hq', at(1), 'not JSON', '<html>\ufffd']);
      assert.deepEqual(await store.deadLetters.byId(letter!.id), letter);
      await store.deadLetters.remove(letter!.id);
      assert.deepEqual([await store.deadLetters.byId(letter!.id), await store.deadLetters.list(10)], [null, []]);

      const state = store.vendorState('hq');
      assert.equal(await state.get('cursor'), null);
      await state.put('cursor', { page: 1 });
      await state.put('cursor', { page: 2 });
      assert.deepEqual(await state.get('cursor'), { page: 2 });
      assert.equal(await store.vendorState('desk').get('cursor'), null);
      await Promise.all(Array.from({ length: 20 }, () => state.update('count', (value) => ((value as number | null) ?? 0) + 1)));
      assert.equal(await state.get('count'), 20);
      await state.delete('cursor');
      assert.equal(await state.get('cursor'), null);
      await store.ping();
    });
  });
}

for (const [name, create] of sharedStores) {
  describe(`the audit trail in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
    });
    after(() => subject.close());
    const entry = (number: number) => ({ at: at(number), actor: 'board', action: 'media.linked', subject: { z: number, a: ['ü', null] } });

    test('a trail that many wrote to at once, from two servers, is whole', async () => {
      const { store } = subject;
      const other = await subject.open();
      assert.deepEqual(await verifyAudit(store), { rows: 0, fault: null });
      await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? store : other).audit.append([entry(index), entry(index)])));
      assert.deepEqual(await verifyAudit(store), { rows: 80, fault: null });
      const rows = await store.audit.rows(78, 10);
      assert.deepEqual(
        rows.map((row) => row.sequence),
        [79, 80],
      );
      assert.equal(rows[1]!.previousHash, rows[0]!.hash);
      assert.deepEqual(await store.audit.head(), { sequence: 80, hash: rows[1]!.hash });
    });

    test('a changed, moved or missing row is found', async () => {
      const { store, tamper } = subject;
      const faultOf = async () => (await verifyAudit(store)).fault;
      await tamper("update audit set actor = 'nobody' where sequence = 40");
      assert.deepEqual(await verifyAudit(store), { rows: 39, fault: { sequence: 40, what: 'changed' } });
      await tamper("update audit set actor = 'board' where sequence = 40");
      assert.equal(await faultOf(), null);

      await tamper('update audit set sequence = 1000 where sequence = 10');
      assert.deepEqual(await faultOf(), { sequence: 10, what: 'missing' });
      await tamper('update audit set sequence = 10 where sequence = 20');
      await tamper('update audit set sequence = 20 where sequence = 1000');
      assert.deepEqual(await faultOf(), { sequence: 10, what: 'reordered' });
      await tamper('update audit set sequence = 1000 where sequence = 10');
      await tamper('update audit set sequence = 10 where sequence = 20');
      await tamper('update audit set sequence = 20 where sequence = 1000');
      assert.equal(await faultOf(), null);

      await tamper('delete from audit where sequence >= 79');
      assert.deepEqual(await faultOf(), { sequence: 79, what: 'missing' });
    });
  });
}

for (const [name, create] of sharedStores) {
  test(`${name}: an event whose document does not name its type is read with it`, async (t) => {
    const subject = await create();
    t.after(() => subject.close());
    const { store, tamper } = subject;
    await store.events.append([event('291')]);
    assert.equal((await store.events.after(0, 10)).length, 1);
    const [{ data }] = (await tamper('select data from events')) as [{ data: string }];
    const { entityType, ...rest } = JSON.parse(data) as Record<string, unknown>;
    assert.equal(entityType, 'agent');
    await tamper(`update events set data = '${JSON.stringify(rest)}'`);
    const [read] = await store.events.after(0, 10);
    assert.deepEqual(read, { ...event('291'), id: 1 });
  });
}
