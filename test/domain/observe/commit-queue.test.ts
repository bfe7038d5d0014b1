import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation, ObservationBatch } from '../../../src/domain/model/observation.ts';
import { createCommitQueue } from '../../../src/domain/observe/commit-queue.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { subjectsOf } from '../../../src/domain/observe/subjects.ts';

const statusOf = (agent: string, more: readonly Observation[]): ObservationBatch => ({
  asOfMs: 0,
  observations: [{ type: 'agent', agent: { externalId: agent, status: 'IDLE' } }, ...more],
});

/** A queue whose commits end when `end` is called with what they are of: the source and the agents. */
const prepare = (maxCommits: number) => {
  const open = new Map<string, () => void>();
  const liveState = createLiveState();
  const queue = createCommitQueue({
    commit: (source, batches) => {
      const agents = batches.flatMap(({ observations }) =>
        observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : [])),
      );
      return new Promise((resolve) => open.set(`${source} ${agents.join()}`, resolve));
    },
    onFailed: () => undefined,
    subjectsOf: (source, batch) => subjectsOf(source, batch, liveState),
    maxCommits,
  });
  const end = async (name: string) => {
    open.get(name)!();
    open.delete(name);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const add = (source: string, agent: string, ...more: readonly Observation[]) => void queue.add(source, statusOf(agent, more));
  return { end, names: () => [...open.keys()], add };
};

test('sources share the commits that go on side by side, and each has one', async () => {
  const { add, end, names } = prepare(2);
  for (const agent of ['1', '2', '3', '4']) add('a', agent);
  add('b', '1');
  add('b', '2');
  assert.deepEqual(names(), ['a 1', 'a 2', 'b 1']);
  await end('a 1');
  assert.deepEqual(names(), ['a 2', 'b 1']);
  await end('a 2');
  assert.deepEqual(names(), ['b 1', 'a 3,4']);
  await end('a 3,4');
  assert.deepEqual(names(), ['b 1', 'b 2']);
});

test('batches about one agent are committed one after another', async () => {
  const { add, end, names } = prepare(6);
  for (const agent of ['1', '1', '2', '1']) add('a', agent);
  assert.deepEqual(names(), ['a 1', 'a 2']);
  await end('a 1');
  assert.deepEqual(names(), ['a 2', 'a 1,1']);
});

test('none overtakes another where one commit goes on at a time', async () => {
  const { add, end, names } = prepare(1);
  add('a', '1');
  add('a', '2', { type: 'liveness', agent: '2', calls: [], recordings: [] });
  add('a', '3', { type: 'liveness', agent: '3', calls: [], recordings: [] });
  add('a', '4');
  assert.deepEqual(names(), ['a 1']);
  await end('a 1');
  assert.deepEqual(names(), ['a 2']);
  await end('a 2');
  assert.deepEqual(names(), ['a 3,4']);
});
