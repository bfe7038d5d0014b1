import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VendorAnswer, VendorCommand } from '../../../src/domain/ports/vendor.ts';
import { arrange, never, type Setting, type SettingOptions } from './gateway.ts';

/** An agent in a call; `send` gives a command as the server does and reduces its answer. */
const inCall = async (test: Parameters<typeof arrange>[0], options: SettingOptions = {}) => {
  const setting = await arrange(test, { ...options, switches: { autoRecord: false, ...options.switches } });
  const { callId } = setting.simulator.contactCenter.ring('291');
  setting.simulator.contactCenter.talk('291', callId);
  await setting.pass(3_000);
  return { ...setting, callId, send: sender(setting) };
};

const sender =
  ({ source, context, clock, agent, during }: Setting) =>
  async (operation: keyof NonNullable<typeof source.control>, more: Partial<VendorCommand> = {}): Promise<VendorAnswer> => {
    const answer = await during(source.control![operation]!({ operation, agent: agent('291'), ...more }, never));
    await context.observe({ observations: answer.observations ?? [], asOfMs: clock.now() });
    return answer;
  };

test('a start is sent as documented; its yes is STARTING, its event RECORDING, under one recording', async (context) => {
  const { simulator, send, pass, callId, context: server } = await inCall(context, { switches: { recordDelayMs: 2_000 } });
  const answer = await send('START_RECORDING', { fileName: 'Y:/15/0/20201119/186/142702.V3' });
  const sent = simulator.requests.find(({ operation }) => operation === 'beginRecord')!;
  assert.equal(sent.url, '/agentgateway/resource/recordplay/291/record');
  assert.deepEqual(JSON.parse(sent.body), { fileName: 'Y:/15/0/20201119/186/142702.V3', mediaType: 5, recordMode: 0, recordFormat: 0 });
  assert.equal(answer.recording, '5086');
  assert.equal(server.recordings.get('5086')?.state, 'STARTING');
  assert.equal(server.recordings.get('5086')?.call, callId);
  await pass(3_000);
  assert.equal(server.recordings.size, 1);
  const recording = server.recordings.get('Y:/15/0/20201119/186/142702.V3')!;
  assert.deepEqual([recording.state, recording.formerId, recording.vendorData?.locationId], ['RECORDING', '5086', '256']);
});

test('an event that overtakes the answer makes no second recording', async (context) => {
  const { send, source, agent, simulator, pass, context: server } = await inCall(context);
  const answering = source.control!.START_RECORDING!({ operation: 'START_RECORDING', agent: agent('291') }, never);
  await pass(2_000);
  const answer = await answering;
  await server.observe({ observations: answer.observations ?? [], asOfMs: 0 });
  assert.deepEqual([...server.recordings.keys()], simulator.contactCenter.files());
  assert.equal([...server.recordings.values()][0]?.state, 'RECORDING');
  assert.ok(send);
});

test('a stop is STOPPING until the event says that it is done', async (context) => {
  const { send, pass, simulator, context: server } = await inCall(context, { switches: { recordDelayMs: 1_000 } });
  await send('START_RECORDING');
  await pass(2_000);
  const [file] = simulator.contactCenter.files();
  await send('STOP_RECORDING');
  assert.equal(server.recordings.get(file!)?.state, 'STOPPING');
  await pass(2_000);
  assert.equal(server.recordings.get(file!)?.state, 'STOPPED');
  assert.equal(simulator.requests.find(({ operation }) => operation === 'stopRecord')?.body, '');
});

test('stop, then start with APPEND: one recording, and the segment between is not in it', async (context) => {
  const { send, pass, simulator, context: server, clock } = await inCall(context);
  await send('START_RECORDING');
  await pass(10_000, 1_000);
  const [file] = simulator.contactCenter.files();
  const maskedFrom = clock.now();
  await send('STOP_RECORDING');
  await pass(5_000, 1_000);
  assert.equal(server.recordings.get(file!)?.state, 'STOPPED');
  const answer = await send('START_RECORDING', { mode: 'APPEND', fileName: file! });
  assert.equal(answer.recording, file);
  const maskedTo = clock.now();
  await pass(4_000, 1_000);
  assert.equal(server.recordings.get(file!)?.state, 'RECORDING');
  assert.equal(server.recordings.get(file!)?.endedAt, null);
  await send('STOP_RECORDING');
  await pass(2_000);
  assert.deepEqual([...server.recordings.keys()], [file]);
  assert.equal(server.recordings.get(file!)?.state, 'STOPPED');
  const sent = simulator.requests
    .filter(({ operation }) => operation === 'beginRecord')
    .map(({ body }) => JSON.parse(body) as { recordMode: number });
  assert.deepEqual(
    sent.map(({ recordMode }) => recordMode),
    [0, 1],
  );
  for (const { beginMs, endMs } of simulator.contactCenter.segments) assert.ok(endMs! <= maskedFrom || beginMs >= maskedTo - 100);
  const recordedMs = simulator.contactCenter.segments.reduce((sum, { beginMs, endMs }) => sum + endMs! - beginMs, 0);
  assert.equal(server.recordings.get(file!)?.durationMs, recordedMs);
});

for (const spelled of [(name: string) => name, (name: string) => name.toLowerCase().replaceAll('/', '\\')]) {
  test(`OVERWRITE on ${spelled('Y:/a file')}: what the file held before is gone, with its times`, async (context) => {
    const { send, pass, simulator, context: server } = await inCall(context, { switches: { stopRecordDone: 2024 } });
    await send('START_RECORDING');
    await pass(10_000, 1_000);
    await send('STOP_RECORDING');
    await pass(5_000, 1_000);
    const [file] = simulator.contactCenter.files();
    const [first] = simulator.contactCenter.segments;
    await send('START_RECORDING', { mode: 'OVERWRITE', fileName: spelled(file!) });
    await pass(4_000, 1_000);
    const second = simulator.contactCenter.segments.at(-1)!;
    assert.ok(second.beginMs > first!.endMs!);
    const running = server.recordings.get(file!)!;
    assert.deepEqual([running.state, running.endedAt, running.durationMs], ['RECORDING', null, null]);
    assert.equal(running.segments?.length, 1);
    await send('STOP_RECORDING');
    await pass(2_000);
    const ended = server.recordings.get(file!)!;
    assert.equal(server.recordings.size, 1);
    assert.equal(ended.durationMs, second.endMs! - second.beginMs);
    assert.deepEqual([Date.parse(ended.startedAt!), Date.parse(ended.endedAt!), ended.segments?.length], [second.beginMs, second.endMs, 1]);
    await send('START_RECORDING', { mode: 'APPEND', fileName: file! });
    await pass(1_000);
    assert.equal(server.recordings.get(file!)!.segments?.length, 2, 'a later APPEND goes on from there');
  });
}

for (const retcode of ['500-008', 'no code at all']) {
  test(`an OVERWRITE that is refused with ${retcode} leaves the recording as it is`, async (context) => {
    const { send, pass, simulator, context: server } = await inCall(context);
    await send('START_RECORDING');
    await pass(3_000, 1_000);
    await send('STOP_RECORDING');
    await pass(2_000, 1_000);
    const [file] = simulator.contactCenter.files();
    const before = server.recordings.get(file!);
    simulator.failNext('beginRecord', { retcode });
    await assert.rejects(send('START_RECORDING', { fileName: file! }));
    await send('START_RECORDING', { mode: 'APPEND', fileName: file! });
    await pass(2_000, 1_000);
    assert.equal(server.recordings.get(file!)?.startedAt, before?.startedAt);
  });
}

test('an OVERWRITE whose answer a proxy lost replaces the recording when its event comes', async (context) => {
  const { send, pass, simulator, context: server } = await inCall(context);
  await send('START_RECORDING');
  await pass(3_000, 1_000);
  await send('STOP_RECORDING');
  await pass(2_000, 1_000);
  const [file] = simulator.contactCenter.files();
  simulator.failNext('beginRecord', { status: 502, body: 'bad gateway' });
  await assert.rejects(send('START_RECORDING', { fileName: file! }));
  simulator.contactCenter.startRecording('291', { fileName: file!, byClient: true });
  await pass(2_000, 1_000);
  const { state, segments } = server.recordings.get(file!)!;
  assert.deepEqual([state, segments?.length], ['RECORDING', 1]);
});

test('a start that fails after it was acknowledged is reported as a failed command', async (context) => {
  const { send, pass, context: server } = await inCall(context, { switches: { recordFails: true, recordDelayMs: 500 } });
  await send('START_RECORDING');
  await pass(2_000);
  assert.equal(server.recordings.size, 1);
  assert.equal([...server.recordings.values()][0]?.state, 'FAILED');
  assert.ok(server.observations().some((one) => one.type === 'commandFailed' && one.operations.includes('START_RECORDING')));
});

test('where agents may not record, the switch is named', async (context) => {
  const { send, source } = await inCall(context, { switches: { selfRecord: false } });
  await assert.rejects(send('START_RECORDING'), (error: Error & { vendorCode: string }) => {
    assert.equal(error.vendorCode, '500-011');
    assert.match(error.message, /private cloud.*IF_ENABLE_AGENT_SELFRECORD/);
    return true;
  });
  assert.match(source.notes!.START_RECORDING!, /IF_ENABLE_AGENT_SELFRECORD/);
});

test('wrong states are reported as what they are', async (context) => {
  const { send, simulator, callId, pass } = await inCall(context);
  await assert.rejects(send('STOP_RECORDING'), { code: 'NOT_RECORDING', vendorCode: '500-010' });
  await send('START_RECORDING');
  await pass(1_000);
  await assert.rejects(send('START_RECORDING'), { code: 'ALREADY_RECORDING', vendorCode: '500-008' });
  simulator.contactCenter.release('291', callId);
  await pass(3_000);
  await assert.rejects(send('START_RECORDING'), { code: 'NOT_IN_CALL', vendorCode: '500-008' });
});

test('what the gateway cannot keep is refused before it is sent', async (context) => {
  const { send, simulator, source } = await inCall(context);
  await assert.rejects(send('START_RECORDING', { metadata: [{ key: 'a', value: 'b' }] }), { code: 'INVALID_INPUT' });
  await assert.rejects(send('START_RECORDING', { fileName: 'x'.repeat(101) }), { code: 'INVALID_INPUT' });
  assert.equal(simulator.calls('beginRecord'), 0);
  assert.deepEqual(Object.keys(source.control!).sort(), [
    'SIGN_IN_AGENT',
    'SIGN_OUT_AGENT',
    'START_RECORDING',
    'START_SCREEN_RECORDING',
    'STOP_RECORDING',
    'STOP_SCREEN_RECORDING',
  ]);
  assert.deepEqual(source.blackouts, { support: 'EMULATED', confirmable: true });
});

test('a screen recording is started, followed and stopped', async (context) => {
  const {
    send,
    pass,
    simulator,
    context: server,
  } = await arrange(context).then(async (setting) => {
    await setting.pass(1_000);
    return { ...setting, send: sender(setting) };
  });
  await send('START_SCREEN_RECORDING');
  await pass(1_000);
  assert.deepEqual(
    [...server.recordings.values()].map(({ kind, state }) => [kind, state]),
    [['SCREEN', 'RECORDING']],
  );
  await send('STOP_SCREEN_RECORDING');
  await pass(1_000);
  assert.equal([...server.recordings.values()][0]?.state, 'STOPPED');
  assert.deepEqual(server.agents.get('291')?.desktopRecordings, []);
  assert.equal(
    simulator.requests.find(({ operation }) => operation === 'startRecordScreen')?.url,
    '/agentgateway/resource/recordplay/291/startrecordscreen',
  );
});

test('a command that is not answered is a timeout and is not sent again', async (context) => {
  const { send, simulator } = await inCall(context, { settings: { timeoutSeconds: 0.2 } });
  simulator.failNext('beginRecord', 'stall');
  await assert.rejects(send('START_RECORDING'), { code: 'VENDOR_TIMEOUT' });
  assert.equal(simulator.calls('beginRecord'), 1);
});

test('each class of error code is treated as such', async (context) => {
  const { send, simulator } = await inCall(context);
  const table = [
    ['000-002', 'INVALID_INPUT', false],
    ['000-004', 'VENDOR_UNAVAILABLE', true],
    ['000-007', 'CONFLICT', true],
    ['100-007', 'VENDOR_UNAVAILABLE', true],
    ['100-021', 'CONFLICT', true],
    ['900-002', 'VENDOR_REJECTED', false],
  ] as const;
  for (const [retcode, code, retryable] of table) {
    simulator.failNext('beginRecord', { retcode });
    await assert.rejects(send('START_RECORDING'), { code, vendorCode: retcode, retryable });
  }
  simulator.failNext('beginRecord', { retcode: '105-006' });
  await send('START_RECORDING');
  await send('STOP_RECORDING');
  // The session is good for others, so that it is a right that is missing: nobody is signed in anew, which would end the call.
  simulator.failNext('beginRecord', { retcode: '000-003' });
  const signIns = simulator.calls('login') + simulator.calls('forceLogin');
  await assert.rejects(send('START_RECORDING'), { code: 'FORBIDDEN', vendorCode: '000-003' });
  assert.equal(simulator.calls('login') + simulator.calls('forceLogin'), signIns);
});

test('web pages, half answers and wrong shapes are an unavailable vendor', async (context) => {
  const { send, simulator } = await inCall(context);
  const faults = [
    { status: 200, body: '<html>portal</html>' },
    { status: 500, body: 'oops' },
    { status: 200, body: '{"message":"x"}' },
    { status: 200, body: '{"message":"","retcode":"0","result":{"taskId":{}}}' },
    'half',
    'reset',
  ] as const;
  for (const fault of faults) {
    simulator.failNext('beginRecord', fault);
    await assert.rejects(send('START_RECORDING'), { code: 'VENDOR_UNAVAILABLE' });
  }
  simulator.failNext('beginRecord', { status: 400, body: '{"retcode":"000-002","message":"bad"}' });
  await assert.rejects(send('START_RECORDING'), { code: 'INVALID_INPUT' });
  simulator.failNext('beginRecord', { status: 404, body: 'nothing here' });
  await assert.rejects(send('START_RECORDING'), { code: 'INVALID_INPUT', vendorCode: '000-002' });
});

test('whatever code of the record family refuses a stop, it is reported by what is known of the recording', async (context) => {
  const { send, simulator, pass } = await inCall(context);
  for (const retcode of ['500-008', '500-010', '500-011']) {
    simulator.failNext('stopRecord', { retcode });
    await assert.rejects(send('STOP_RECORDING'), { code: 'NOT_RECORDING', vendorCode: retcode });
  }
  await send('START_RECORDING');
  await pass(1_000);
  simulator.failNext('stopRecord', { retcode: '500-008' });
  await assert.rejects(send('STOP_RECORDING'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'VENDOR_REJECTED');
    assert.doesNotMatch(error.message, /cannot be started/);
    return true;
  });
  simulator.failNext('beginRecord', { retcode: '500-011' });
  await assert.rejects(send('START_RECORDING'), { code: 'ALREADY_RECORDING', vendorCode: '500-011' });
});

test('a yes that names no task is a yes', async (context) => {
  const { send, simulator } = await inCall(context);
  for (const body of [
    '{"message":"","retcode":"0"}',
    '{"message":"success","retcode":0,"result":""}',
    '{"message":"success","retcode":"0","result":[]}',
    '{"retcode":"0","result":{}}',
    '{"retcode":"0","result":{"taskId":null}}',
  ]) {
    simulator.failNext('beginRecord', { status: 200, body });
    assert.deepEqual(await send('START_RECORDING'), { recording: null });
  }
});

test('a failure that overtakes the yes is the answer, and no recording is left beginning', async (context) => {
  const { source, agent, simulator, pass, during, context: server } = await inCall(context);
  const failure = { taskId: 7001, fileName: 'Y:/6/0/20261121/291/1.V3', locationId: '65535', fileMediaType: '1', callId: '' };
  simulator.sessions.emit('291', 'AgentMediaEvent_Record_Fail', failure);
  simulator.failNext('beginRecord', { status: 200, body: '{"retcode":"0","result":{"taskId":"7001"}}' });
  const answering = source.control!.START_RECORDING!({ operation: 'START_RECORDING', agent: agent('291') }, never);
  const outcome = assert.rejects(answering, { code: 'VENDOR_REJECTED', vendorCode: 'AgentMediaEvent_Record_Fail' });
  await during(outcome);
  await pass(1_000);
  assert.deepEqual(
    [...server.recordings.values()].map(({ state }) => state),
    ['FAILED'],
  );
});

test('a recording whose end is never reported ends when its agent has been free for a moment', async (context) => {
  const { send, simulator, callId, pass, clock, context: server } = await inCall(context);
  await send('START_RECORDING');
  await pass(1_000);
  const [file] = simulator.contactCenter.files();
  simulator.switches.loseEvents = 1_000;
  simulator.contactCenter.release('291', callId);
  simulator.switches.loseEvents = 0;
  for (const [event, content] of [
    ['AgentEvent_Call_Release', callId],
    ['AgentState_Ready', null],
  ] as const) {
    simulator.sessions.emit('291', event, content);
  }
  await pass(1_000);
  assert.equal(server.recordings.get(file!)?.state, 'RECORDING');
  await pass(3_000);
  assert.equal(server.recordings.get(file!)?.state, 'STOPPED');
  const endTime = clock.now() - 1_000;
  const { taskId } = simulator.contactCenter.segments[0]!;
  simulator.sessions.emit('291', 'AgentMediaEvent_StopRecordDone', { beginTime: endTime - 5_000, endTime, fileMediaType: '1', taskId });
  await pass(1_000);
  assert.deepEqual([server.recordings.size, server.recordings.get(file!)?.durationMs], [1, 5_000]);
});

test('a recording that was accepted and never contact of again ends with the call', async (context) => {
  const { send, simulator, callId, pass, context: server } = await inCall(context);
  simulator.failNext('beginRecord', { status: 200, body: '{"retcode":"0","result":{"taskId":"7002"}}' });
  await send('START_RECORDING');
  await pass(1_000);
  assert.equal(server.recordings.get('7002')?.state, 'STARTING');
  simulator.contactCenter.release('291', callId);
  await pass(5_000);
  assert.equal(server.recordings.get('7002')?.state, 'STOPPED');
});
