import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRecording } from '../../../src/domain/model/empty-rows.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createCommitQueue } from '../../../src/domain/observe/commit-queue.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { subjectsOf } from '../../../src/domain/observe/subjects.ts';

const statusOf = (agent: string): Observation => ({ type: 'agent', agent: { externalId: agent, status: 'IDLE' } });

/** The agent or recording that the observation describes. */
const describedBy = (one: Observation): readonly string[] =>
  one.type === 'agent' ? [one.agent.externalId] : one.type === 'recording' ? [one.recording.externalId] : [];

/** A queue whose commits end when `end` is called with what they are of: the source, its agents and recordings. */
const prepare = (maxCommits: number) => {
  const open = new Map<string, () => void>();
  const liveState = createLiveState();
  const queue = createCommitQueue({
    commit: (source, batches) => {
      const described = batches.flatMap(({ observations }) => observations.flatMap(describedBy));
      return new Promise((resolve) => open.set(`${source} ${described.join()}`, resolve));
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
  const addBatch = (source: string, observations: readonly Observation[]) => void queue.add(source, { asOfMs: 0, observations });
  const add = (source: string, agent: string, ...more: readonly Observation[]) => addBatch(source, [statusOf(agent), ...more]);
  return { end, names: () => [...open.keys()], add, addBatch, liveState };
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

test('a batch waits for one about a recording that a commit has shown to be of the same agent', async () => {
  const { add, addBatch, end, names, liveState } = prepare(6);
  addBatch('a', [{ type: 'recording', recording: { externalId: 'r1', agent: '1', state: 'RECORDING' } }]);
  addBatch('a', [{ type: 'recording', recording: { externalId: 'r1', state: 'STOPPING' } }]);
  add('a', '1', { type: 'liveness', agent: '1', calls: [], recordings: [] });
  assert.deepEqual(names(), ['a r1']);
  const key = { source: 'a', externalId: 'r1' };
  const state = { ...emptyRecording(key), agent: '1', state: 'RECORDING' } as const;
  const event = { id: 1, at: '2026-01-05T09:00:00.000Z', source: 'a', key: 'r1', previous: null, warning: null } as const;
  liveState.apply([{ ...event, entityType: 'recording', state }]);
  await end('a r1');
  assert.deepEqual(names(), ['a r1']);
  await end('a r1');
  assert.deepEqual(names(), ['a 1']);
});
