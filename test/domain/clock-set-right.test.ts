/** A clock that was an hour ahead and is set right leaves nothing frozen, and no deadline an hour late. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datedBack } from '../../src/domain/blackout/future-dated.ts';
import type { Blackout } from '../../src/domain/model/entities.ts';
import { instant } from '../../src/domain/model/instant.ts';
import { createLiveState } from '../../src/domain/observe/live-state.ts';
import { createObserve } from '../../src/domain/observe/observe.ts';
import { randomIds } from '../../src/lib/clock.ts';
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
    requestedAt: at(0),
  });
});

test('a scheduled one, and what clocks of several servers may differ by, stay as they are', () => {
  const begun = { requestedAt: at(-hourMs), acceptedAt: at(-hourMs) };
  assert.equal(datedBack(row({ ...begun, state: 'SCHEDULED' }), nowMs), null);
  assert.equal(datedBack(row({ ...begun, startsAt: at(4000) }), nowMs), null);
  assert.equal(datedBack(row({ ...begun, startsAt: at(-hourMs) }), nowMs), null);
});

test('what happened to a blackout at a moment yet to come has happened now', () => {
  const begun = { requestedAt: at(-1000), startsAt: at(-1000), deadline: at(hourMs + 60_000), exposures: [] };
  const ahead = { sentAt: at(hourMs), acceptedAt: at(hourMs), warnings: [{ warning: 'UNCONFIRMED' as const, at: at(hourMs) }] };
  assert.deepEqual(datedBack(row({ ...begun, ...ahead }), nowMs), {
    sentAt: at(0),
    acceptedAt: at(0),
    deadline: at(60_000),
    warnings: [{ warning: 'UNCONFIRMED', at: at(0) }],
  });
  const stopped = row({ ...begun, state: 'STOPPING', acceptedAt: at(-500), endedBy: 'OPERATOR', stopsAt: at(hourMs) });
  assert.deepEqual(datedBack(stopped, nowMs), { stopsAt: at(0) });
  assert.deepEqual(datedBack(row({ ...begun, state: 'SCHEDULED', requestedAt: at(hourMs), acceptedAt: null }), nowMs), {
    requestedAt: at(0),
  });
});

test('a stop that was accepted by a clock that was ahead is confirmed by what is shown now', async (context) => {
  const one = await createDomainHarness({ support: 'EMULATED', reads: false });
  context.after(() => one.close());
  one.recorder.call('1', 'call-1');
  one.recorder.record('1');
  one.jump(hourMs);
  await one.server.show();
  await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
  await one.pass(100);
  one.jump(-hourMs);
  const { blackout } = await one.finish(one.server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
  await one.pass(6000);
  await one.server.show();
  await one.pass(10_000);
  await one.server.show();
  const [stopped] = await one.store.blackouts.byIds([blackout.id]);
  assert.equal(stopped!.state, 'ENDED');
  assert.equal(one.recorder.isRecording('1'), true, 'it is recorded again');
  for (const command of await one.commands()) assert.notEqual(command.completedAt, null, `${command.operation} is completed`);
});

test('a recording command that was accepted by a clock that was ahead is completed', async (context) => {
  const one = await createDomainHarness({ support: null, reads: false });
  context.after(() => one.close());
  one.recorder.call('1', 'call-1');
  one.jump(hourMs);
  await one.server.show();
  one.recorder.failNext('START_RECORDING', 'failsLater');
  const { command } = await one.server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c');
  assert.equal(command.status, 'ACCEPTED');
  one.jump(-hourMs);
  await one.pass(6000);
  const [dated] = await one.commands();
  assert.ok(Date.parse(dated!.acceptedAt!) <= one.clock.now(), dated!.acceptedAt!);
  one.recorder.record('1');
  await one.server.show();
  const [confirmed] = await one.commands();
  assert.equal(confirmed!.status, 'CONFIRMED');
});

test('a start in two seconds is accepted, and reported in time, once the clock is right', async (context) => {
  const one = await createDomainHarness({ support: 'NATIVE' });
  context.after(() => one.close());
  one.jump(hourMs);
  await one.server.show();
  one.jump(-hourMs);
  const startAt = instant(one.clock.now() + 2000);
  const { blackout } = await one.server.control.startBlackout({ agent: agent1, startAt, maxDuration: 20_000 }, alice, 'c');
  assert.deepEqual([blackout.startsAt, blackout.deadline], [startAt, instant(one.clock.now() + 22_000)]);
  await one.pass(2000);
  assert.equal((await one.blackouts())[0]!.state, 'ACTIVE');
  await one.pass(20_000);
  assert.equal((await one.blackouts())[0]!.state, 'ENDED');
});

test('a recording that was inferred over at a moment yet to come runs again when it is shown', async (context) => {
  const one = await createDomainHarness({ support: 'NATIVE' });
  context.after(() => one.close());
  one.recorder.call('1', 'call-1');
  const tape = one.recorder.record('1');
  await one.server.show();
  one.jump(hourMs);
  const liveness = { type: 'liveness', agent: '1', calls: [], recordings: [] } as const;
  await one.server.observe.observe('hq', { observations: [liveness], asOfMs: one.clock.now() + hourMs });
  one.jump(-hourMs);
  await one.pass(1000);
  await one.server.show();
  const [recording] = await one.store.recordings.byKeys([{ source: 'hq', externalId: tape.id }]);
  assert.deepEqual([recording!.state, recording!.endedAt], ['RECORDING', null]);
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
      emit: () => undefined,
      applied: async () => liveState.apply(await store.events.after(liveState.position(), 100)),
      takesCommands: () => false,
      awaited: () => [],
      noteJudged: () => undefined,
      onObserved: async () => undefined,
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
