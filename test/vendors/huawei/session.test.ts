import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { huawei } from '../../../src/vendors/huawei/index.ts';
import { createObservingContext } from '../../support/observing-context.ts';
import { arrange, blankAgent, never, settingsFor } from './gateway.ts';

const command = (operation: 'SIGN_IN_AGENT' | 'SIGN_OUT_AGENT' | 'STOP_RECORDING', workNo: string, more = {}) => ({
  operation,
  agent: blankAgent(workNo),
  ...more,
});
const guidOf = (stored: ReadonlyMap<string, string>, workNo: string) =>
  (JSON.parse(stored.get(`session:${workNo}`)!) as { guid: string }).guid;

const statusesIn = (observations: readonly Observation[]) =>
  observations.flatMap((one) => (one.type === 'agent' && one.agent.status ? [one.agent.status] : []));

test('signs in with a documented body, takes the GUID from the header, joins the skills, then polls', async (context) => {
  const { simulator, context: server } = await arrange(context, { switches: { cookies: true } });
  const [login, skill, status, poll] = simulator.requests;
  assert.equal(login?.url, '/agentgateway/resource/onlineagent/291');
  assert.equal(login?.headers['content-type'], 'application/json; charset=UTF-8');
  assert.equal(login?.headers.guid, undefined);
  assert.deepEqual(JSON.parse(login!.body), {
    password: 'secret-291',
    phonenum: '4291',
    autoanswer: true,
    autoenteridle: true,
    agenttype: 4,
    status: 4,
  });
  assert.equal(skill?.url, '/agentgateway/resource/onlineagent/291/resetskill/true?phonelinkage=0');
  assert.match(String(skill?.headers.guid), /^[0-9a-f-]{36}\.AgentGateway0$/);
  assert.equal(skill?.headers.cookie, 'SERVERID=node1');
  assert.equal(skill?.headers['content-type'], 'application/json; charset=UTF-8');
  assert.equal(status?.operation, 'getAgentStatus');
  assert.equal(poll?.url, '/agentgateway/resource/agentevent/291');
  assert.equal(guidOf(server.stored, '291'), skill?.headers.guid);
});

test('by default a sign-in puts nobody to work: not ready, no automatic answer, no queue', async (context) => {
  const { simulator, source, during, pass, agent } = await arrange(context, { settings: { signIn: undefined } });
  await pass(2_000);
  const { status, autoanswer, autoenteridle } = JSON.parse(simulator.requests[0]!.body) as Record<string, unknown>;
  assert.deepEqual([status, autoanswer, autoenteridle, simulator.calls('resetSkill')], [3, false, false, 0]);
  assert.equal(agent('291').status, 'BUSY');
  await during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291'), never));
  simulator.failNext('getAgentStatus', { retcode: '100-009' }, { times: 10 });
  const { observations } = await during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never));
  assert.deepEqual(statusesIn(observations ?? []), ['BUSY']);
});

test('a sign-in takes the status, the answering and the queues of the settings', async (context) => {
  const signIn = { status: 'READY', autoAnswer: false, queues: [4, 5] };
  const { simulator, pass, agent } = await arrange(context, { settings: { signIn } });
  await pass(2_000);
  const { status, autoanswer, autoenteridle } = JSON.parse(simulator.requests[0]!.body) as Record<string, unknown>;
  assert.deepEqual([status, autoanswer, autoenteridle, agent('291').status], [4, false, true, 'IDLE']);
  assert.match(simulator.requests[1]!.url, /\/onlineagent\/291\/resetskill\/false\?skillid=4;5&phonelinkage=0$/);
});

test('an agent that is no longer configured is refused before the platform is called, also with a phone', async (context) => {
  const { simulator, source, during, context: server } = await arrange(context);
  const left = JSON.parse(server.stored.get('session:291')!) as object;
  server.stored.set('session:999', JSON.stringify({ ...left, phone: '4999' }));
  const before = simulator.requests.length;
  const signIn = source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '999', { phone: '4999' }), never);
  await assert.rejects(during(signIn), { code: 'NOT_FOUND' });
  assert.equal(simulator.requests.length, before);
});

for (const lostCode of ['100-006', '000-003'] as const) {
  test(`calls that meet ${lostCode} share one new sign-in and then go on`, async (context) => {
    const { simulator, source, during, settle } = await arrange(context, { switches: { lostCode } });
    simulator.contactCenter.talk('291', simulator.contactCenter.ring('291').callId);
    await settle();
    simulator.kick('291');
    const answers = await during(
      Promise.all(Array.from({ length: 8 }, () => source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never))),
    );
    assert.equal(simulator.calls('login'), 2);
    for (const [agentSnapshot] of answers) {
      const statuses = agentSnapshot!.observations.flatMap((one) => (one.type === 'agent' && one.agent.status ? [one.agent.status] : []));
      assert.deepEqual(statuses, ['ON_CALL']);
    }
  });
}

test('calls that cross a rotation do not fail, even where the old GUID is refused at once', async (context) => {
  const { simulator, source, clock, pass, during } = await arrange(context, { switches: { strictGuids: true } });
  await pass(59_900, 5_000);
  const lookups = Array.from({ length: 20 }, () => source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
  simulator.contactCenter.ring('291');
  await clock.advance(300);
  simulator.contactCenter.ring('291');
  const more = Array.from({ length: 20 }, () => source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
  const answers = await during(Promise.all([...lookups, ...more]));
  assert.ok(answers.every(([agentSnapshot]) => agentSnapshot !== null));
  await pass(10_000);
  const guids = new Set(simulator.requests.flatMap(({ headers }) => headers.guid ?? []));
  assert.ok(guids.size >= 2);
  assert.equal(simulator.calls('login'), 1);
});

test('a restarted server goes on with a session that is still good', async (context) => {
  const first = await arrange(context);
  await first.pass(70_000, 5_000);
  const guid = guidOf(first.context.stored, '291');
  const settings = settingsFor(first.simulator.url, ['291']);
  const again = createObservingContext('mumbai', { clock: first.clock, state: first.context.state });
  const second = huawei.create(settings, again);
  context.after(() => second.close());
  const [agentSnapshot] = await second.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never);
  assert.equal(agentSnapshot?.agent, '291');
  assert.equal(first.simulator.requests.at(-1)?.headers.guid, guid);
  assert.equal(first.simulator.calls('login'), 1);
});

test('a session that is taken up late gets a new GUID first', async (context) => {
  const first = await arrange(context, { watch: false });
  await first.during(first.source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never));
  await first.clock.advance(90_000);
  first.watch();
  await first.settle();
  assert.equal(first.simulator.calls('updateGuid'), 1);
  assert.equal(first.simulator.calls('login'), 1);
  const poll = first.simulator.requests.at(-1)!;
  assert.equal(poll.operation, 'getAgentEvent');
  assert.equal(poll.headers.guid, guidOf(first.context.stored, '291'));
});

for (const [why, arrangeRefusal, code] of [
  ['a wrong password', { agents: [{ id: '291', password: 'wrong', phone: '4291' }] }, '100-004'],
  ['an illegal phone', { agents: [{ id: '291', password: 'secret-291', phone: 'desk' }] }, '100-013'],
] as const) {
  test(`${why} (${code}) stops the attempts and is reported in the health`, async (context) => {
    const { simulator, source, pass } = await arrange(context, { settings: arrangeRefusal });
    await pass(600_000, 30_000);
    assert.equal(simulator.calls('login'), 1);
    const health = source.health();
    assert.equal(health.status, 'DEGRADED');
    assert.match(health.lastError!, /agent 291/);
    assert.doesNotMatch(health.lastError!, /wrong'|secret|desk/);
    assert.equal(source.health().circuit, 'CLOSED');
    await assert.rejects(source.control!.STOP_RECORDING!(command('STOP_RECORDING', '291'), never), { code: 'NOT_SIGNED_IN' });
  });
}

test('a locked account stops only that agent, and a later sign-in that works is taken up', async (context) => {
  const { simulator, source, watch, pass, during, agent } = await arrange(context, { agents: ['291', '292'], watch: false });
  simulator.contactCenter.addAgent({ workNo: '292', password: 'secret-292', locked: true });
  watch();
  await pass(200_000, 10_000);
  assert.equal(agent('291').status, 'IDLE');
  assert.equal(agent('292').status, 'OFFLINE');
  assert.match(source.health().lastError!, /agent 292.*locked/);
  assert.equal(simulator.calls('login'), 2);
  simulator.contactCenter.addAgent({ workNo: '292', password: 'secret-292' });
  await during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '292'), never));
  await pass(10_000);
  assert.equal(agent('292').status, 'IDLE');
  assert.equal(source.health().lastError, null);
});

test('a gateway that is down is tried again with growing pauses, and then watched', async (context) => {
  const { simulator, source, watch, pass, agent } = await arrange(context, { watch: false });
  simulator.failNext('login', { status: 503, body: 'down' }, { times: 5 });
  watch();
  await pass(10_000, 1_000);
  assert.ok(simulator.calls('login') <= 5);
  await pass(60_000, 1_000);
  assert.equal(simulator.calls('login'), 6);
  assert.equal(agent('291').status, 'IDLE');
  assert.equal(source.health().status, 'UP');
});

test('an agent whom another client holds is left alone, and taken over by force alone', async (context) => {
  const { simulator, source, pass, during } = await arrange(context, { watch: false });
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await assert.rejects(during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never)), {
    code: 'CONFLICT',
    vendorCode: '100-002',
  });
  assert.equal(simulator.calls('forceLogin'), 0);
  await during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291', { force: true }), never));
  assert.equal(simulator.calls('forceLogin'), 1);
  await pass(100);
});

test('a session that another client took is left to it, unless the setting says otherwise; one that is fought over is', async (context) => {
  const { simulator, source, pass } = await arrange(context);
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await pass(20_000, 1_000);
  assert.equal(simulator.calls('forceLogin'), 0);
  assert.equal(source.health().status, 'DEGRADED');
  assert.match(source.health().lastError ?? '', /signed in by another client/);
});

test('an agent whose session another client took is UNKNOWN, and its call and recording go on', async (context) => {
  const { simulator, source, pass, agent, context: server } = await arrange(context);
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(2_000);
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await pass(20_000, 1_000);
  assert.deepEqual([agent('291').status, agent('291').activeCall, server.calls.get(callId)?.state], ['UNKNOWN', callId, 'ACTIVE']);
  assert.deepEqual(
    [...server.recordings.values()].map(({ state }) => state),
    ['RECORDING'],
  );
  const [read] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never);
  assert.deepEqual(statusesIn(read!.observations), ['UNKNOWN']);
  assert.equal(
    read!.observations.some(({ type }) => type === 'liveness'),
    false,
  );
  await assert.rejects(source.control!.STOP_RECORDING!(command('STOP_RECORDING', '291'), never), {
    code: 'NOT_SIGNED_IN',
    message: /signed in at source mumbai by another client; sign it in with force/,
  });
});

test('a sign-in command that another client’s session stops brings no sign-in later', async (context) => {
  const { simulator, source, pass, during } = await arrange(context);
  await during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291'), never));
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await assert.rejects(during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never)), { vendorCode: '100-002' });
  simulator.kick('291');
  const logins = simulator.calls('login');
  await pass(120_000, 5_000);
  assert.equal(simulator.calls('login') - logins, 0);
});

test('a session that another client took while this server was away is left to it', async (context) => {
  const first = await arrange(context, { watch: false });
  await first.during(first.source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never));
  first.simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  const second = huawei.create(
    settingsFor(first.simulator.url, ['291']),
    createObservingContext('mumbai', { clock: first.clock, state: first.context.state }),
  );
  const stop = new AbortController();
  const watched = second.observer!.run(stop.signal);
  context.after(async () => {
    stop.abort();
    await watched;
    await second.close();
  });
  await first.pass(20_000, 1_000);
  assert.equal(first.simulator.calls('forceLogin'), 0);
  assert.match(second.health().lastError ?? '', /signed in by another client/);
});

test('an agent who signed in elsewhere while the gateway could not be reached is left there', async (context) => {
  const { simulator, source, pass } = await arrange(context);
  simulator.failNext('*', { status: 401, body: '' }, { times: 100_000 });
  await pass(600_000, 5_000);
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  simulator.failNoMore();
  await pass(100_000, 5_000);
  assert.equal(simulator.calls('forceLogin'), 0);
  assert.match(source.health().lastError ?? '', /signed in by another client/);
});

test('a sign-in that a busy gateway refused took no effect: who signed in then is left alone', async (context) => {
  const { simulator, pass, watch } = await arrange(context, { watch: false });
  simulator.failNext('login', { status: 503, body: '' });
  watch();
  await pass(500);
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await pass(20_000, 1_000);
  assert.deepEqual([simulator.calls('login') > 1, simulator.calls('forceLogin')], [true, 0]);
});

test('a sign-in whose answer was lost is taken back within seconds, and the agent is UNKNOWN until then', async (context) => {
  const { simulator, source, pass, watch, agent } = await arrange(context, { watch: false });
  simulator.sessions.open('291', { phone: '4291', autoAnswer: true, push: null });
  simulator.failNext('login', { status: 502, body: 'Bad Gateway' });
  watch();
  await pass(500);
  assert.equal(agent('291').status, 'UNKNOWN');
  await pass(2_000);
  assert.deepEqual([agent('291').status, simulator.calls('forceLogin')], ['IDLE', 1]);
  assert.deepEqual([source.health().status, source.health().lastError], ['UP', null]);
});

for (const refusal of [{ retcode: '000-003' }, { status: 401, body: '' }]) {
  for (const forceSignIn of [false, true]) {
    const named = `${JSON.stringify(refusal)}, forceSignIn: ${forceSignIn}`;
    test(`while polls pass, what else is refused is a missing right: reported, and nobody is signed in (${named})`, async (context) => {
      const { simulator, source, pass, during, agent, context: server } = await arrange(context, { settings: { forceSignIn } });
      const { callId } = simulator.contactCenter.ring('291');
      simulator.contactCenter.talk('291', callId);
      await pass(2_000);
      const login = simulator.calls('login');
      for (const operation of ['getAgentStatus', 'queryAllCallInfoByAgentWorkNoEx'])
        simulator.failNext(operation, refusal, { times: 1_000 });
      const read = () => during(source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
      await assert.rejects(read(), { code: 'FORBIDDEN', message: /getAgentStatus of agent 291/ });
      await pass(20_000, 1_000);
      const callsBefore = simulator.calls('login');
      await assert.rejects(read(), { code: 'FORBIDDEN', message: /getAgentStatus of agent 291/ });
      assert.deepEqual([simulator.calls('login') - callsBefore, callsBefore - login <= 1, simulator.calls('forceLogin')], [0, true, 0]);
      assert.deepEqual([agent('291').status, server.calls.get(callId)?.state], ['ON_CALL', 'ACTIVE']);
      assert.match(source.health().lastError ?? '', /getAgentStatus of agent 291: the gateway refuses this interface/);
    });
  }
}

test('a session whose polls pass outlives what one interface, or a sign-in with another phone, says of it', async (context) => {
  const { simulator, source, pass, during, agent } = await arrange(context);
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(2_000);
  simulator.failNext('stopRecord', { retcode: '100-006' }, { times: 5 });
  await assert.rejects(during(source.control!.STOP_RECORDING!(command('STOP_RECORDING', '291'), never)), { vendorCode: '100-002' });
  await assert.rejects(during(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291', { phone: '9' }), never)), {
    vendorCode: '100-002',
  });
  simulator.failNoMore();
  await pass(20_000, 1_000);
  assert.deepEqual([agent('291').status, simulator.calls('forceLogin'), source.health().lastError], ['ON_CALL', 0, null]);
  await during(source.control!.STOP_RECORDING!(command('STOP_RECORDING', '291'), never));
});

test('without the right to poll, the state is fetched again and again, and stays known', async (context) => {
  const { simulator, source, pass, agent, context: server } = await arrange(context);
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(2_000);
  simulator.failNext('getAgentEvent', { retcode: '000-003' }, { times: 1_000 });
  await pass(20_000, 1_000);
  const callsBefore = simulator.calls('getAgentStatus');
  await pass(50_000, 1_000);
  assert.equal(agent('291').status, 'ON_CALL');
  assert.ok(simulator.calls('getAgentStatus') - callsBefore >= 3);
  assert.equal(
    server.observations().some((one) => one.type === 'agent' && one.agent.status === 'UNKNOWN'),
    false,
  );
  simulator.contactCenter.release('291', callId);
  await pass(25_000, 1_000);
  assert.deepEqual([agent('291').activeCall, simulator.calls('login')], [null, 1]);
  assert.match(source.health().lastError ?? '', /getAgentEvent of agent 291: the gateway refuses this interface/);
});

test('an agent who may join no skill queue is signed in, and the health says why no calls come', async (context) => {
  const { simulator, source, watch, pass, agent } = await arrange(context, { watch: false });
  simulator.failNext('resetSkill', { retcode: '000-003' });
  watch();
  await pass(2_000);
  assert.deepEqual([agent('291').status, simulator.calls('login'), source.health().status], ['IDLE', 1, 'DEGRADED']);
  assert.match(source.health().lastError ?? '', /resetSkill of agent 291: .*; the agent joined no skill queue/);
});

test('a sign-out of an agent whom another client holds needs force, which ends that session', async (context) => {
  const { simulator, source, pass, during } = await arrange(context);
  simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
  await pass(5_000, 1_000);
  const signOut = (force: boolean) => during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291', { force }), never));
  await assert.rejects(signOut(false), { code: 'CONFLICT', message: /another client; sign out with force/ });
  assert.deepEqual(simulator.sessions.signedIn(), ['291']);
  await signOut(true);
  assert.deepEqual([simulator.sessions.signedIn(), simulator.calls('forceLogout')], [[], 1]);
});

test('a session that the gateway lost in a switch-over is taken back', async (context) => {
  const { simulator, pass } = await arrange(context);
  simulator.failNext('getAgentEvent', { retcode: '105-005' });
  await pass(20_000, 1_000);
  assert.equal(simulator.calls('forceLogin'), 1);
});

test('with forceSignIn a session is taken back from whoever took it', async (context) => {
  const { simulator, pass } = await arrange(context, { settings: { forceSignIn: true } });
  for (const takeovers of [1, 2]) {
    simulator.sessions.open('291', { phone: '1', autoAnswer: true, push: null });
    await pass(20_000, 1_000);
    assert.equal(simulator.calls('forceLogin'), takeovers);
  }
});

test('a second sign-in while one runs is refused, and one of a signed-in agent is answered without a second session', async (context) => {
  const { simulator, source, during } = await arrange(context, { watch: false });
  const signIn = () => source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '291'), never);
  const first = signIn();
  await assert.rejects(signIn(), { code: 'CONFLICT', retryable: true });
  await during(first);
  await during(signIn());
  assert.equal(simulator.calls('login'), 1);
});

for (const logoutInCall of ['100-010', '0'] as const) {
  test(`a sign-out during a call that the gateway answers with ${logoutInCall} is not believed`, async (context) => {
    const { simulator, source, during, pass, agent } = await arrange(context, { switches: { logoutInCall } });
    const { callId } = simulator.contactCenter.ring('291');
    simulator.contactCenter.talk('291', callId);
    await pass(1_000);
    await assert.rejects(during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291'), never)), {
      code: 'CONFLICT',
      vendorCode: '100-010',
    });
    await pass(1_000);
    assert.equal(agent('291').status, 'ON_CALL');
    simulator.contactCenter.release('291', callId);
    await pass(3_000);
    const answer = await during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291'), never));
    assert.deepEqual(
      (answer.observations ?? []).flatMap((one) => (one.type === 'agent' ? [one.agent.status] : [])),
      ['OFFLINE'],
    );
    const polls = simulator.calls('getAgentEvent');
    await pass(30_000, 5_000);
    assert.equal(simulator.calls('login'), 1);
    assert.ok(simulator.calls('getAgentEvent') - polls <= 1);
  });
}

test('a forced sign-out ends the call', async (context) => {
  const { simulator, source, during, pass } = await arrange(context);
  simulator.contactCenter.talk('291', simulator.contactCenter.ring('291').callId);
  await pass(1_000);
  await during(source.control!.SIGN_OUT_AGENT!(command('SIGN_OUT_AGENT', '291', { force: true }), never));
  assert.equal(simulator.calls('forceLogout'), 1);
  assert.equal(simulator.contactCenter.callsOf('291').length, 0);
});

test('an agent who is not configured is a clear problem', async (context) => {
  const { source, simulator } = await arrange(context);
  const before = simulator.requests.length;
  await assert.rejects(source.control!.SIGN_IN_AGENT!(command('SIGN_IN_AGENT', '999'), never), { code: 'NOT_FOUND' });
  await assert.rejects(source.control!.STOP_RECORDING!(command('STOP_RECORDING', '999'), never), { code: 'NOT_FOUND' });
  assert.deepEqual(await source.agents!.byIdentifiers([{ identifier: 'ID', value: '999' }], never), [null]);
  assert.equal(simulator.requests.length, before);
});

for (const [outOfRange, attempts] of [
  ['404', 7],
  ['000-002', 1],
] as const) {
  test(`an agent id outside the site's range, answered with ${outOfRange}, is tried ${attempts} time(s) in a minute`, async (context) => {
    const { simulator, source, pass } = await arrange(context, { agents: ['70001'], switches: { outOfRange } });
    await pass(60_000, 500);
    assert.equal(simulator.calls('login'), attempts);
    assert.match(source.health().lastError!, /agent 70001.*range/);
  });
}

for (const status of [401, 403, 404]) {
  for (const when of ['before the first sign-in', 'while the agent is polled'] as const) {
    test(`HTTP ${status} to everything ${when} is reported, and is over with it`, async (context) => {
      const isPolled = when === 'while the agent is polled';
      const { simulator, source, pass, during, agent, watch, context: server } = await arrange(context, { watch: isPolled });
      const { callId } = isPolled ? simulator.contactCenter.ring('291') : { callId: '' };
      if (isPolled) {
        simulator.contactCenter.talk('291', callId);
        await pass(2_000, 500);
      }
      const operations = ['login', 'getAgentEvent', 'getAgentStatus', 'queryAllCallInfoByAgentWorkNoEx'];
      for (const operation of operations) simulator.failNext(operation, { status, body: '' }, { times: 1000 });
      if (when === 'before the first sign-in') watch();
      await pass(15_000, 500);
      assert.equal(source.health().status, 'DEGRADED');
      if (isPolled) {
        const read = during(source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
        await assert.rejects(read, ({ code }) => code !== null);
        await pass(70_000, 1_000);
        assert.deepEqual([agent('291').status, source.health().status], ['UNKNOWN', 'DEGRADED']);
        assert.equal(server.calls.get(callId)?.state, 'ACTIVE');
      }
      simulator.failNoMore();
      await pass(60_000, 500);
      assert.deepEqual([source.health().status, source.health().lastError], ['UP', null]);
      assert.equal(agent('291').status, isPolled ? 'ON_CALL' : 'IDLE');
    });
  }
}

test('a second server commands an agent whom the first one polls, across a rotation', async (context) => {
  const first = await arrange(context, { switches: { strictGuids: true } });
  const second = huawei.create(
    settingsFor(first.simulator.url, ['291']),
    createObservingContext('mumbai', { clock: first.clock, state: first.context.state }),
  );
  context.after(() => second.close());
  for (let minute = 0; minute < 3; minute += 1) {
    const [agentSnapshot] = await first.during(second.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
    assert.equal(agentSnapshot?.agent, '291');
    await first.pass(65_000, 5_000);
  }
  assert.equal(first.simulator.calls('login'), 1);
});

test('a read waits out a passing refusal and gives up on a lasting one', async (context) => {
  const { simulator, source, during } = await arrange(context);
  const read = () => during(source.agents!.byIdentifiers([{ identifier: 'ID', value: '291' }], never));
  const before = simulator.calls('getAgentStatus');
  simulator.failNext('getAgentStatus', { retcode: '000-004' }, { times: 2 });
  assert.equal((await read())[0]?.agent, '291');
  assert.equal(simulator.calls('getAgentStatus') - before, 3);
  simulator.failNext('getAgentStatus', { retcode: '000-004' }, { times: 3 });
  await assert.rejects(read(), { code: 'VENDOR_UNAVAILABLE', vendorCode: '000-004', retryable: true });
  simulator.failNext('getAgentStatus', { retcode: '100-009' });
  await assert.rejects(read(), { code: 'VENDOR_REJECTED', retryable: false });
  assert.equal(simulator.calls('getAgentStatus') - before, 7);
});
