import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleAgent } from '../../../src/simulators/uptivity/index.ts';
import { startRecorder } from './recorder.ts';

const two = { AgentIdentifier: 'Id', Value: '2' };
const at = (ms: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, 0) + ms).toISOString();
const startUrl = '/api/Blackout/StartForAgent';
const stopUrl = '/api/Blackout/StopForAgent';

for (const [what, start, stop, from, to] of [
  ['neither: the receipt', {}, {}, 0, 10_000],
  ['an offset: so long after the receipt', { TimeOffset: 3 }, { timeoffSet: '4' }, 3000, 14_000],
  ['a time: that', { BlackoutStartTime: at(2000) }, { BlackoutStopTime: '2026-01-05T04:00:20-05:00' }, 2000, 20_000],
  ['both: the time', { BlackoutStartTime: at(1000), TimeOffset: 60 }, { BlackoutStopTime: at(12_000), TimeOffset: 60 }, 1000, 12_000],
  ['a time without an offset: the recorder’s own', { BlackoutStartTime: '2026-01-05T04:00:05' }, {}, 5000, 10_000],
  ['a time that has passed', { BlackoutStartTime: at(-5000) }, { TimeOffset: -2 }, -5000, 8000],
] as const) {
  test(`when a blackout begins and ends: ${what}`, async (t) => {
    const { clock, post, simulator } = await startRecorder(t, { agents: [sampleAgent()] });
    const began = clock.now();
    assert.equal(await post(startUrl, { ...two, ...start }), 200);
    await clock.advance(10_000);
    assert.equal(await post(stopUrl, { ...two, ...stop }), 200);
    await clock.advance(60_000);
    assert.deepEqual(
      simulator.maskedIntervals(2).map(({ fromMs, toMs }) => [fromMs - began, toMs === null ? null : toMs - began]),
      [[from, to]],
    );
    assert.equal(simulator.isMasked(2), false);
  });
}

test('belongs to the agent: it outlives calls, until the recorder’s own limit', async (t) => {
  const { clock, post, simulator } = await startRecorder(t, { agents: [sampleAgent()], switches: { maxAgentBlackoutSeconds: 60 } });
  await post(startUrl, two);
  simulator.contactCenter.hangUp(simulator.agent(2));
  simulator.contactCenter.takeCall(simulator.agent(2));
  await clock.advance(59_000);
  assert.equal(simulator.isMasked(2), true);
  assert.equal(simulator.maskedIntervals(2)[0]?.toMs, null);
  await clock.advance(1000);
  assert.equal(simulator.isMasked(2), false);
  assert.equal(simulator.maskedIntervals(2)[0]?.toMs, clock.now());
});

test('ends with the call where the installation is set so', async (t) => {
  const { post, simulator } = await startRecorder(t, { agents: [sampleAgent()], switches: { blackoutsEndWithCall: true } });
  await post(startUrl, two);
  simulator.contactCenter.hangUp(simulator.agent(2));
  assert.equal(simulator.isMasked(2), false);
});

test('a second start keeps the first; a stop of none is as switched; no field shows a blackout', async (t) => {
  const { clock, get, post, simulator } = await startRecorder(t, { agents: [sampleAgent()] });
  const before = (await get('/api/Agent/GetAll')).text;
  await post(startUrl, two);
  await clock.advance(5000);
  assert.equal(await post(startUrl, two), 200);
  assert.equal(simulator.maskedIntervals(2).length, 1);
  assert.equal((await get('/api/Agent/GetAll')).text, before);
  simulator.switches.maskedRecordingState = 'Paused';
  assert.match((await get('/api/Agent/GetAll')).text, /"RecordingState":"Paused"/);
  await post(stopUrl, two);
  assert.equal(await post(stopUrl, two), 200);
  simulator.switches.stopWithoutBlackout = 404;
  assert.equal(await post(stopUrl, two), 404);
});

test('another node learns of a blackout after a while', async (t) => {
  const { clock, post, simulator } = await startRecorder(t, { agents: [sampleAgent()], nodes: 2, switches: { propagationMs: 500 } });
  await post(startUrl, two, 0);
  assert.deepEqual([simulator.isMasked(2, 0), simulator.isMasked(2, 1)], [true, false]);
  await clock.advance(500);
  assert.deepEqual([simulator.isMasked(2, 0), simulator.isMasked(2, 1)], [true, true]);
  await post(stopUrl, two, 1);
  assert.deepEqual([simulator.isMasked(2, 0), simulator.isMasked(2, 1)], [true, false]);
  await clock.advance(500);
  assert.equal(simulator.isMasked(2, 0), false);
  assert.deepEqual(simulator.maskedIntervals(2, 0), simulator.maskedIntervals(2, 1));
});
