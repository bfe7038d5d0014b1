/** Tests a contact center whose clock is not ours: its times are corrected, its windows requested in its own time, its ids unmoved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { acknowledged, agentsOf, never, post, pushedSource, sdkAppId, startTencent } from './fixture.ts';

const hour = 3_600_000;

const recordingsIn = (observations: readonly Observation[]) =>
  observations.flatMap((one) => (one.type === 'recording' ? [one.recording] : []));
const callsIn = (observations: readonly Observation[]) => observations.flatMap((one) => (one.type === 'call' ? [one.call] : []));

for (const aheadMs of [10_000, -10_000, hour, 8 * hour]) {
  test(`calls of a clock that is ${aheadMs} ms ahead are listed with our times, and its requests are signed by its own`, async (t) => {
    const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) }, aheadMs });
    const [agent] = simulator.contactCenter.agents.values();
    simulator.playCall([agent!], 30);
    // The first answer tells the difference, whether or not it is a refusal.
    await source.agents!.list(never).catch(() => undefined);
    const observations = await source.recordings!.list({ agents: null }, never);
    const recordings = recordingsIn(observations);
    assert.equal(recordings.length, 2);
    for (const { startedAt, endedAt } of recordings) {
      assert.ok(Math.abs(Date.parse(endedAt!) - clock.now()) <= 2_000, `ended ${endedAt}`);
      assert.ok(Math.abs(Date.parse(startedAt!) - (clock.now() - 30_000)) <= 35_000, `started ${startedAt}`);
    }
    const [call] = callsIn(observations);
    assert.ok(Math.abs(Date.parse(call!.endedAt!) - clock.now()) <= 2_000, `ended ${call!.endedAt}`);
    const { clockDifferenceMs, status, lastError } = source.health();
    assert.ok(Math.abs(clockDifferenceMs! + aheadMs) <= 1_500, String(clockDifferenceMs));
    assert.deepEqual([status, /times are corrected/.test(lastError ?? '')], ['DEGRADED', true]);
    // Reported again a while later, and with other answers' Dates in between, they are the same.
    await clock.advance(7_300);
    await source.agents!.list(never);
    const again = await source.recordings!.list({ agents: null }, never);
    assert.deepEqual(
      recordingsIn(again).map(({ externalId, startedAt, endedAt }) => [externalId, startedAt, endedAt]),
      recordings.map(({ externalId, startedAt, endedAt }) => [externalId, startedAt, endedAt]),
    );
  });
}

test('the ids of what is pulled are the same, however the clocks differ', async (t) => {
  const idsAt = async (aheadMs: number) => {
    const { simulator, source, context } = await startTencent(t, { simulator: { agents: agentsOf(1) }, aheadMs });
    context.stored.set('endpointKey', JSON.stringify('k'.repeat(64)));
    const [agent] = simulator.contactCenter.agents.values();
    const call = simulator.playCall([agent!], 30);
    await source.agents!.list(never).catch(() => undefined);
    const found = recordingsIn(await source.recordings!.list({ agents: null }, never));
    return found.map(({ externalId, vendorId }) => externalId.replace(call.sessionId, 'S').replace(vendorId!, 'R'));
  };
  assert.deepEqual(await idsAt(hour), await idsAt(0));
});

test('pushes alone tell of a clock that is ahead, and of none that is behind: those may have waited', async (t) => {
  const { source, context, clock } = pushedSource(t);
  const push = async (aheadMs: number) => {
    const body = {
      SdkAppId: sdkAppId,
      SessionId: `session-${aheadMs}`,
      RecordId: '1608130637',
      EndpointUser: 'agent1@example.com',
      RecordURL: 'https://media.example.com/a-000-1608130637.mp3',
      Timestamp: clock.now() + aheadMs,
    };
    const answer = await post(source, JSON.stringify(body), { action: 'record' });
    assert.equal(answer.body, acknowledged);
    return recordingsIn(context.batches.at(-1)!.observations)[0]!;
  };
  assert.equal((await push(-30_000)).endedAt, new Date(clock.now() - 30_000).toISOString());
  assert.deepEqual([source.health().status, source.health().clockDifferenceMs], ['UP', null]);
  assert.equal((await push(20_000)).endedAt, new Date(clock.now()).toISOString());
  const { status, clockDifferenceMs, lastError } = source.health();
  assert.deepEqual([status, clockDifferenceMs], ['DEGRADED', -20_000]);
  assert.match(lastError!, /20 s ahead of this server's/);
});
