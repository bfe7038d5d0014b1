import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleAgent, sampleAgent } from '../../../src/simulators/uptivity/index.ts';
import { startRecorder } from './recorder.ts';

const two = { AgentIdentifier: 'Id', Value: '2' };
const three = { AgentIdentifier: 'Phone', Value: '7000' };
const start = (t: Parameters<typeof startRecorder>[0]) =>
  startRecorder(t, { agents: [sampleAgent(), idleAgent(3, { AgentPhone: '7000' })] });

test('takes the documented bodies, and answers 200 with nothing', async (t) => {
  const { ask } = await start(t);
  for (const [path, body] of [
    ['/api/Record/StartForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
    ['/api/Record/UpdateForAgent', '{"AgentIdentifier":"Phone","Value":"5003","CallMetadata":{"user2":"1234567890"}}'],
    ['/api/Blackout/StartForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
    ['/api/Blackout/StopForAgent', '{"AgentIdentifier":"Id","Value":2}'],
    ['/api/Record/StartDuplicateForAgent', '{"AgentIdentifier":"Phone","Value":"5003"}'],
    ['/api/Record/StopDuplicateForAgent', '{"AgentIdentifier":"Phone","Value":"5003"}'],
    ['/api/ScreenRecord/StartForAgent', '{"AgentIdentifier":"Phone","Value":"7000","CallMetadata":{"user1":"API Initiated"}}'],
    ['/api/ScreenRecord/UpdateForAgent', '{"AgentIdentifier":"Phone","Value":"7000","CallMetadata":{"user1":"API Initiated"}}'],
    ['/api/ScreenRecord/StopForAgent', '{"AgentIdentifier":"Phone","Value":"7000","CallMetadata":{"user1":"API Initiated"}}'],
    ['/api/Record/StopForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ] as const) {
    const { status, text, headers } = await ask('POST', path, body);
    assert.deepEqual([status, text, headers['content-length']], [200, '', '0'], path);
  }
});

test('a missing field, a body that is no JSON and an unknown agent are 404', async (t) => {
  const { post, ask } = await start(t);
  for (const body of [
    '',
    '{"AgentIdentifier":"Phone","Value":"5003”}',
    '{"Value":"2"}',
    { AgentIdentifier: 'Id' },
    { ...two, Value: '' },
    { ...two, Value: '99' },
  ]) {
    assert.equal(await post('/api/Record/StartForAgent', body), 404, JSON.stringify(body));
  }
  assert.equal(await post('/api/Record/UpdateForAgent', two), 404, 'CallMetadata is required');
  assert.equal(await post('/api/ScreenRecord/UpdateForAgent', two), 404, 'CallMetadata is required');
  assert.equal((await ask('GET', '/api/Record/StartForAgent')).status, 404);
});

test('metadata is merged; keys that may not be written are ignored', async (t) => {
  const { post, simulator } = await start(t);
  const CallMetadata = { USER2: 'new', ani: '1', user16: 'no' };
  assert.equal(await post('/api/Record/UpdateForAgent', { ...two, CallMetadata }), 200);
  const { Metadata } = simulator.agent(2).ActiveCall!;
  assert.deepEqual([Metadata.user1, Metadata.user2, Metadata.ani, Metadata.user16], ['u1-8000', 'new', '5003', undefined]);
});

test('audio starts and stops on the active call only', async (t) => {
  const { post, simulator } = await start(t);
  const call = simulator.agent(2).ActiveCall!;
  assert.equal(await post('/api/Record/StartForAgent', two), 200, 'a start of what runs changes nothing');
  assert.equal(call.Recordings.length, 1);
  simulator.switches.startAgain = 404;
  assert.equal(await post('/api/Record/StartForAgent', two), 404);
  assert.equal(await post('/api/Record/StopForAgent', two), 200);
  assert.equal(call.Recordings[0]?.RecordingState, 'Stopped');
  assert.equal(await post('/api/Record/StopForAgent', two), 404);
  simulator.switches.nothingToActOn = 200;
  assert.equal(await post('/api/Record/StopForAgent', two), 200);
  assert.equal(await post('/api/Record/StartForAgent', two), 200);
  assert.equal(call.Recordings.length, 2);
  assert.notEqual(call.Recordings[1]?.RecordingIdentifier, call.Recordings[0]?.RecordingIdentifier);
  assert.equal(await post('/api/Record/StartForAgent', three), 404, 'in no call');
});

test('a duplicate is a second recording of a call, an inactive one too, and ends by itself', async (t) => {
  const { post, simulator } = await start(t);
  const agent = simulator.agent(2);
  const held = agent.ActiveCall!;
  held.Metadata.callid = '111222';
  simulator.contactCenter.takeCall(agent, 'I');
  assert.equal(await post('/api/Record/StartDuplicateForAgent', { ...two, CallIdentifier: '111222' }), 200);
  assert.deepEqual(
    held.Recordings.map(({ IsDuplicate, RecordingState }) => [IsDuplicate, RecordingState]),
    [
      [false, 'Recording'],
      [true, 'Recording'],
    ],
  );
  assert.equal(await post('/api/Record/StartDuplicateForAgent', two), 200);
  assert.equal(agent.ActiveCall?.Recordings.length, 2);
  assert.equal(await post('/api/Record/StopDuplicateForAgent', two), 200);
  assert.deepEqual(
    agent.ActiveCall?.Recordings.map(({ RecordingState }) => RecordingState),
    ['Recording', 'Stopped'],
  );
  assert.equal(held.Recordings[1]?.RecordingState, 'Recording');
  assert.equal(await post('/api/Record/StopDuplicateForAgent', two), 404);
  assert.equal(await post('/api/Record/StartDuplicateForAgent', { ...two, CallIdentifier: 'other' }), 404);
  await post('/api/Record/StopForAgent', two);
  assert.equal(await post('/api/Record/StartDuplicateForAgent', two), 404, 'nothing to duplicate');
});

test('a screen recording without a call is a desktop-only session; with one it belongs to the call', async (t) => {
  const { post, simulator } = await start(t);
  assert.equal(await post('/api/ScreenRecord/StopForAgent', three), 404);
  assert.equal(await post('/api/ScreenRecord/StartForAgent', three), 200);
  assert.deepEqual(simulator.agent(3).DesktopOnlySessions, [
    { RelatedCallInstance: '', ScreenRecordingidentifier: '', RecordingState: 'Recording' },
  ]);
  assert.equal(await post('/api/ScreenRecord/StopForAgent', three), 200);
  assert.deepEqual(simulator.agent(3).DesktopOnlySessions, []);
  const call = simulator.agent(2).ActiveCall!;
  assert.equal(await post('/api/ScreenRecord/StopForAgent', two), 200);
  assert.match(call.ScreenRecordings[0]!.ScreenRecordingidentifier, /^[0-9a-f-]{36}$/);
  assert.equal(await post('/api/ScreenRecord/StartForAgent', two), 200);
  assert.equal(call.ScreenRecordings[1]?.RelatedCallInstance, call.CallInstance);
});
