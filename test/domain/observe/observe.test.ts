/** Reduces, commits and reports observations over a real store, with live state that reads live state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { reportedAgent, startObserving } from '../support/observing.ts';

describe('a complete answer of the same bytes as one that live state says already', () => {
  it('is neither written nor looked up until something of its source changes', async () => {
    let transactions = 0;
    let reads = 0;
    const { clock, store, liveState, observe } = await startObserving((opened) => ({
      ...opened,
      calls: {
        ...opened.calls,
        byKeys: (keys) => {
          reads += 1;
          return opened.calls.byKeys(keys);
        },
      },
      transaction: (work) => {
        transactions += 1;
        return opened.transaction(work);
      },
    }));
    const ended: Observation[] = [...reportedAgent('1', null), { type: 'call', call: { externalId: 'z', state: 'ENDED', agents: ['1'] } }];
    let lookedInto = 0;
    let polls = 0;
    const poll = async () => {
      await clock.advance(1000);
      polls += 1;
      const batch = {
        get observations() {
          lookedInto += 1;
          return ended;
        },
        asOfMs: clock.now(),
        complete: true,
        unchanged: polls > 1,
      };
      await observe('hq', batch);
    };
    for (let times = 0; times < 2; times += 1) await poll();
    lookedInto = 0;
    for (let times = 0; times < 2; times += 1) await poll();
    assert.equal(lookedInto, 0);
    assert.equal(transactions, 1);
    assert.equal(reads, 2, 'once to find that it is new, once that it is kept');
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: clock.now() });
    await poll();
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.activeCall, null);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.observedAt, instant(clock.now()));
    await store.close();
  });

  it('is read in full where the one before it could not be committed', async () => {
    let fails = false;
    const { clock, store, liveState, observe } = await startObserving((opened) => ({
      ...opened,
      transaction: (work) => (fails ? Promise.reject(new Error('disk full')) : opened.transaction(work)),
    }));
    const list = async (observations: readonly Observation[], unchanged: boolean) => {
      await clock.advance(1000);
      await observe('hq', { observations, asOfMs: clock.now(), complete: true, unchanged });
    };
    await list(reportedAgent('1', null), false);
    await list(reportedAgent('1', null), true);
    fails = true;
    const failed = list(reportedAgent('1', 'a'), false);
    await assert.rejects(failed, /disk full/);
    fails = false;
    await list(reportedAgent('1', 'a'), true);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.activeCall, 'a');
    await store.close();
  });
});

describe('a row that another server has written meanwhile', () => {
  it('is what the batch is reduced into, not what live state believes', async () => {
    const one = await startObserving();
    const other = await startObserving((store) => store, one.clock, one.store);
    await one.observe('hq', { observations: [{ type: 'agent', agent: { externalId: '1', name: 'Ada' } }], asOfMs: one.clock.now() });
    await one.clock.advance(1000);
    await other.observe('hq', { observations: [{ type: 'agent', agent: { externalId: '1', phone: '5001' } }], asOfMs: one.clock.now() });
    const [agent] = await one.store.agents.byKeys([{ source: 'hq', externalId: '1' }]);
    assert.deepEqual([agent!.name, agent!.phone], ['Ada', '5001']);
    await one.store.close();
  });
});

describe('an agent that the complete list leaves out', () => {
  it('is no younger for it, is absent until it is listed again, and nothing of it is ended by an entry that cannot be read', async () => {
    const { clock, store, liveState, observe } = await startObserving();
    const agent = () => liveState.agent({ source: 'hq', externalId: '1' })!;
    const reportedMs = clock.now();
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: reportedMs, complete: true });
    await clock.advance(1000);
    await observe('hq', { observations: [{ type: 'unreadable', agent: '1' }], asOfMs: clock.now(), complete: true });
    assert.deepEqual(
      [agent().status, agent().activeCall, agent().observedAt, agent().absentSince],
      ['UNKNOWN', 'a', instant(reportedMs), null],
    );
    await clock.advance(1000);
    await observe('hq', { observations: [], asOfMs: clock.now(), complete: true });
    assert.deepEqual(
      [agent().status, agent().activeCall, agent().observedAt, agent().absentSince],
      ['UNKNOWN', null, instant(reportedMs), instant(clock.now())],
    );
    await clock.advance(1000);
    await observe('hq', { observations: reportedAgent('1', null), asOfMs: clock.now(), complete: true });
    assert.deepEqual([agent().status, agent().observedAt, agent().absentSince], ['IDLE', instant(clock.now()), null]);
    await store.close();
  });

  it('is absent no more once a list names it, though it shows nothing of it', async () => {
    const { clock, store, liveState, observe } = await startObserving();
    const reportedMs = clock.now();
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: reportedMs, complete: true });
    await clock.advance(1000);
    await observe('hq', { observations: [], asOfMs: clock.now(), complete: true });
    await clock.advance(1000);
    await observe('hq', { observations: [], asOfMs: clock.now(), complete: true, listed: ['1', '2'] });
    const { status, observedAt, absentSince } = liveState.agent({ source: 'hq', externalId: '1' })!;
    assert.deepEqual([status, observedAt, absentSince], ['UNKNOWN', instant(reportedMs), null]);
    assert.equal(liveState.agent({ source: 'hq', externalId: '2' }), null);
    await store.close();
  });
});

it('an agent whom the complete list names without a word about them is neither absent nor younger', async () => {
  const { clock, store, liveState, observe } = await startObserving();
  const reportedMs = clock.now();
  await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: reportedMs, complete: true });
  const before = liveState.agent({ source: 'hq', externalId: '1' });
  await clock.advance(1000);
  await observe('hq', { observations: [], asOfMs: clock.now(), complete: true, listed: ['1'] });
  assert.deepEqual(liveState.agent({ source: 'hq', externalId: '1' }), before);
  await store.close();
});

describe('a server whose clock is behind that of the one before', () => {
  it('takes what its list shows for news once its time has come', async () => {
    const first = await startObserving();
    await first.clock.advance(3000);
    await first.observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: first.clock.now(), complete: true });

    const second = await startObserving((store) => store, createManualClock(), first.store);
    await second.liveState.load(first.store, ['hq']);
    const list = reportedAgent('1', null);
    const statuses: string[] = [];
    for (let seconds = 0; seconds < 5; seconds += 1) {
      await second.clock.advance(1000);
      await second.observe('hq', { observations: list, asOfMs: second.clock.now(), complete: true });
      statuses.push(second.liveState.agent({ source: 'hq', externalId: '1' })!.status);
    }
    assert.deepEqual(statuses, ['ON_CALL', 'ON_CALL', 'IDLE', 'IDLE', 'IDLE']);
    await first.store.close();
  });
});

describe('observing', () => {
  it('commits rows with their events, tells them, and writes nothing for what is known', async () => {
    const { clock, store, liveState, reported, observe } = await startObserving();
    const asOfMs = clock.now();
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs, complete: true });
    assert.deepEqual(
      reported.map(({ entityType, key, previous }) => [entityType, key, previous]),
      [
        ['agent', '1', null],
        ['call', 'a', null],
      ],
    );
    assert.deepEqual(await store.events.after(0, 10), reported);
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: asOfMs + 2000, complete: true });
    assert.equal((await store.events.bounds()).last, reported.length);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.observedAt, instant(asOfMs + 2000));
    assert.equal(liveState.lastContactMs('hq'), asOfMs + 2000);
    await store.close();
  });

  it('of everyone says of those left out that the vendor has nothing of them', async () => {
    const { clock, store, liveState, reported, observe } = await startObserving();
    await observe('hq', { observations: [...reportedAgent('1', 'a'), ...reportedAgent('2', null)], asOfMs: clock.now(), complete: true });
    await observe('hq', { observations: reportedAgent('2', null), asOfMs: clock.now() + 1000 });
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.status, 'ON_CALL', 'a part says nothing of the others');
    await observe('hq', { observations: [], asOfMs: clock.now() + 2000, complete: true });
    const gone = liveState.agent({ source: 'hq', externalId: '1' })!;
    assert.deepEqual([gone.status, gone.activeCall], ['UNKNOWN', null]);
    assert.equal(reported.at(-1)!.entityType, 'call');
    assert.equal(liveState.call({ source: 'hq', externalId: 'a' }), null);
    assert.equal((await store.calls.byKeys([{ source: 'hq', externalId: 'a' }]))[0]!.state, 'ENDED');
    await store.close();
  });

  it('takes batches in the order in which they came, also when they wait for each other', async () => {
    const { clock, store, observe, liveState } = await startObserving();
    const at = clock.now();
    await Promise.all(
      [null, 'a', 'b', null, 'c', null].map((call, index) =>
        observe('hq', { observations: reportedAgent('1', call), asOfMs: at + index, complete: true }),
      ),
    );
    const [page] = await store.calls.pages([{ filter: {}, first: 10, after: null }]);
    assert.deepEqual(page!.items.map(({ externalId, state }) => `${externalId} ${state}`).sort(), ['a ENDED', 'b ENDED', 'c ENDED']);
    assert.equal(liveState.liveCallsOf('hq').length, 0);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.status, 'IDLE');
    await store.close();
  });

  it('drops a delivery whose receipt is known', async () => {
    const { clock, store, reported, observe } = await startObserving();
    const batch = (status: 'IDLE' | 'BUSY') => ({
      observations: [{ type: 'agent', agent: { externalId: '1', status } }] satisfies Observation[],
      asOfMs: clock.now(),
      receipt: 'delivery-1',
    });
    await Promise.all([observe('desk', batch('IDLE')), observe('desk', batch('IDLE')), observe('desk', batch('BUSY'))]);
    assert.deepEqual(
      reported.map(({ state }) => (state as { status: string }).status),
      ['IDLE'],
    );
    await store.close();
  });

  it('rejects what could not be committed, each batch for itself, and tells nothing of it', async () => {
    let broken = true;
    const { clock, store, reported, liveState, observe } = await startObserving((opened) => ({
      ...opened,
      transaction: (work) => (broken ? Promise.reject(new Error('disk full')) : opened.transaction(work)),
    }));
    const first = observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: clock.now(), complete: true });
    await assert.rejects(first, /disk full/);
    assert.deepEqual([reported.length, liveState.agentsOf('hq').length, liveState.lastContactMs('hq')], [0, 0, 0]);
    broken = false;
    await observe('hq', { observations: reportedAgent('1', 'a'), asOfMs: clock.now(), complete: true });
    assert.equal(reported.length, 2);
    await store.close();
  });
});
