/** A clock that was an hour ahead and is set right leaves nothing frozen, and no deadline an hour late. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomIds } from '../../src/clock.ts';
import { datedBack } from '../../src/domain/blackout/future-dated.ts';
import type { Blackout } from '../../src/domain/model/entities.ts';
import { instant } from '../../src/domain/model/instant.ts';
import { createLiveState } from '../../src/domain/observe/live-state.ts';
import { createObserve } from '../../src/domain/observe/observe.ts';
import { openStore } from '../../src/storage/index.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { agent1, alice, createDomainHarness } from './support/domain-harness.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 5, 9, 0, 0);
const at = (ms: number) => instant(nowMs + ms);

const row = (patch: Partial<Blackout>): Blackout => ({
  id: 'b1',
  source: 'hq',
  agent: '1',
  state: 'ACTIVE',
  confirmation: 'ACCEPTED',
  acceptedAt: at(hourMs + 200),
  support: 'NATIVE',
  reason: 'CARD_PAYMENT',
  note: null,
  requestedBy: 'crm',
  requestedAt: at(hourMs),
  startsAt: at(hourMs),
  stopsAt: null,
  deadline: at(hourMs + 300_000),
  endedAt: null,
  endedBy: null,
  exposures: [{ recording: 'r1', startsAt: at(hourMs + 100), endsAt: null }],
  warnings: [],
  interrupted: [],
  version: 1,
  ...patch,
});

test('a blackout in force since a moment yet to come begins now and keeps its length', () => {
  assert.deepEqual(datedBack(row({}), nowMs), {
    startsAt: at(0),
    deadline: at(300_000),
    stopsAt: null,
    exposures: [{ recording: 'r1', startsAt: at(100), endsAt: null }],
    acceptedAt: at(200),
  });
});

test('a scheduled one, and what clocks of several servers may differ by, stay as they are', () => {
  assert.equal(datedBack(row({ state: 'SCHEDULED' }), nowMs), null);
  assert.equal(datedBack(row({ startsAt: at(4000) }), nowMs), null);
  assert.equal(datedBack(row({ startsAt: at(-hourMs) }), nowMs), null);
});

test('the scheduler dates such a row back, and the deadline comes when its length is over', async () => {
  const one = await createDomainHarness({ support: 'NATIVE' });
  one.jump(hourMs);
  await one.server.show();
  await one.finish(one.server.control.startBlackout({ agent: agent1, reason: 'CARD_PAYMENT' }, alice, 'c1'));
  const [begun] = await one.blackouts();
  assert.ok(Date.parse(begun!.startsAt) - one.clock.now() > hourMs / 2, 'it began by the wrong clock');
  const lengthMs = Date.parse(begun!.deadline) - Date.parse(begun!.startsAt);
  one.jump(-hourMs);
  await one.pass(6000);
  const [before] = await one.blackouts();
  assert.ok(Date.parse(before!.startsAt) <= one.clock.now(), before!.startsAt);
  assert.equal(Date.parse(before!.deadline) - Date.parse(before!.startsAt), lengthMs);
  await one.pass(lengthMs + 10_000);
  assert.notEqual((await one.blackouts())[0]!.state, 'ACTIVE', 'the stop at the deadline was sent');
  await one.close();
});

test('what a clock that was ahead has stored hides nothing that is seen now, after a restart', async () => {
  const clock = createManualClock(nowMs);
  const store = await openStore('sqlite::memory:', { clock, ids: randomIds });
  const run = async () => {
    const liveState = createLiveState();
    await liveState.load(store, ['hq']);
    liveState.clampTo(clock.now());
    const { observe } = createObserve({
      store,
      clock,
      liveState,
      emit: async () => liveState.apply(await store.events.after(liveState.position(), 100)),
      takesCommands: () => false,
      isAwaited: () => false,
      onObserved: async () => [],
    });
    const show = (status: 'ON_CALL' | 'IDLE') =>
      observe('hq', { observations: [{ type: 'agent', agent: { externalId: '1', status } }], asOfMs: clock.now(), complete: true });
    return { liveState, show, agent: () => liveState.agent({ source: 'hq', externalId: '1' })! };
  };
  clock.set(hourMs);
  const ahead = await run();
  await ahead.show('ON_CALL');
  clock.set(-hourMs);
  ahead.liveState.clampTo(clock.now());
  await clock.advance(1000);
  await ahead.show('IDLE');
  assert.deepEqual([ahead.agent().status, ahead.agent().observedAt], ['IDLE', instant(clock.now())]);

  clock.set(hourMs);
  await ahead.show('ON_CALL');
  clock.set(-hourMs);
  const restarted = await run();
  assert.ok(restarted.agent().observedAt! <= instant(clock.now()));
  await clock.advance(1000);
  await restarted.show('IDLE');
  assert.deepEqual([restarted.agent().status, restarted.agent().observedAt], ['IDLE', instant(clock.now())]);
  await store.close();
});
