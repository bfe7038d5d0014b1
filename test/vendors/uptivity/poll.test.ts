import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPair } from './source.ts';

test('polls a real vendor, and ends promptly in the middle of a call', async (t) => {
  const { simulator, context, source, clock } = await startPair(t, { agents: 500 });
  const stopping = new AbortController();
  const running = source.observer!.run(stopping.signal);
  const first = await context.batch();
  assert.equal(first.observations.length, 1000, 'an agent and a liveness for each');
  assert.equal(simulator.callsMade(), 1);
  simulator.contactCenter.takeCall(simulator.agent(7));
  await clock.advance(2000);
  const second = await context.batch((batch) => batch !== first);
  assert.deepEqual(second.observations.filter(({ type }) => type === 'call' || type === 'recording').length, 3);
  simulator.inject({ fault: { kind: 'stall' } });
  await clock.advance(2000);
  stopping.abort();
  await running;
  assert.equal(context.batches.length, 2);
});
