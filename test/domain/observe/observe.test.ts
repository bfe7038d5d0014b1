/** Fold, commit, tell: over a real store, with live state that reads live state. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { randomIds } from '../../../src/clock.ts';
import { createHub } from '../../../src/domain/hub.ts';
import type { LiveEvent } from '../../../src/domain/model/entities.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { createObserve } from '../../../src/domain/observe/observe.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { createEventFeed } from '../../../src/domain/stream/event-feed.ts';
import { openStore } from '../../../src/storage/index.ts';
import { fuzzRuns } from '../../fuzz/runs.ts';
import { createListLog } from '../../support/list-log.ts';
import { createLocalBus } from '../../support/local-bus.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const create = async (change: (store: Store) => Store = (store) => store, clock = createManualClock(), kept?: Store) => {
  const opened = kept ?? (await openStore('sqlite::memory:', { clock, ids: randomIds }));
  const store = change(opened);
  const liveState = createLiveState();
  const told: LiveEvent[] = [];
  const hub = createHub();
  createEventFeed({
    hub,
    store: opened,
    bus: createLocalBus().open(),
    clock,
    log: createListLog().log,
    startAt: (await opened.events.bounds()).last,
    lookEveryMs: null,
    apply: (events) => {
      liveState.apply(events);
      told.push(...events);
    },
  });
  const { observe } = createObserve({
    store,
    clock,
    liveState,
    emit: hub.emit,
    takesCommands: () => false,
    isAwaited: () => false,
    onObserved: async () => [],
  });
  return { clock, store: opened, liveState, told, observe };
};

const sight = (agent: string, call: string | null): Observation[] => [
  { type: 'agent', agent: { externalId: agent, status: call === null ? 'IDLE' : 'ON_CALL', activeCall: call, inactiveCalls: [] } },
  ...(call === null ? [] : ([{ type: 'call', call: { externalId: call, state: 'ACTIVE', agents: [agent] } }] satisfies Observation[])),
  { type: 'presence', agent, calls: call === null ? [] : [call], recordings: [] },
];

describe('the same list again', () => {
  const lists: readonly { observations: readonly Observation[]; complete: boolean }[] = [
    { observations: [...sight('1', 'a'), ...sight('2', null)], complete: true },
    { observations: [...sight('1', null), ...sight('2', 'a')], complete: true },
    { observations: sight('2', 'b'), complete: true },
    { observations: sight('1', 'a'), complete: false },
    { observations: [{ type: 'call', call: { externalId: 'a', state: 'ENDED', agents: ['1'] } }], complete: false },
  ];

  it('changes nothing else than a copy of it would, in whatever order and as late as lists come', async () => {
    const step = fc.record({ list: fc.nat({ max: lists.length - 1 }), passMs: fc.nat({ max: 2 }), lateMs: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const [same, copied] = [await create(), await create()];
        for (const { list, passMs, lateMs } of steps) {
          const { observations, complete } = lists[list]!;
          for (const harness of [same, copied]) {
            await harness.clock.advance(passMs);
            const batch = { observations: harness === same ? observations : structuredClone(observations), complete };
            await harness.observe('hq', { ...batch, asOfMs: harness.clock.now() - lateMs });
          }
        }
        assert.deepEqual(same.told, copied.told);
        assert.deepEqual(same.liveState.agentsOf('hq'), copied.liveState.agentsOf('hq'));
        assert.deepEqual(same.liveState.liveCallsOf('hq'), copied.liveState.liveCallsOf('hq'));
        await Promise.all([same.store.close(), copied.store.close()]);
      }),
      { numRuns: 60 },
    );
  });

  it('is not looked up in the store again until something of its source changes', async () => {
    let transactions = 0;
    const { clock, store, liveState, observe } = await create((opened) => ({
      ...opened,
      transaction: (work) => {
        transactions += 1;
        return opened.transaction(work);
      },
    }));
    const ended: Observation[] = [{ type: 'call', call: { externalId: 'z', state: 'ENDED', agents: ['1'] } }];
    for (let times = 0; times < 4; times += 1) {
      await clock.advance(1000);
      await observe('hq', { observations: ended, asOfMs: clock.now() });
    }
    assert.equal(transactions, 2, 'once to keep it, once to find that it is kept');
    await observe('hq', { observations: sight('1', 'a'), asOfMs: clock.now() });
    await clock.advance(1000);
    await observe('hq', { observations: ended, asOfMs: clock.now() });
    assert.equal(transactions, 4);
    assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.activeCall, 'a');
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
