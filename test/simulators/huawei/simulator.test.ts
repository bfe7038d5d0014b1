import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type HuaweiSimulator, type HuaweiSwitches, huaweiDemo, startHuaweiSimulator } from '../../../src/simulators/huawei/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

const arrange = async (test: TestContext, switches: Partial<HuaweiSwitches> = {}) => {
  const clock = createManualClock();
  const simulator = await startHuaweiSimulator({ clock, switches });
  simulator.contactCenter.addAgent({ workNo: '291', password: '' });
  test.after(() => simulator.close());
  return { clock, simulator, ask: asker(simulator) };
};

const asker =
  (simulator: HuaweiSimulator) =>
  async (method: string, path: string, { guid, body }: { guid?: string; body?: unknown } = {}) => {
    const response = await fetch(`${simulator.url}/agentgateway/resource/${path}`, {
      method,
      headers: { 'content-type': 'application/json; charset=UTF-8', ...(guid === undefined ? {} : { guid }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      guid: response.headers.get('set-guid')?.replace('JSESSIONID=', '') ?? null,
      type: response.headers.get('content-type'),
      json: (isJson ? JSON.parse(bytes.toString()) : null) as Body,
      bytes,
    };
  };

interface Body {
  retcode: string;
  message: string;
  result: Record<string, unknown> & { agentStateInfo: Record<string, unknown> };
  event: { eventType: string; content: Record<string, unknown> };
}

/** The documented sign-in, with its numbers and booleans as strings. */
const documented = { password: '', phonenum: '40038', status: '4', releasephone: 'false', agenttype: '4' };

const signIn = async (ask: ReturnType<typeof asker>) => (await ask('PUT', 'onlineagent/291', { body: documented })).guid!;

test('the documented sign-in, byte for byte where the page shows it', async (context) => {
  const { ask } = await arrange(context);
  const { json, guid } = await ask('PUT', 'onlineagent/291', { body: documented });
  assert.match(guid!, /^[0-9a-f-]{36}\.AgentGateway0$/);
  assert.equal(json.retcode, '0');
  assert.equal(json.message, '');
  assert.deepEqual(Object.keys(json.result), ['vdnid', 'workno', 'mediatype', 'loginTime', 'isForceChange', 'serverName', 'timeRemaining']);
  assert.deepEqual([json.result.vdnid, json.result.workno, json.result.mediatype, json.result.isForceChange], [1, '291', 'TTF', 'false']);
  assert.equal((await ask('PUT', 'onlineagent/291', { body: documented })).json.retcode, '100-002');
  assert.equal((await ask('PUT', 'onlineagent/291', { body: { ...documented, password: 'no' } })).json.retcode, '100-004');
  assert.equal((await ask('PUT', 'onlineagent/291/forcelogin', { body: documented })).json.retcode, '0');
});

test('one event a poll, first in first out, and a held poll that is empty after 10 s', async (context) => {
  const { ask, clock } = await arrange(context);
  const guid = await signIn(ask);
  const first = await ask('GET', 'agentevent/291', { guid });
  assert.deepEqual(first.json, { message: '', retcode: '0', event: { eventType: 'AgentOther_InService', workNo: '291', content: null } });
  assert.equal((await ask('GET', 'agentevent/291', { guid })).json.event.eventType, 'AgentState_Ready');
  const held = ask('GET', 'agentevent/291', { guid });
  await untilHeld(context, clock);
  await clock.advance(10_000);
  assert.deepEqual((await held).json, { message: '', retcode: '0', event: null });
});

const untilHeld = async (_: TestContext, clock: ReturnType<typeof createManualClock>) => {
  const before = clock.pending();
  while (clock.pending() === before) await new Promise((resolve) => setImmediate(resolve));
};

for (const strictGuids of [true, false]) {
  test(`a GUID rotates with a poll after 60 s, and the old one is ${strictGuids ? 'refused' : 'good until its own 120 s'}`, async (context) => {
    const { ask, clock } = await arrange(context, { strictGuids, pollHoldMs: 0, idleKickMs: 600_000 });
    const guid = await signIn(ask);
    assert.equal((await ask('GET', 'agentevent/291', { guid })).guid, null);
    await clock.advance(60_000);
    const next = (await ask('GET', 'agentevent/291', { guid })).guid!;
    assert.notEqual(next, guid);
    assert.equal((await ask('GET', 'onlineagent/291/agentstatus', { guid })).json.retcode, strictGuids ? '100-006' : '0');
    await clock.advance(60_000);
    assert.equal((await ask('GET', 'onlineagent/291/agentstatus', { guid })).json.retcode, '100-006');
    assert.equal((await ask('GET', 'onlineagent/291/agentstatus', { guid: next })).json.retcode, '0');
    await clock.advance(60_000);
    assert.equal((await ask('GET', 'onlineagent/291/agentstatus', { guid: next })).json.retcode, '100-006');
  });
}

test('an event may be lost until another request comes on the connection that it was answered on', async (context) => {
  const { ask, simulator } = await arrange(context);
  const guid = await signIn(ask);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const poll = async () => {
    const headers = { 'content-type': 'application/json', guid };
    const [response] = (await once(get(`${simulator.url}/agentgateway/resource/agentevent/291`, { agent, headers }), 'response')) as [
      IncomingMessage,
    ];
    await response.resume().toArray();
  };
  const lost = () => simulator.sessions.lost.map(({ eventType }) => eventType);
  await poll();
  await poll();
  agent.destroy();
  while (lost().length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lost(), ['AgentState_Ready']);
  simulator.contactCenter.ring('291');
  simulator.kick('291');
  simulator.sessions.emit('291', 'AgentState_Work', null);
  assert.deepEqual(lost().slice(1), ['AgentState_Busy', 'AgentOther_PhoneAlerting', 'AgentEvent_Incoming_CallInfo', 'AgentState_Work']);
});

test('a session without a request for 120 s is kicked', async (context) => {
  const { ask, clock, simulator } = await arrange(context, { authMode: 'static' });
  const guid = await signIn(ask);
  await clock.advance(119_000);
  assert.equal((await ask('GET', 'onlineagent/291/agentstatus', { guid })).json.retcode, '0');
  await clock.advance(119_000);
  assert.equal(simulator.sessions.has('291'), true);
  await clock.advance(2_000);
  assert.equal(simulator.sessions.has('291'), false);
});

test('agent states are those of agentstatus, and syncagentinfo numbers them otherwise and clears the queue', async (context) => {
  const { ask, simulator } = await arrange(context, { pollHoldMs: 0 });
  const guid = await signIn(ask);
  assert.deepEqual((await ask('GET', 'onlineagent/291/agentstatus', { guid })).json.result, { agentState: 4, isWorking: false });
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  assert.deepEqual((await ask('GET', 'onlineagent/291/agentstatus', { guid })).json.result, { agentState: 7, isWorking: true });
  assert.deepEqual((await ask('GET', 'calldata/291/allcallinfoEx/291', { guid })).json.result, [callId]);
  const sync = (await ask('POST', 'onlineagent/291/syncagentinfo', { guid })).json.result.agentStateInfo;
  assert.equal(sync.state, 9);
  assert.equal(sync.recordID, simulator.contactCenter.recordingOf('291')!.recordId);
  assert.equal((await ask('GET', 'agentevent/291', { guid })).json.event, null);
});

test('recording: a string task in the answer, a number in the event, and no file name at the end', async (context) => {
  const { ask, simulator, clock } = await arrange(context, { autoRecord: false, pollHoldMs: 0 });
  const guid = await signIn(ask);
  const body = { fileName: 'Y:/15/0/20201119/186/142702.V3', mediaType: 5, recordMode: 0, recordFormat: 0 };
  assert.equal((await ask('PUT', 'recordplay/291/record', { guid, body })).json.retcode, '500-008');
  simulator.contactCenter.talk('291', simulator.contactCenter.ring('291').callId);
  await ask('POST', 'onlineagent/291/syncagentinfo', { guid });
  const answer = await ask('PUT', 'recordplay/291/record', { guid, body });
  assert.deepEqual(answer.json, { message: 'success', retcode: '0', result: { taskId: '5086' } });
  const { event } = (await ask('GET', 'agentevent/291', { guid })).json;
  assert.deepEqual(Object.keys(event.content), [
    'taskId',
    'caller',
    'recordID',
    'called',
    'locationId',
    'fileName',
    'fileMediaType',
    'callId',
  ]);
  assert.deepEqual([event.eventType, event.content.taskId, event.content.fileName], ['AgentMediaEvent_Record', 5086, body.fileName]);
  await clock.advance(4_000);
  assert.deepEqual((await ask('DELETE', 'recordplay/291/stoprecord', { guid })).json, { message: 'success', retcode: '0', result: {} });
  const end = (await ask('GET', 'agentevent/291', { guid })).json.event;
  assert.deepEqual(Object.keys(end.content), ['beginTime', 'endTime', 'fileMediaType', 'taskId']);
  const file = await ask('GET', `recordfile/291?recordId=${encodeURIComponent(body.fileName)}&filetype=1`, { guid });
  assert.deepEqual([file.type, file.bytes.length], ['application/octet-stream;charset=utf-8', 32_000]);
  const missing = await ask('GET', 'recordfile/291?recordId=none', { guid });
  assert.deepEqual([missing.status, missing.type, missing.json.retcode], [200, 'application/json;charset=UTF-8', '104-005']);
  assert.deepEqual((await ask('GET', 'recordfile/291?recordId=none', { guid: 'stale' })).json, {
    message: 'no right to invite resource',
    retcode: '100-006',
    result: '',
  });
});

test('a restart forgets sessions and keeps calls', async (context) => {
  const { ask, simulator } = await arrange(context);
  await signIn(ask);
  simulator.contactCenter.ring('291');
  simulator.restart();
  assert.equal(simulator.sessions.has('291'), false);
  assert.equal(simulator.contactCenter.callsOf('291').length, 1);
});

test('the demo plays the same day for the same seed', async (context) => {
  const play = async () => {
    const clock = createManualClock();
    const demo = await huaweiDemo.start({ clock, seed: 7 });
    context.after(() => demo.close());
    const { baseUrl, agents } = demo.settings as unknown as { baseUrl: string; agents: { id: string; password: string; phone: string }[] };
    const ask = asker({ url: baseUrl } as HuaweiSimulator);
    const guids: string[] = [];
    for (const { id, password, phone } of agents)
      guids.push((await ask('PUT', `onlineagent/${id}`, { body: { password, phonenum: phone } })).guid!);
    const seen: string[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      await clock.advance(1_500);
      const states = await Promise.all(agents.map(({ id }, index) => ask('GET', `onlineagent/${id}/agentstatus`, { guid: guids[index]! })));
      seen.push(states.map(({ json }) => json.result.agentState).join(' '));
    }
    return seen;
  };
  const [first, second] = [await play(), await play()];
  assert.deepEqual(first, second);
  assert.ok(new Set(first).size > 5);
});
