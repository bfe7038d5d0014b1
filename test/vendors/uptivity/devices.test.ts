/** An agent at two devices, lists that are not to be believed, servers that fail, and calls without a name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleAgent, type SimulatedAgent, sampleAgent, startUptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { createObservingContext } from '../../support/observing-context.ts';
import { commandFor, ofType, patience, settingsOf, startPair } from './source.ts';

const observed = async (t: { after(done: () => Promise<void>): void }, agents: number | readonly SimulatedAgent[]) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, agents });
  const context = createObservingContext('hq', { clock });
  const source = uptivity.create(settingsOf(simulator.url), context);
  t.after(async () => {
    await source.close();
    await simulator.close();
  });
  const poll = async () => {
    const snapshots = await source.agents!.list(patience);
    await context.observe({ observations: snapshots.flatMap(({ observations }) => observations), asOfMs: clock.now(), complete: true });
    return snapshots;
  };
  return { clock, simulator, context, source, poll };
};

test('one look at an agent who is at two devices shows both', async (t) => {
  const { simulator, source, context, poll } = await observed(t, [sampleAgent(), idleAgent(2, { AgentPhone: '5005' })]);
  const [, other] = simulator.tracker();
  const call = simulator.contactCenter.takeCall(other!);
  await poll();
  const agent = context.agents.get('2')!;
  assert.deepEqual(
    agent.devices!.map(({ phone }) => phone),
    ['5003', '5005'],
  );
  assert.equal(agent.phone, '5003', 'the first of two that are on a call');
  assert.deepEqual(agent.inactiveCalls, [call.CallInstance]);
  assert.equal(context.calls.get(call.CallInstance)!.state, 'ACTIVE', 'with a state of its own');
  for (const lookup of [
    { identifier: 'ID', value: '2' },
    { identifier: 'PHONE', value: '5005' },
  ] as const) {
    const [snapshot] = await source.agents!.byIdentifiers([lookup], patience);
    assert.deepEqual(ofType(snapshot, 'liveness')[0]!.calls.length, 2, lookup.identifier);
  }
  simulator.contactCenter.hangUp(simulator.tracker()[0]!);
  await poll();
  assert.deepEqual([context.agents.get('2')!.phone, context.agents.get('2')!.activeCall], ['5005', call.CallInstance]);
});

test('a recording that was started after its call was first seen begins when it is seen, not with the call', async (t) => {
  const { clock, simulator, context, poll } = await observed(t, 1);
  const agent = simulator.agent(1);
  const call = simulator.contactCenter.takeCall(agent);
  const automatic = call.Recordings[0]!.RecordingIdentifier;
  await poll();
  const callStart = context.calls.get(call.CallInstance)!.startedAt;
  assert.equal(context.recordings.get(automatic)!.startedAt, callStart);
  await clock.advance(6000);
  call.Recordings.push({ RecordingIdentifier: 'later', IsDuplicate: false, RecordingState: 'Recording', CallInstance: call.CallInstance });
  await poll();
  const seenAt = new Date(clock.now()).toISOString();
  assert.equal(context.recordings.get('later')!.startedAt, seenAt);
  await clock.advance(2000);
  await poll();
  assert.equal(context.recordings.get('later')!.startedAt, seenAt);
  assert.equal(context.recordings.get(automatic)!.startedAt, callStart);
});

test('a screen recording begins as an audio recording does, and one without a call when it is first seen', async (t) => {
  const { clock, simulator, context, poll } = await observed(t, 1);
  const agent = simulator.agent(1);
  const running = { RelatedCallInstance: '', ScreenRecordingidentifier: '', RecordingState: 'Recording' };
  await poll();
  agent.DesktopOnlySessions = [{ ...running }];
  await clock.advance(3000);
  await poll();
  const desktop = context.agents.get('1')!.desktopRecordings[0]!;
  const seenAt = new Date(clock.now()).toISOString();
  assert.equal(context.recordings.get(desktop)!.startedAt, seenAt);
  const call = simulator.contactCenter.takeCall(agent);
  call.ScreenRecordings = [{ ...running }];
  const screen = `screen:${call.CallInstance}:1`;
  await clock.advance(4000);
  await poll();
  assert.equal(context.recordings.get(desktop)!.startedAt, seenAt);
  assert.equal(context.recordings.get(screen)!.startedAt, context.calls.get(call.CallInstance)!.startedAt);
  call.ScreenRecordings.push({ ...running });
  await clock.advance(2000);
  await poll();
  const laterAt = new Date(clock.now()).toISOString();
  assert.equal(context.recordings.get(`${screen}:1`)!.startedAt, laterAt);
  for (const [place, one] of call.ScreenRecordings.entries()) one.ScreenRecordingidentifier = `guid-${place}`;
  await clock.advance(2000);
  await poll();
  assert.equal(context.recordings.get('guid-0')!.startedAt, context.calls.get(call.CallInstance)!.startedAt);
  assert.equal(context.recordings.get('guid-1')!.startedAt, laterAt, 'its name does not make it younger');
});

test('a recording that a list leaves out and the next one shows keeps its start', async (t) => {
  const { clock, simulator, context, poll } = await observed(t, 1);
  const call = simulator.contactCenter.takeCall(simulator.agent(1));
  await poll();
  const [recording] = call.Recordings;
  const startedAt = context.calls.get(call.CallInstance)!.startedAt;
  for (const shown of [[], [recording!]]) {
    call.Recordings = shown;
    await clock.advance(2000);
    await poll();
  }
  const row = context.recordings.get(recording!.RecordingIdentifier)!;
  assert.deepEqual([row.state, row.startedAt, row.endedAt], ['RECORDING', startedAt, null]);
});

test('a call whose clock is a little ahead began when it was first seen', async (t) => {
  const { clock, simulator, context, poll } = await observed(t, 1);
  const call = simulator.contactCenter.takeCall(simulator.agent(1));
  const ahead = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  call.Metadata.starttime = ahead.format(clock.now() + 40_000).replace(/\/(\d\d),/, '/20$1');
  await poll();
  const seenAt = new Date(clock.now()).toISOString();
  for (let times = 0; times < 30; times += 1) {
    await clock.advance(2000);
    await poll();
    assert.equal(context.calls.get(call.CallInstance)!.startedAt, seenAt);
  }
  assert.equal(context.recordings.get(call.Recordings[0]!.RecordingIdentifier)!.startedAt, seenAt);
});

test('one 404 after a filled list is not believed, twice is; a page never is', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 2 });
  assert.equal((await source.agents!.list(patience)).length, 2);
  const missing = simulator.inject({ fault: { kind: 'status', status: 404 } });
  await assert.rejects(source.agents!.list(patience), /a second such answer will be accepted/);
  assert.equal(source.health().status, 'DEGRADED');
  missing();
  assert.equal((await source.agents!.list(patience)).length, 2);
  simulator.inject({ fault: { kind: 'status', status: 404 } });
  await assert.rejects(source.agents!.list(patience));
  assert.deepEqual(await source.agents!.list(patience), []);
  assert.equal(source.health().status, 'UP');
  simulator.clearFaults();
  simulator.inject({ fault: { kind: 'status', status: 404, body: '<!DOCTYPE html><title>404 - File or directory not found.</title>' } });
  for (let times = 0; times < 3; times += 1)
    await assert.rejects(source.agents!.list(patience), /web page \(HTTP 404\); check the source's baseUrl/);
  assert.notEqual(source.health().status, 'UP');
});

test('a call without CallInstance goes by its callid, else by device and start; one that nothing names leaves the agent unread', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 1 });
  const call = simulator.contactCenter.takeCall(simulator.agent(1));
  const { callid } = call.Metadata;
  for (const blank of ['', null, '  ']) {
    Object.assign(call, { CallInstance: blank });
    call.Metadata.callid = callid!;
    const [named] = await source.agents!.list(patience);
    assert.deepEqual([ofType(named, 'agent')[0]!.agent.status, ofType(named, 'agent')[0]!.agent.activeCall], ['ON_CALL', callid]);
    call.Metadata.callid = '';
    const [placed] = await source.agents!.list(patience);
    assert.equal(ofType(placed, 'agent')[0]!.agent.activeCall, `5002@${call.Metadata.starttime}`);
  }
  call.Metadata.starttime = '';
  simulator.put(idleAgent(2));
  const [unread] = await source.agents!.list(patience);
  assert.deepEqual(
    (await source.agents!.list(patience)).find(({ agent }) => agent === '1')!.observations,
    [{ type: 'unreadable', agent: '1' }],
    JSON.stringify(unread),
  );
});

test('a start that cannot be read, or lies ahead, shows in the health and nowhere else', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 1 });
  const call = simulator.contactCenter.takeCall(simulator.agent(1));
  for (const text of ['yesterday', '12/31/2099 10:00:00']) {
    call.Metadata.starttime = text;
    const [snapshot] = await source.agents!.list(patience);
    assert.equal(ofType(snapshot, 'call')[0]!.call.startedAt, null);
    assert.match(source.health().lastError ?? '', /start of 1 call is not a time or is in the future/);
  }
  simulator.contactCenter.hangUp(simulator.agent(1));
  await source.agents!.list(patience);
  assert.equal(source.health().status, 'UP');
});

test('of several servers the next is called, for reads and for what may repeat; other commands only where they cannot have arrived', async (t) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, agents: [sampleAgent()], nodes: 2 });
  const context = createObservingContext('hq', { clock });
  const { baseUrl: _, ...settings } = settingsOf(simulator.url);
  const source = uptivity.create(uptivity.settings.parse({ ...settings, baseUrls: ['http://127.0.0.1:1', simulator.urls[1]] }), context);
  t.after(async () => {
    await source.close();
    await simulator.close();
  });
  assert.equal((await source.agents!.list(patience)).length, 1);
  assert.equal(source.health().status, 'DEGRADED');
  await source.control!.STOP_RECORDING!(commandFor('STOP_RECORDING'), patience);
  await source.blackouts!.start!(commandFor('START_BLACKOUT'), patience);
  assert.ok(simulator.isMasked(2, 0) && simulator.isMasked(2, 1), 'one blackout state');

  const both = uptivity.create(uptivity.settings.parse({ ...settings, baseUrls: simulator.urls }), context);
  t.after(() => both.close());
  simulator.forgetRequests();
  simulator.inject({ fault: { kind: 'status', status: 500 }, times: 1 });
  await both.blackouts!.stop!(commandFor('STOP_BLACKOUT'), patience);
  assert.equal(simulator.callsMade('POST /api/Blackout/StopForAgent'), 2);
  simulator.inject({ fault: { kind: 'status', status: 500 }, times: 1 });
  await assert.rejects(both.control!.START_RECORDING!(commandFor('START_RECORDING'), patience), /HTTP 500/);
  assert.equal(simulator.callsMade('POST /api/Record/StartForAgent'), 1, 'it may have been carried out');
});

test('a server that answers what is none of the Recording API is passed over too, and only its own health tells', async (t) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, agents: [sampleAgent()], nodes: 2 });
  const context = createObservingContext('hq', { clock });
  const { baseUrl: _, ...settings } = settingsOf(simulator.url);
  const source = uptivity.create(uptivity.settings.parse({ ...settings, baseUrls: simulator.urls }), context);
  t.after(async () => {
    await source.close();
    await simulator.close();
  });
  for (const [status, body] of [
    [401, ''],
    [403, ''],
    [404, '<!doctype html><title>404</title>'],
    [302, ''],
  ] as const) {
    simulator.inject({ fault: { kind: 'status', status, body }, times: 1 });
    assert.equal((await source.agents!.list(patience)).length, 1, String(status));
    assert.equal(source.health().status, 'DEGRADED');
    assert.match(source.health().lastError ?? '', new RegExp(`HTTP ${status}`));
    simulator.inject({ fault: { kind: 'status', status, body }, times: 1 });
    await assert.rejects(source.control!.STOP_RECORDING!(commandFor('STOP_RECORDING'), patience), new RegExp(`HTTP ${status}`));
  }
});

test('an outage of one of several servers lasted no longer than the others were silent', async (t) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, agents: [sampleAgent()], nodes: 2 });
  const ended: (number | null)[] = [];
  const context = createObservingContext('hq', { clock, outageEnded: (sinceMs) => ended.push(sinceMs) });
  const { baseUrl: _, ...settings } = settingsOf(simulator.url);
  const source = uptivity.create(uptivity.settings.parse({ ...settings, baseUrls: simulator.urls }), context);
  t.after(async () => {
    await source.close();
    await simulator.close();
  });
  const poll = async () => {
    await source.agents!.list(patience);
    return clock.now();
  };
  const fail = (times: number) => simulator.inject({ fault: { kind: 'status', status: 500 }, times });
  await poll();
  fail(1);
  await poll();
  await clock.advance(3_600_000);
  const secondMs = await poll();
  assert.deepEqual(ended, [], 'the second goes on alone');

  await clock.advance(1000);
  fail(1);
  const firstMs = await poll();
  assert.deepEqual(ended, [secondMs], 'the first answers again');

  await clock.advance(60_000);
  fail(2);
  await assert.rejects(poll());
  await clock.advance(60_000);
  fail(1);
  await poll();
  assert.deepEqual(ended, [secondMs, firstMs], 'a server error is no answer');
});

test('more metadata keys may be written where the settings say so, and the stop of a screen recording carries its own', async (t) => {
  const { simulator, source } = await startPair(
    t,
    { agents: [sampleAgent()], switches: { anyMetadataKey: true } },
    { metadataKeys: ['KeepDays'] },
  );
  assert.ok(source.metadataKeys!.includes('keepdays'));
  const metadata = [{ key: 'user1', value: 'API Initiated' }];
  await source.control!.STOP_SCREEN_RECORDING!(commandFor('STOP_SCREEN_RECORDING', '2', { metadata }), patience);
  assert.equal(simulator.agent(2).ActiveCall!.Metadata.user1, 'API Initiated');
  await assert.rejects(source.control!.STOP_RECORDING!(commandFor('STOP_RECORDING', '2', { metadata }), patience), /updateRecording first/);
});
