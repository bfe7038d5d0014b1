/** A duplicate of a call that is named by the vendor's `callid` is confirmed by what the recorder shows of that call, and by nothing else. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { startPair } from '../support/tapegraph.ts';

const duplicate = (direction: 'start' | 'stop') => `mutation Duplicate($call: String) {
  result: ${direction}DuplicateRecording(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } }, call: $call }) {
    ... on ControlSuccess { command { id status } }
    ... on Problem { code message }
  }
}`;

const openSite = async (context: TestContext) => {
  const pair = await startPair(context, { agents: [sampleAgent()] }, { pollSeconds: 0.5 });
  const { simulator, ask } = pair;
  const held = simulator.agent(2).ActiveCall!;
  held.Metadata.callid = '111222';
  simulator.contactCenter.takeCall(simulator.agent(2), 'I');
  const polls = async (count: number) => {
    const before = simulator.callsMade('GET /api/Agent/GetAll');
    while (simulator.callsMade('GET /api/Agent/GetAll') < before + count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const command = async (direction: 'start' | 'stop', call: string) => {
    const { data, errors } = await ask(duplicate(direction), { call });
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal(data.result.code, undefined, data.result.message);
    return data.result.command as { id: string; status: string };
  };
  const statusOf = async (id: string): Promise<string> => {
    const { data } = await ask('query Status($id: ID!) { node(id: $id) { ... on ControlCommand { status } } }', { id });
    return data.node.status;
  };
  /** The recorder says yes to the next command and does nothing. */
  const ignoreNext = (route: string) => simulator.inject({ fault: { kind: 'status', status: 204 }, route: `POST /api/Record/${route}` });
  return { simulator, held, polls, command, statusOf, ignoreNext };
};

test('it is CONFIRMED when the recorder shows it, and only then', async (context) => {
  const { held, polls, command, statusOf, ignoreNext } = await openSite(context);
  assert.notEqual(held.CallInstance, '111222');
  await polls(2);

  const attend = ignoreNext('StartDuplicateForAgent');
  const ignored = await command('start', '111222');
  attend();
  await polls(3);
  assert.equal(await statusOf(ignored.id), 'ACCEPTED', 'the recorder did nothing');

  const started = await command('start', '111222');
  assert.equal(held.Recordings.filter(({ IsDuplicate }) => IsDuplicate).length, 1);
  await polls(3);
  assert.equal(await statusOf(started.id), 'CONFIRMED');

  const heed = ignoreNext('StopDuplicateForAgent');
  const unheeded = await command('stop', '111222');
  heed();
  await polls(3);
  assert.equal(await statusOf(unheeded.id), 'ACCEPTED', 'the duplicate is still being written');

  const stopped = await command('stop', '111222');
  await polls(3);
  assert.equal(await statusOf(stopped.id), 'CONFIRMED');
  assert.equal(held.Recordings.find(({ IsDuplicate }) => IsDuplicate)?.RecordingState, 'Stopped');
});
