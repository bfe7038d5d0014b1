import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentStates } from '../../../src/simulators/huawei/index.ts';
import { arrange, blankAgent, never } from './gateway.ts';

for (const emptyPoll of ['null', 'absent', 'list'] as const) {
  test(`an empty poll (${emptyPoll}) means nothing, and the next comes 200 ms after it`, async (context) => {
    const { simulator, pass, context: server } = await arrange(context, { switches: { emptyPoll } });
    await pass(2_000);
    const before = simulator.calls('getAgentEvent');
    const batches = server.batches.length;
    await pass(51_000, 1_000);
    assert.equal(simulator.calls('getAgentEvent') - before, 5);
    assert.equal(simulator.sessions.overlappingPolls(), 0);
    assert.ok(server.batches.slice(batches).every(({ contact, observations }) => contact !== undefined && observations.length === 0));
    assert.ok(server.batches.length > batches);
    assert.equal(simulator.calls('login'), 1);
  });
}

for (const switches of [
  { jsonKeys: true, eventGenTime: true },
  { bareEvents: true },
  { stopRecordDoneFirst: false, stopRecordDone: 2026 },
] as const) {
  test(`a call is followed from ringing to its end (${Object.keys(switches).join(', ')})`, async (context) => {
    const { simulator, pass, agent, context: server } = await arrange(context, { switches });
    const { callId } = simulator.contactCenter.ring('291');
    await pass(2_000);
    assert.equal(agent('291').status, 'RINGING');
    assert.equal(server.calls.get(callId)?.state, 'RINGING');
    simulator.contactCenter.talk('291', callId);
    await pass(2_000);
    assert.deepEqual([agent('291').status, agent('291').activeCall], ['ON_CALL', callId]);
    simulator.contactCenter.hold('291', callId);
    await pass(1_000);
    assert.deepEqual([agent('291').status, server.calls.get(callId)?.state], ['ON_HOLD', 'HELD']);
    simulator.contactCenter.retrieve('291', callId);
    await pass(1_000);
    simulator.contactCenter.release('291', callId, 'wrapUp');
    await pass(3_000);
    assert.deepEqual([agent('291').status, agent('291').activeCall], ['WRAP_UP', null]);
    assert.equal(server.calls.get(callId)?.state, 'ENDED');
    assert.deepEqual(
      [...server.recordings.values()].map(({ state, call }) => [state, call]),
      [['STOPPED', callId]],
    );
  });
}

test('a transferred call is one call of two agents and is over when the last leaves', async (context) => {
  const { simulator, pass, agent, context: server } = await arrange(context, { agents: ['291', '292'] });
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(4_000);
  simulator.contactCenter.transfer('291', '292', callId);
  await pass(4_000);
  assert.deepEqual([agent('291').activeCall, agent('292').activeCall], [null, callId]);
  assert.equal(server.calls.get(callId)?.state, 'ACTIVE');
  assert.deepEqual(server.calls.get(callId)?.agents, ['291', '292']);
  simulator.contactCenter.release('292', callId);
  await pass(4_000);
  assert.equal(server.calls.get(callId)?.state, 'ENDED');
});

test('after a gap the agent, the calls and what is recording are looked at again', async (context) => {
  const { simulator, pass, agent, context: server } = await arrange(context);
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(3_000);
  simulator.switches.loseEvents = 1_000;
  simulator.contactCenter.release('291', callId);
  const next = simulator.contactCenter.ring('291');
  simulator.switches.autoRecord = false;
  simulator.contactCenter.talk('291', next.callId);
  simulator.switches.loseEvents = 0;
  simulator.kick('291');
  await pass(3_000);
  assert.equal(server.calls.get(callId)?.state, 'ENDED');
  assert.equal(agent('291').activeCall, next.callId);
  assert.equal(server.calls.get(next.callId)?.direction, 'INBOUND');
  assert.equal([...server.recordings.values()][0]?.state, 'STOPPED');
});

test('what a read in a call cannot know, whether it is recorded, is not claimed', async (context) => {
  const { simulator, source, pass, during } = await arrange(context);
  const read = async () => (await during(source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never)))[0]!.observations;
  const hasLiveness = async () => (await read()).some(({ type }) => type === 'liveness');
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(3_000);
  assert.equal(await hasLiveness(), false);
  simulator.contactCenter.release('291', callId);
  await pass(3_000);
  assert.equal(await hasLiveness(), true);
});

test('a recording whose beginning was lost is still found by its end', async (context) => {
  const { simulator, pass, context: server } = await arrange(context);
  const { callId } = simulator.contactCenter.ring('291');
  await pass(1_000);
  simulator.switches.loseEvents = 100;
  simulator.contactCenter.talk('291', callId);
  simulator.switches.loseEvents = 0;
  await pass(1_000);
  simulator.contactCenter.release('291', callId);
  await pass(3_000);
  const segment = simulator.contactCenter.segments[0]!;
  assert.deepEqual(
    [...server.recordings.values()].map(({ externalId, state, fileName }) => [externalId, state, fileName]),
    [[String(segment.taskId), 'STOPPED', null]],
  );
});

test('an end whose beginning was lost ends no other recording, whose own end was lost', async (context) => {
  const { simulator, pass, context: server } = await arrange(context);
  const { contactCenter, switches } = simulator;
  const { callId } = contactCenter.ring('291');
  contactCenter.talk('291', callId);
  await pass(2_000);
  switches.loseEvents = 2;
  contactCenter.stopRecording('291');
  const second = contactCenter.startRecording('291', { byClient: false });
  assert.equal(switches.loseEvents, 0);
  await pass(1_000);
  contactCenter.stopRecording('291');
  await pass(1_000);
  assert.deepEqual(
    [...server.recordings.values()].map(({ externalId, state }) => [externalId, state]),
    [
      [contactCenter.files()[0], 'RECORDING'],
      [String(second.taskId), 'STOPPED'],
    ],
  );
});

test('what cannot be read is kept as a dead letter and polling goes on', async (context) => {
  const { simulator, pass, agent, context: server } = await arrange(context);
  await pass(1_000);
  simulator.failNext('getAgentEvent', { status: 200, body: '{"message":"","retcode":"0","event":{"content":1}}' });
  simulator.failNext('getAgentEvent', {
    status: 200,
    body: '{"message":"","retcode":"0","event":{"eventType":"AgentEvent_Talking","content":[1]}}',
  });
  simulator.failNext('getAgentEvent', { status: 200, body: 'half {"mess' });
  simulator.failNext('getAgentEvent', { status: 200, body: '<html></html>' });
  await pass(40_000, 1_000);
  assert.equal(server.deadLetters.length, 2);
  assert.ok(server.measured.some(({ operation }) => operation === 'event'));
  simulator.contactCenter.setState('291', agentStates.rest);
  simulator.sessions.emit('291', 'AgentState_SetRest_Success', { reason: '200' });
  await pass(2_000);
  assert.equal(agent('291').status, 'BREAK');
  assert.equal(simulator.calls('login'), 1);
});

test('a gateway that refuses agentstatus is polled all the same', async (context) => {
  const { simulator, watch, pass, agent } = await arrange(context, { watch: false });
  simulator.failNext('getAgentStatus', { status: 404, body: 'nothing here' }, { times: 50 });
  watch();
  await pass(2_000);
  assert.equal(agent('291').status, 'IDLE');
  assert.equal(agent('291').vendorStatus, 'AgentState_Ready');
  assert.equal(simulator.calls('login'), 1);
});

test('an event that cannot be kept at once is kept later', async (context) => {
  const { simulator, context: server, pass } = await arrange(context);
  await pass(1_000);
  server.refuse(3);
  simulator.sessions.emit('291', 'AgentState_SetRest_Success', { reason: '200' });
  await pass(3_000);
  assert.equal(server.agents.get('291')?.status, 'BREAK');
});

test('an event of a sign-out from outside is believed, and not undone', async (context) => {
  const { simulator, pass, agent, context: server } = await arrange(context);
  await pass(1_000);
  simulator.sessions.emit('291', 'AgentOther_ShutdownService', { loginTime: '1471585949806' });
  simulator.kick('291');
  await pass(500);
  await pass(10_000, 500);
  assert.ok(server.observations().some((one) => one.type === 'agent' && one.agent.status === 'OFFLINE'));
  assert.equal(agent('291').status, 'OFFLINE');
  assert.equal(simulator.calls('login'), 1);
});

test('push mode: a heartbeat each 30 s keeps the session and no poll is sent', async (context) => {
  const { simulator, pass, agent } = await arrange(context, {
    settings: { events: 'push', callbackUrl: 'https://127.0.0.1:1/hooks/mumbai', serviceToken: 'abc' },
  });
  await pass(300_000, 5_000);
  const login = JSON.parse(simulator.requests.find(({ operation }) => operation === 'login')!.body) as Record<string, unknown>;
  assert.deepEqual([login.callBackUri, login.serviceToken], ['https://127.0.0.1:1/hooks/mumbai', 'abc']);
  assert.equal(simulator.calls('getAgentEvent'), 0);
  assert.ok(Math.abs(simulator.calls('handShake') - 10) <= 1);
  assert.equal(simulator.calls('login'), 1);
  assert.equal(agent('291').status, 'IDLE');
});

for (const count of [1, 50, 500]) {
  test(`reading ${count} agents asks once for each`, async (context) => {
    const agents = Array.from({ length: count }, (_, index) => String(1001 + index));
    const { simulator, source, during, pass } = await arrange(context, { agents, settings: { maxConcurrency: 64 } });
    await pass(1_000, 500);
    assert.equal(simulator.sessions.signedIn().length, count);
    const before = simulator.requests.length;
    const seen = await during(source.agents!.list(never));
    assert.equal(seen.length, count);
    assert.equal(simulator.requests.slice(before).filter(({ operation }) => operation !== 'getAgentEvent').length, count);
    const twice = simulator.calls('getAgentStatus');
    await during(
      source.agents!.byIdentifiers(
        Array.from({ length: 10 }, () => ({ identifier: 'PHONE' as const, value: '41001' })),
        never,
      ),
    );
    assert.equal(simulator.calls('getAgentStatus') - twice, 1);
  });
}

test('an agent who is not signed in is offline without a vendor call', async (context) => {
  const { simulator, source } = await arrange(context, {
    watch: false,
    settings: { agents: [{ id: '291', password: '', phone: '1', name: 'Asha' }] },
  });
  const [agentSnapshot] = await source.agents!.list(never);
  assert.ok(agentSnapshot?.observations.some((one) => one.type === 'agent' && one.agent.status === 'OFFLINE'));
  assert.ok(agentSnapshot?.observations.some((one) => one.type === 'agent' && one.agent.name === 'Asha'));
  assert.equal(simulator.requests.length, 0);
});

test('a poll that is answered with no body brings nothing, and is no gap', async (context) => {
  const { simulator, pass, agent, source } = await arrange(context);
  await pass(1_000);
  const looks = simulator.calls('getAgentStatus');
  simulator.failNext('getAgentEvent', { status: 200, body: '' });
  simulator.failNext('getAgentEvent', { status: 204, body: '' });
  await pass(12_000);
  assert.equal(simulator.calls('getAgentStatus'), looks);
  assert.deepEqual([agent('291').status, source.health().status], ['IDLE', 'UP']);
});

test('an id out of range is refused in whatever words the server in front has', async (context) => {
  const { simulator, source, watch, pass } = await arrange(context, { agents: ['291', '292'], watch: false });
  simulator.failNext('login', { status: 404, body: '{"timestamp":1,"status":404,"error":"Not Found"}' }, { times: 100 });
  watch();
  await pass(5_000);
  assert.equal(source.health().status, 'DEGRADED');
  assert.match(source.health().lastError!, /login of agent 29\d: .*check the agent id and its range/);
});

test('times that are none are not reported, and an event without its call is one', async (context) => {
  const { simulator, pass, agent, context: server } = await arrange(context);
  await pass(1_000);
  simulator.failNext('getAgentEvent', {
    status: 200,
    body: '{"retcode":"0","event":{"eventType":"AgentState_SetRest_Success","workNo":291,"eventGenTime":1e30,"content":{"reason":"200"}}}',
  });
  simulator.failNext('getAgentEvent', {
    status: 200,
    body: '{"retcode":"0","event":{"eventType":"AgentEvent_Call_Release","content":""}}',
  });
  await pass(12_000);
  assert.equal(agent('291').status, 'BREAK');
  assert.deepEqual([server.deadLetters.length, server.calls.size], [0, 0]);
});

test('an agent whose requests all fail grows old alone: reported by name, UNKNOWN in the end, and the others stay fresh', async (context) => {
  const {
    simulator,
    source,
    pass,
    agent,
    clock,
    during,
    context: server,
  } = await arrange(context, {
    agents: ['291', '292'],
    settings: { circuit: { failures: 5 } },
  });
  await pass(2_000);
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(12_000, 1_000);
  assert.equal(agent('291').status, 'ON_CALL');
  simulator.failNext('*', { status: 500, body: '' }, { times: 10_000, workNo: '291' });
  const failsAtMs = clock.now();
  simulator.contactCenter.release('291', callId);
  await pass(20_000, 1_000);
  const contactsWithAll = server.batches.filter(({ contact, asOfMs }) => contact === true && asOfMs > failsAtMs + 1_000);
  assert.deepEqual(contactsWithAll, [], 'contact with 292 proves nothing of 291');
  assert.ok(Date.parse(agent('291').observedAt!) <= failsAtMs);
  assert.equal(agent('291').status, 'ON_CALL');
  assert.equal(source.health().status, 'DEGRADED');
  await assert.rejects(during(source.agents!.list(never)), { code: 'VENDOR_UNAVAILABLE', message: /agent 291/ });
  await pass(60_000, 1_000);
  assert.deepEqual([agent('291').status, agent('292').status], ['UNKNOWN', 'IDLE']);
  const readOne = () => during(source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
  for (let reads = 0; reads < 10; reads += 1) await assert.rejects(readOne(), { code: 'VENDOR_UNAVAILABLE', vendorCode: '500' });
  assert.equal(source.health().circuit, 'CLOSED', 'commands for 292 are sent still');
  assert.ok(Date.parse(agent('291').observedAt!) <= failsAtMs, 'it is no younger for that');
  assert.ok(server.batches.some(({ contact, asOfMs }) => Array.isArray(contact) && contact.includes('292') && asOfMs > failsAtMs + 60_000));
  simulator.failNoMore();
  await pass(90_000, 1_000);
  assert.deepEqual([agent('291').status, agent('291').activeCall], ['IDLE', null]);
  assert.ok(server.batches.some(({ contact, asOfMs }) => contact === true && asOfMs > failsAtMs + 80_000));
});

test('push mode by a toolbar’s session: nobody is signed in, a push brings the session, and a stale one is UNKNOWN until the next', async (context) => {
  const {
    simulator,
    source,
    pass,
    during,
    agent,
    context: server,
  } = await arrange(context, {
    settings: { events: 'push', callbackUrl: 'https://127.0.0.1:1/hooks/mumbai', serviceToken: 'abc', attachSession: true },
  });
  const stop = () => during(source.control!.STOP_RECORDING!({ operation: 'STOP_RECORDING', agent: blankAgent('291') }, never));
  const push = (guid: string, eventType: string, content: unknown) =>
    source.webhook!.handle({
      method: 'POST',
      path: '',
      query: new URLSearchParams(),
      headers: { service_token: 'abc', guid },
      body: Buffer.from(JSON.stringify({ workNo: '291', eventList: [{ eventType, workNo: '291', content }] })),
    });
  await pass(60_000, 5_000);
  assert.deepEqual([simulator.requests.length, agent('291').status], [0, 'UNKNOWN']);
  await assert.rejects(stop(), { code: 'NOT_SIGNED_IN', message: /the next push of the agent's toolbar brings it/ });
  const guid = simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  const talking = { callid: callId, caller: '1', called: '2', feature: '0' };
  assert.equal((await push(guid, 'AgentEvent_Talking', talking)).status, 200);
  await during(stop());
  assert.equal(simulator.requests.at(-1)?.headers.guid, guid);
  const next = simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await assert.rejects(stop(), { code: 'NOT_SIGNED_IN' });
  await pass(60_000, 5_000);
  assert.deepEqual([agent('291').status, agent('291').activeCall, server.calls.get(callId)?.state], ['UNKNOWN', callId, 'ACTIVE']);
  await push(`JSESSIONID=${next}`, 'AgentEvent_Talking', talking);
  assert.equal(agent('291').status, 'ON_CALL');
  assert.deepEqual([simulator.calls('login'), simulator.calls('forceLogin'), simulator.calls('handShake')], [0, 0, 0]);
  await push(next, 'AgentOther_ShutdownService', { loginTime: '1' });
  await pass(60_000, 5_000);
  assert.equal(agent('291').status, 'OFFLINE');
});

test('push mode: what fails for one agent is in the health at once, and stays there while others are well', async (context) => {
  const { simulator, source, pass, during } = await arrange(context, {
    agents: ['291', '292'],
    settings: { events: 'push', callbackUrl: 'https://127.0.0.1:1/hooks/mumbai', serviceToken: 'abc' },
  });
  await pass(2_000);
  simulator.failNext('getAgentStatus', { status: 500, body: '' }, { times: 1, workNo: '291' });
  const read = (value: string) => during(source.agents!.byIdentifiers([{ identifier: 'ID', value }], never));
  await assert.rejects(read('291'), { vendorCode: '500' });
  await read('292');
  assert.deepEqual(
    [source.health().status, source.health().lastError],
    ['DEGRADED', 'mumbai: getAgentStatus was answered with HTTP 500 (agent 291).'],
  );
  await read('291');
  assert.deepEqual([source.health().status, source.health().lastError], ['UP', null]);
});
