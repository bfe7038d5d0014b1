/** Fold, commit, tell: over a real store, with live state that reads live state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createHub } from '../../../src/domain/hub.ts';
import type { LiveEvent } from '../../../src/domain/model/entities.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { createObserve } from '../../../src/domain/observe/observe.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { createEventFeed } from '../../../src/domain/stream/event-feed.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { fuzzRuns } from '../../fuzz/runs.ts';
import { createListLog } from '../../support/list-log.ts';
import { createLocalBus } from '../../support/local-bus.ts';

const create = async (change: (store: Store) => Store = (store) => store, clock = createManualClock(), kept?: Store) => {
  const opened = kept ?? (await openStore('sqlite::memory:', { clock, ids: randomIds }));
  const store = change(opened);
  const liveState = createLiveState();
  const told: LiveEvent[] = [];
  const hub = createHub();
  const { observe, onEvents } = createObserve({
    store,
    clock,
    liveState,
    emit: hub.emit,
    takesCommands: () => false,
    awaited: () => [],
    noteJudged: () => undefined,
    onObserved: async () => [],
  });
  createEventFeed({
    hub,
    store: opened,
    bus: createLocalBus().open(),
    clock,
    log: createListLog().log,
    startAt: (await opened.events.bounds()).last,
    pollEveryMs: null,
    apply: (events) => {
      liveState.apply(events);
      onEvents(events);
      told.push(...events);
    },
  });
  return { clock, store: opened, liveState, told, observe };
};

const sight = (agent: string, call: string | null): Observation[] => [
  { type: 'agent', agent: { externalId: agent, status: call === null ? 'IDLE' : 'ON_CALL', activeCall: call, inactiveCalls: [] } },
  ...(call === null ? [] : ([{ type: 'call', call: { externalId: call, state: 'ACTIVE', agents: [agent] } }] satisfies Observation[])),
  { type: 'liveness', agent, calls: call === null ? [] : [call], recordings: [] },
];

describe('a complete answer of the same bytes as one that live state says already', () => {
  const lists: readonly (readonly Observation[])[] = [
    [...sight('1', 'a'), ...sight('2', null)],
    [...sight('1', null), ...sight('2', 'a')],
    [{ type: 'unreadable', agent: '1' }, ...sight('2', 'a')],
    sight('2', 'b'),
  ];
  const others: readonly (readonly Observation[])[] = [
    sight('1', 'a'),
    sight('1', null),
    [{ type: 'call', call: { externalId: 'a', state: 'ENDED', agents: ['1'] } }],
    [{ type: 'agent', agent: { externalId: '2', status: 'BREAK' } }],
  ];

  it('changes nothing else than the same answer in full would, whatever others show in between and as late as it comes', async () => {
    const step = fc.record({
      list: fc.nat({ max: lists.length - 1 }),
      stays: fc.boolean(),
      other: fc.option(fc.nat({ max: others.length - 1 })),
      passMs: fc.nat({ max: 2 }),
      lateMs: fc.nat({ max: 3 }),
      contact: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const [marked, full] = [await create(), await create()];
        let last: number | null = null;
        for (const { list, stays, other, passMs, lateMs, contact } of steps) {
          const next: number = stays && last !== null ? last : list;
          for (const harness of [marked, full]) {
            await harness.clock.advance(passMs);
            const asOfMs = harness.clock.now() - lateMs;
            if (other !== null) await harness.observe('hq', { observations: others[other]!, asOfMs });
            else {
              const batch = { observations: lists[next]!, asOfMs, complete: true, contact };
              await harness.observe('hq', harness === marked ? { ...batch, unchanged: next === last } : batch);
            }
          }
          if (other === null) last = next;
        }
        assert.deepEqual(marked.told, full.told);
        assert.deepEqual(marked.liveState.agentsOf('hq'), full.liveState.agentsOf('hq'));
        assert.deepEqual(marked.liveState.liveCallsOf('hq'), full.liveState.liveCallsOf('hq'));
        await Promise.all([marked.store.close(), full.store.close()]);
      }),
      fuzzRuns(2),
    );
  });

  it('is neither written nor looked up until something of its source changes', async () => {
    let transactions = 0;
    let reads = 0;
    const { clock, store, liveState, observe } = await create((opened) => ({
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
    const ended: Observation[] = [...sight('1', null), { type: 'call', call: { externalId: 'z', state: 'ENDED', agents: ['1'] } }];
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
    await observe('hq', { observations: sight('1', 'a'), asOfMs: clock.now() });
    await poll();
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.activeCall, null);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.observedAt, instant(clock.now()));
    await store.close();
  });

  it('is read in full where the one before it could not be committed', async () => {
    let fails = false;
    const { clock, store, liveState, observe } = await create((opened) => ({
      ...opened,
      transaction: (work) => (fails ? Promise.reject(new Error('disk full')) : opened.transaction(work)),
    }));
    const list = async (observations: readonly Observation[], unchanged: boolean) => {
      await clock.advance(1000);
      await observe('hq', { observations, asOfMs: clock.now(), complete: true, unchanged });
    };
    await list(sight('1', null), false);
    await list(sight('1', null), true);
    fails = true;
    const failed = list(sight('1', 'a'), false);
    await assert.rejects(failed, /disk full/);
    fails = false;
    await list(sight('1', 'a'), true);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.activeCall, 'a');
    await store.close();
  });
});

describe('a row that another server has written meanwhile', () => {
  it('is what the batch is reduced into, not what live state believes', async () => {
    const one = await create();
    const other = await create((store) => store, one.clock, one.store);
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
    const { clock, store, liveState, observe } = await create();
    const agent = () => liveState.agent({ source: 'hq', externalId: '1' })!;
    const shownMs = clock.now();
    await observe('hq', { observations: sight('1', 'a'), asOfMs: shownMs, complete: true });
    await clock.advance(1000);
    await observe('hq', { observations: [{ type: 'unreadable', agent: '1' }], asOfMs: clock.now(), complete: true });
    assert.deepEqual(
      [agent().status, agent().activeCall, agent().observedAt, agent().absentSince],
      ['UNKNOWN', 'a', instant(shownMs), null],
    );
    await clock.advance(1000);
    await observe('hq', { observations: [], asOfMs: clock.now(), complete: true });
    assert.deepEqual(
      [agent().status, agent().activeCall, agent().observedAt, agent().absentSince],
      ['UNKNOWN', null, instant(shownMs), instant(clock.now())],
    );
    await clock.advance(1000);
    await observe('hq', { observations: sight('1', null), asOfMs: clock.now(), complete: true });
    assert.deepEqual([agent().status, agent().observedAt, agent().absentSince], ['IDLE', instant(clock.now()), null]);
    await store.close();
  });
});

describe('a storm of pushes', () => {
  const pushes: readonly (readonly Observation[])[] = [
    [{ type: 'recording', recording: { externalId: 't1', state: 'RECORDING', agent: '1', call: 'a' } }],
    [{ type: 'recording', recording: { externalId: 'r1', formerId: 't1', state: 'AVAILABLE', agent: '1', call: 'a' } }],
    [{ type: 'recording', recording: { externalId: 'r1', state: 'EXPIRED' } }],
    [{ type: 'recording', recording: { externalId: 'r2', state: 'AVAILABLE', agent: '2', call: 'a' } }],
    [{ type: 'call', call: { externalId: 'a', state: 'ENDED', agents: ['1'], endedAt: instant(1) } }],
    [
      { type: 'agent', agent: { externalId: '1', status: 'ON_CALL', activeCall: 'a', inactiveCalls: [] } },
      { type: 'call', call: { externalId: 'a', state: 'ACTIVE', agents: ['1', '2'] } },
    ],
    [{ type: 'agent', agent: { externalId: '1', status: 'IDLE', activeCall: null, inactiveCalls: [] } }],
    sight('1', 'b'),
    [],
  ];

  it('leaves what each of them leaves by itself, and tells the same', async () => {
    const push = fc.record({
      observations: fc.constantFrom(...pushes),
      lateMs: fc.nat({ max: 3 }),
      receipt: fc.option(fc.constantFrom('one', 'two', 'three', 'four'), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(push, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 }), async (storms) => {
        const rows = async (together: boolean) => {
          const { clock, store, told, observe } = await create();
          for (const storm of storms) {
            await clock.advance(2);
            const observing: Promise<void>[] = [];
            for (const { observations, lateMs, receipt } of storm) {
              const one = observe('desk', { observations, asOfMs: clock.now() - lateMs, ...(receipt === undefined ? {} : { receipt }) });
              observing.push(one);
              if (!together) await one;
            }
            await Promise.all(observing);
          }
          const all = { filter: {}, first: 50, after: null };
          const [calls] = await store.calls.pages([all]);
          const [recordings] = await store.recordings.pages([all]);
          const kept = { told, agents: await store.agents.all(['desk']), calls: calls!.items, recordings: recordings!.items };
          await store.close();
          return kept;
        };
        assert.deepEqual(await rows(true), await rows(false));
      }),
      fuzzRuns(1.5),
    );
  });
});

describe('a server whose clock is behind that of the one before', () => {
  it('takes what its list shows for news once its time has come', async () => {
    const first = await create();
    await first.clock.advance(3000);
    await first.observe('hq', { observations: sight('1', 'a'), asOfMs: first.clock.now(), complete: true });

    const second = await create((store) => store, createManualClock(), first.store);
    await second.liveState.load(first.store, ['hq']);
    const list = sight('1', null);
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
    const { clock, store, liveState, told, observe } = await create();
    const asOfMs = clock.now();
    await observe('hq', { observations: sight('1', 'a'), asOfMs, complete: true });
    assert.deepEqual(
      told.map(({ entityType, key, previous }) => [entityType, key, previous]),
      [
        ['agent', '1', null],
        ['call', 'a', null],
      ],
    );
    assert.deepEqual(await store.events.after(0, 10), told);
    await observe('hq', { observations: sight('1', 'a'), asOfMs: asOfMs + 2000, complete: true });
    assert.equal((await store.events.bounds()).last, told.length);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.observedAt, instant(asOfMs + 2000));
    assert.equal(liveState.lastContactMs('hq'), asOfMs + 2000);
    await store.close();
  });

  it('of everyone says of those left out that the vendor has nothing of them', async () => {
    const { clock, store, liveState, told, observe } = await create();
    await observe('hq', { observations: [...sight('1', 'a'), ...sight('2', null)], asOfMs: clock.now(), complete: true });
    await observe('hq', { observations: sight('2', null), asOfMs: clock.now() + 1000 });
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.status, 'ON_CALL', 'a part says nothing of the others');
    await observe('hq', { observations: [], asOfMs: clock.now() + 2000, complete: true });
    const gone = liveState.agent({ source: 'hq', externalId: '1' })!;
    assert.deepEqual([gone.status, gone.activeCall], ['UNKNOWN', null]);
    assert.equal(told.at(-1)!.entityType, 'call');
    assert.equal(liveState.call({ source: 'hq', externalId: 'a' }), null);
    assert.equal((await store.calls.byKeys([{ source: 'hq', externalId: 'a' }]))[0]!.state, 'ENDED');
    await store.close();
  });

  it('takes batches in the order in which they came, also when they wait for each other', async () => {
    const { clock, store, observe, liveState } = await create();
    const at = clock.now();
    await Promise.all(
      [null, 'a', 'b', null, 'c', null].map((call, index) =>
        observe('hq', { observations: sight('1', call), asOfMs: at + index, complete: true }),
      ),
    );
    const [page] = await store.calls.pages([{ filter: {}, first: 10, after: null }]);
    assert.deepEqual(page!.items.map(({ externalId, state }) => `${externalId} ${state}`).sort(), ['a ENDED', 'b ENDED', 'c ENDED']);
    assert.equal(liveState.liveCallsOf('hq').length, 0);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.status, 'IDLE');
    await store.close();
  });

  it('drops a delivery whose receipt is known', async () => {
    const { clock, store, told, observe } = await create();
    const batch = (status: 'IDLE' | 'BUSY') => ({
      observations: [{ type: 'agent', agent: { externalId: '1', status } }] satisfies Observation[],
      asOfMs: clock.now(),
      receipt: 'delivery-1',
    });
    await Promise.all([observe('desk', batch('IDLE')), observe('desk', batch('IDLE')), observe('desk', batch('BUSY'))]);
    assert.deepEqual(
      told.map(({ state }) => (state as { status: string }).status),
      ['IDLE'],
    );
    await store.close();
  });

  it('rejects what could not be committed, each batch for itself, and tells nothing of it', async () => {
    let broken = true;
    const { clock, store, told, liveState, observe } = await create((opened) => ({
      ...opened,
      transaction: (work) => (broken ? Promise.reject(new Error('disk full')) : opened.transaction(work)),
    }));
    const first = observe('hq', { observations: sight('1', 'a'), asOfMs: clock.now(), complete: true });
    await assert.rejects(first, /disk full/);
    assert.deepEqual([told.length, liveState.agentsOf('hq').length, liveState.lastContactMs('hq')], [0, 0, 0]);
    broken = false;
    await observe('hq', { observations: sight('1', 'a'), asOfMs: clock.now(), complete: true });
    assert.equal(told.length, 2);
    await store.close();
  });
});
