import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyAgent } from '../../../src/domain/model/empty-rows.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import type { RecordedVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { startMiralix } from './fixture.ts';

/** Resolves with the batch after the first `count` that matches. */
const next = (context: RecordedVendorContext, type: 'agent' | 'recording', count: number) =>
  context.batch((batch) => context.batches.indexOf(batch) >= count && batch.observations.some((one) => one.type === type));

/** Resolves when the observer has ended its polls, of agents and of recordings, and waits for the next. */
const resting = async (pending: () => number) => {
  while (pending() < 2) await new Promise((resolve) => setImmediate(resolve));
};

test('each poll tells who is there, and then what was recorded', async (t) => {
  const { source, context, clock, contactCenter } = await startMiralix(t, { agents: 3 });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  const first = await next(context, 'agent', 0);
  assert.equal(first.complete, true);
  assert.equal(first.contact, true);
  assert.equal(first.asOfMs, clock.now());
  await resting(clock.pending);
  contactCenter.offer(2, { queueId: 301, caller: '+4583123456' });
  contactCenter.answer(2);
  const before = context.batches.length;
  await clock.advance(30_000);
  const second = await next(context, 'agent', before);
  assert.ok(second.observations.some((one) => one.type === 'agent' && one.agent.externalId === '2' && one.agent.status === 'ON_CALL'));
  await resting(clock.pending);
  contactCenter.clear(2);
  const then = context.batches.length;
  await clock.advance(30_000);
  const third = await next(context, 'recording', then);
  assert.ok(third.observations.some((one) => one.type === 'call' && one.call.state === 'ENDED' && one.call.agents?.[0] === '2'));
  await resting(clock.pending);
  stop.abort();
  await running;
  assert.equal(clock.pending(), 0);
});

test('many agents are read for their call in turns, and the batch then claims no completeness', async (t) => {
  const { simulator, source, context, clock } = await startMiralix(t, {
    agents: 30,
    settings: { agentCallsPerPoll: 10, directRecordings: false },
  });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  for (let round = 0; round < 3; round += 1) {
    const batch = await next(context, 'agent', round);
    assert.equal(batch.complete, false);
    await resting(clock.pending);
    if (round < 2) await clock.advance(30_000);
  }
  const requested = simulator.requests.filter((request) => request.includes('busycall'));
  assert.equal(new Set(requested).size, 30);
  assert.equal(requested.length, 30);
  stop.abort();
  await running;
});

test('the observer outlives a vendor that fails, asks less often meanwhile, and recovers', async (t) => {
  const { simulator, source, context, clock } = await startMiralix(t, { settings: { circuit: { failures: 1000 } } });
  simulator.faults.push({ matches: /./, fault: { kind: 'status', status: 500 } });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  await resting(clock.pending);
  const after = simulator.requests.length;
  await clock.advance(29_999);
  assert.equal(simulator.requests.length, after, 'the pause is no shorter than without failures');
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(60_000);
    await resting(clock.pending);
  }
  const quiet = simulator.requests.length;
  await clock.advance(100_000);
  assert.ok(simulator.requests.length - quiet <= after, 'it is called at most once in a hundred seconds');
  assert.ok(context.logged.some((line) => line.level === 'warn'));
  assert.equal(
    context.logged.some((line) => line.level === 'error'),
    false,
  );
  simulator.faults.length = 0;
  await clock.advance(300_000);
  const batch = await next(context, 'agent', 0);
  assert.equal(batch.contact, true);
  await resting(clock.pending);
  assert.equal(source.health().status, 'UP');
  stop.abort();
  await running;
});

test('an agent whose call cannot be read spoils nobody else, and is shown in the health until it can', async (t) => {
  const { simulator, source, context, clock } = await startMiralix(t, { agents: 3, settings: { circuit: { failures: 1000 } } });
  simulator.faults.push({ matches: /agents\/id\/2\/busycall/, fault: { kind: 'status', status: 500 } });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  let before = 0;
  for (let round = 0; round < 4; round += 1) {
    if (round > 0) await clock.advance(30_000);
    const batch = await next(context, 'agent', before);
    assert.deepEqual([batch.complete, (batch.contact as string[]).toSorted()], [false, ['1', '3']]);
    await resting(clock.pending);
    before = context.batches.length;
    assert.equal(source.health().status, 'DEGRADED');
    assert.match(source.health().lastError!, /HTTP 500.* 1 of 3 calls of agents could not be read\.$/);
  }
  simulator.faults.length = 0;
  await clock.advance(30_000);
  assert.equal((await next(context, 'agent', before)).complete, true);
  await resting(clock.pending);
  assert.equal(source.health().status, 'UP');
  stop.abort();
  await running;
});

test('a list of recordings that hangs holds up no agent, and one that fails no other list', async (t) => {
  const { simulator, contactCenter, source, context, clock } = await startMiralix(t, {
    agents: 5,
    settings: { circuit: { failures: 1000 }, directRecordings: false },
  });
  contactCenter.queues.set(302, 'Sales');
  simulator.faults.push({ matches: /queues\/302\/calls\/recordings/, fault: { kind: 'status', status: 500 } });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  await resting(clock.pending);
  contactCenter.offer(2, { queueId: 301, caller: '+4583123456' });
  contactCenter.answer(2);
  contactCenter.clear(2);
  let before = context.batches.length;
  await clock.advance(30_000);
  await next(context, 'recording', before);
  await resting(clock.pending);
  assert.match(source.health().lastError!, /HTTP 500.* 1 of \d+ lists of recordings could not be read\.$/);

  simulator.faults.push({ matches: /recordings/, fault: { kind: 'stall' } });
  for (let round = 0; round < 3; round += 1) {
    before = context.batches.length;
    await clock.advance(30_000);
    assert.equal((await next(context, 'agent', before)).complete, true);
  }
  const { status, lastError } = source.health();
  stop.abort();
  await running;
  assert.deepEqual(
    [source.health().status, source.health().lastError],
    [status, lastError],
    'what we end ourselves is no failure of the vendor',
  );
});

for (const statusField of ['word', 'flag'] as const) {
  test(`a call that cannot be read for too long is unknown, where the overview has a ${statusField}`, async (t) => {
    const { simulator, contactCenter, source, context, clock } = await startMiralix(t, {
      agents: 2,
      simulator: { switches: { statusField } },
      settings: { circuit: { failures: 1000 }, maxStalenessSeconds: 60 },
    });
    contactCenter.offer(1, { queueId: 301, caller: '+4583123456' });
    contactCenter.answer(1);
    const call = String([...contactCenter.calls.values()][0]!.queueCallId);
    context.holds.agents.set('1', { ...emptyAgent({ source: 'greenbox', externalId: '1' }), status: 'ON_CALL', activeCall: call });
    const stop = new AbortController();
    const running = source.observer!.run(stop.signal);
    await resting(clock.pending);
    simulator.faults.push({ matches: /agents\/id\/1\/busycall/, fault: { kind: 'status', status: 500 } });
    const polled = async (): Promise<readonly Observation[]> => {
      const before = context.batches.length;
      await clock.advance(30_000);
      const { observations } = await next(context, 'agent', before);
      await resting(clock.pending);
      return observations;
    };
    const isUnknown = (observations: readonly Observation[]) =>
      observations.some((one) => one.type === 'call' && one.call.externalId === call && one.call.state === 'UNKNOWN');
    assert.deepEqual([isUnknown(await polled()), isUnknown(await polled())], [false, false]);
    const aged = await polled();
    assert.ok(isUnknown(aged));
    // A flag says that the agent is logged in, and nothing of the call that they were in.
    assert.equal(
      aged.some((one) => one.type === 'unreadable' && one.agent === '1'),
      statusField === 'flag',
    );
    assert.ok(!aged.some((one) => one.type === 'liveness' && one.agent === '1'), 'nothing of it has ended');
    simulator.faults.length = 0;
    const again = await polled();
    assert.ok(again.some((one) => one.type === 'call' && one.call.externalId === call && one.call.state === 'ACTIVE'));
    stop.abort();
    await running;
  });
}

test('a call is unknown, too, when the vendor refuses to show calls, also after a restart', async (t) => {
  const { simulator, source, context, clock } = await startMiralix(t, { agents: 2, settings: { maxStalenessSeconds: 60 } });
  context.holds.agents.set('1', { ...emptyAgent({ source: 'greenbox', externalId: '1' }), status: 'ON_CALL', activeCall: '47610' });
  simulator.faults.push({ matches: /busycall/, fault: { kind: 'status', status: 403 } });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  let before = 0;
  for (const expected of [false, false, false, true]) {
    const { observations, complete } = await next(context, 'agent', before);
    const unknown = observations.some((one) => one.type === 'call' && one.call.externalId === '47610' && one.call.state === 'UNKNOWN');
    assert.deepEqual([unknown, complete], [expected, true]);
    await resting(clock.pending);
    before = context.batches.length;
    await clock.advance(30_000);
  }
  stop.abort();
  await running;
});

test('lists of queues are read in turns where there are more queues than agents', async (t) => {
  const { simulator, contactCenter, source, context, clock } = await startMiralix(t, {
    agents: 1,
    settings: { agentCallsPerPoll: 2, directRecordings: false },
  });
  contactCenter.queues.set(302, 'Sales').set(303, 'Old');
  const left = { QueueId: '303', QueueName: 'Old', QueueCallId: 7, AgentName: 'Ada Lovelace', AgentId: '77', RecordingFileName: '7.mp3' };
  contactCenter.publish(left, null);
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  const batch = context.batch(({ observations }) => observations.some((one) => one.type === 'recording'));
  await resting(clock.pending);
  await clock.advance(30_000);
  await resting(clock.pending);
  const requested = simulator.requests.filter((request) => /queues\/\d+\/calls/.test(request));
  assert.deepEqual([requested.length, new Set(requested).size], [4, 3]);
  const { observations } = await batch;
  const call = observations.flatMap((one) => (one.type === 'call' ? [one.call] : []))[0]!;
  assert.deepEqual([call.externalId, call.queue, call.agents], ['7', 'Old', ['77']]);
  assert.ok(
    call.metadata!.some(({ key, value }) => key === 'AgentName' && value === 'Ada Lovelace'),
    'who has left has a name only there',
  );
  stop.abort();
  await running;
});
