import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agent } from '../../../src/domain/model/entities.ts';
import type { AgentSnapshot } from '../../../src/domain/model/observation.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createObservingContext } from '../../support/observing-context.ts';
import { acknowledged, agentsOf, never, post, pushedSource, sample, startTencent } from './fixture.ts';

const agentIn = (agentSnapshot: AgentSnapshot | null | undefined): Partial<Agent> =>
  Object.assign({}, ...(agentSnapshot?.observations ?? []).flatMap((one) => (one.type === 'agent' ? [one.agent] : [])));

for (const count of [1, 50, 500]) {
  test(`${count} agents cost three calls`, async (t) => {
    const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(count) } });
    const lookups = agentsOf(count).map(({ mail }) => ({ identifier: 'ID' as const, value: mail }));
    const found = await source.agents!.byIdentifiers(lookups, never);
    assert.deepEqual(
      found.map((agentSnapshot) => agentSnapshot?.agent),
      agentsOf(count).map(({ mail }) => mail),
    );
    assert.equal(simulator.api.callsMade(), 3);
  });
}

test('readers who ask at the same time share one round', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(5) } });
  await Promise.all([source.agents!.list(never), source.agents!.list(never), source.agents!.byIdentifiers([], never)]);
  assert.equal(simulator.api.callsMade(), 3);
});

test('every identifier finds the agent; who is not known is null, in order', async (t) => {
  const { source } = await startTencent(t, {
    simulator: { agents: [...agentsOf(2), { mail: 'Third@example.com', phone: '008613900000001', staffNumber: '0815' }] },
  });
  const found = await source.agents!.byIdentifiers(
    [
      { identifier: 'EMAIL', value: 'third@EXAMPLE.com' },
      { identifier: 'ID', value: 'nobody@example.com' },
      { identifier: 'PHONE', value: '008613900000001' },
      { identifier: 'USERNAME', value: '0815' },
      { identifier: 'SIP_URI', value: 'sip:x' },
    ],
    never,
  );
  assert.deepEqual(
    found.map((agentSnapshot) => agentSnapshot?.agent ?? null),
    ['third@example.com', null, 'third@example.com', 'third@example.com', null],
  );
});

const words: [string, string, boolean][] = [
  ['free', 'IDLE', false],
  ['busy', 'BUSY', false],
  ['rest', 'BREAK', false],
  ['notReady', 'BUSY', false],
  ['notReady', 'BUSY', true],
  ['afterCallWork', 'WRAP_UP', false],
  ['afterCallWork', 'WRAP_UP', true],
  ['arrange', 'WRAP_UP', false],
  ['offline', 'OFFLINE', false],
  ['dreaming', 'UNKNOWN', false],
];
for (const [word, status, lowerCaseStatus] of words) {
  test(`status ${lowerCaseStatus ? word.toLowerCase() : word} is ${status}`, async (t) => {
    const { source } = await startTencent(t, {
      simulator: { agents: [{ mail: 'a@example.com', name: 'A', status: word }], switches: { lowerCaseStatus } },
    });
    const agent = agentIn((await source.agents!.list(never))[0]);
    assert.equal(agent.status, status);
    assert.equal(agent.vendorStatus, lowerCaseStatus ? word.toLowerCase() : word);
    assert.equal(agent.statusSince, '2026-01-05T09:00:00.000Z');
    assert.equal(agent.name, 'A');
    assert.equal(agent.businessUnit, 'service');
  });
}

test('live calls tell ringing from talking, with their timestamps that are strings', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, { simulator: { agents: agentsOf(2) } });
  const { contactCenter } = simulator;
  const [first, second] = [...contactCenter.agents.values()];
  const talking = contactCenter.startCall({ direction: 1, caller: '0086755', callee: '0086138' });
  contactCenter.ring(talking, first!);
  await clock.advance(2000);
  contactCenter.answer(talking);
  const ringing = contactCenter.startCall({ direction: 0, caller: '0086139', callee: '0086755' });
  contactCenter.ring(ringing, second!);
  const queued = contactCenter.startCall({ direction: 0, caller: '0086137', callee: '0086755' });

  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  const batch = await context.batch(({ complete }) => complete === true);
  stop.abort();
  await running;

  assert.equal(batch.asOfMs, clock.now());
  assert.equal(batch.contact, true);
  const agents = new Map(batch.observations.flatMap((one) => (one.type === 'agent' ? [[one.agent.externalId, one.agent] as const] : [])));
  const calls = new Map(batch.observations.flatMap((one) => (one.type === 'call' ? [[one.call.externalId, one.call] as const] : [])));
  assert.equal(agents.get(first!.mail)!.status, 'ON_CALL');
  assert.equal(agents.get(first!.mail)!.activeCall, talking.sessionId);
  assert.equal(agents.get(second!.mail)!.status, 'RINGING');
  const seen = calls.get(talking.sessionId)!;
  assert.deepEqual(
    [seen.state, seen.vendorState, seen.direction, seen.startedAt, seen.answeredAt, seen.agents],
    ['ACTIVE', 'inProgress', 'OUTBOUND', '2026-01-05T09:00:00.000Z', '2026-01-05T09:00:02.000Z', [first!.mail]],
  );
  assert.equal(calls.get(ringing.sessionId)!.state, 'RINGING');
  assert.equal(calls.get(ringing.sessionId)!.answeredAt, null);
  assert.deepEqual(calls.get(queued.sessionId)!.agents, []);
  assert.deepEqual(
    batch.observations.filter((one) => one.type === 'liveness'),
    [
      { type: 'liveness', agent: first!.mail, calls: [talking.sessionId], recordings: [] },
      { type: 'liveness', agent: second!.mail, calls: [ringing.sessionId], recordings: [] },
    ],
  );
});

for (const word of ['ok', '']) {
  test(`a call whose record (${word || 'without a word for its end'}) came to another server does not come back, though it is listed still`, async (t) => {
    const store = createObservingContext('desk');
    const { observe, known } = store;
    const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) }, context: { observe, known } });
    const { source: pushedTo } = pushedSource(t, { context: { observe, known } });
    const [agent] = [...simulator.contactCenter.agents.values()];
    const call = simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' });
    simulator.contactCenter.ring(call, agent!);
    simulator.contactCenter.answer(call);
    const list = async () => {
      const asOfMs = clock.now();
      const observations = (await source.agents!.list(never)).flatMap((agentSnapshot) => agentSnapshot.observations);
      await observe({ observations, asOfMs, complete: true });
      return store.agents.get(agent!.mail)!.activeCall;
    };
    assert.equal(await list(), call.sessionId);

    const record = { ...(JSON.parse(sample('cdr')) as object), SessionId: call.sessionId, EndStatusString: word };
    assert.equal((await post(pushedTo, JSON.stringify(record), { action: 'cdr' })).body, acknowledged);
    await clock.advance(1000);
    assert.equal(await list(), null);
    const [sought] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: agent!.mail }], never);
    assert.equal(agentIn(sought).activeCall, null);

    const stop = new AbortController();
    const running = source.observer!.run(stop.signal);
    const { observations } = await store.batch(({ contact }) => contact === true);
    stop.abort();
    await running;
    assert.ok(!JSON.stringify(observations).includes(call.sessionId), 'nor to the observer');
    assert.equal(store.calls.get(call.sessionId)!.state, 'ENDED');
  });
}

test('a call that a list left out once comes back with the next that shows it', async (t) => {
  const store = createObservingContext('desk');
  const { observe, known } = store;
  const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) }, context: { observe, known } });
  const [agent] = [...simulator.contactCenter.agents.values()];
  const call = simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' });
  simulator.contactCenter.ring(call, agent!);
  const states: unknown[] = [];
  for (const listed of [true, false, true]) {
    if (listed) simulator.contactCenter.live.set(call.sessionId, call);
    else simulator.contactCenter.live.delete(call.sessionId);
    const observations = (await source.agents!.list(never)).flatMap((agentSnapshot) => agentSnapshot.observations);
    await observe({ observations, asOfMs: clock.now(), complete: true });
    states.push([store.calls.get(call.sessionId)!.state, store.agents.get(agent!.mail)!.activeCall]);
    await clock.advance(1000);
  }
  assert.deepEqual(states, [
    ['RINGING', call.sessionId],
    ['ENDED', null],
    ['RINGING', call.sessionId],
  ]);
});

test('60 live calls are read in pages of 25, within the limit of requests', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(60) } });
  for (const agent of simulator.contactCenter.agents.values()) {
    const call = simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' });
    simulator.contactCenter.ring(call, agent);
    simulator.contactCenter.answer(call);
  }
  const list = await source.agents!.list(never);
  assert.equal(list.filter((agentSnapshot) => agentIn(agentSnapshot).status === 'ON_CALL').length, 60);
  assert.equal(simulator.api.callsMade('DescribePSTNActiveSessionList'), 3);
});

const refusals: [string, string, RegExp][] = [
  ['AuthFailure.SignatureFailure', 'VENDOR_REJECTED', /secretId and api.secretKey/],
  ['AuthFailure.SignatureExpire', 'VENDOR_REJECTED', /clock/],
  ['InternalError.DBError', 'VENDOR_UNAVAILABLE', /internal error/],
  ['InvalidParameterValue.InstanceNotExist', 'VENDOR_REJECTED', /sdkAppId/],
  ['InvalidParameterValue.SomethingNew', 'VENDOR_REJECTED', /refused/],
  ['OperationDenied.UinDisabled', 'VENDOR_REJECTED', /refused/],
  ['UnauthorizedOperation.CamNoAuth', 'VENDOR_REJECTED', /grant/],
];
for (const [vendorCode, code, message] of refusals) {
  test(`${vendorCode} in HTTP 200 is ${code}, and shows in the health until a call succeeds`, async (t) => {
    const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
    simulator.api.refuse('DescribeStaffInfoList', vendorCode);
    await assert.rejects(source.agents!.list(never), { name: 'ExpectedError', code, vendorCode, message });
    await source.agents!.list(never);
    assert.equal(source.health().status, 'UP');
    simulator.api.refuse('DescribeTelCdr', vendorCode);
    await assert.rejects(source.recordings!.list({ agents: null }, never), { vendorCode });
    assert.equal(source.health().status, 'DEGRADED');
    assert.match(source.health().lastError!, message);
  });
}

test('an account that may not list live calls still shows its agents', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  simulator.api.refuse('DescribePSTNActiveSessionList', 'OperationDenied.NotInWhiteList');
  const [agentSnapshot] = await source.agents!.list(never);
  assert.deepEqual(
    agentSnapshot!.observations.map(({ type }) => type),
    ['agent'],
  );
});

test('throttling is waited out', async (t) => {
  const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  simulator.api.refuse('DescribeStaffInfoList', 'RequestLimitExceeded', 2);
  const list = source.agents!.list(never);
  while (simulator.api.callsMade('DescribeStaffInfoList') < 3) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.pending() > 0) await clock.advance(1000);
  }
  assert.equal((await list).length, 1);
});

test('a clock that is six minutes wrong is named as the reason', async (t) => {
  const right = createManualClock();
  const wrong = createManualClock(right.now() - 360_000);
  const { source } = await startTencent(t, { simulator: { clock: right }, context: { clock: wrong } });
  await assert.rejects(source.agents!.list(never), { vendorCode: 'AuthFailure.SignatureExpire', message: /correct the clock/ });
});

const nonsense: [string, { status: number; contentType: string; body: string }, string][] = [
  ['404', { status: 404, contentType: 'text/plain', body: 'not here' }, 'VENDOR_UNAVAILABLE'],
  ['500', { status: 500, contentType: 'text/plain', body: 'oops' }, 'VENDOR_UNAVAILABLE'],
  ['a web page', { status: 200, contentType: 'text/html', body: '<html></html>' }, 'VENDOR_UNAVAILABLE'],
  ['half a JSON text', { status: 200, contentType: 'application/json', body: '{"Response":{"Sta' }, 'VENDOR_UNAVAILABLE'],
  ['no envelope', { status: 200, contentType: 'application/json', body: '{}' }, 'VENDOR_UNAVAILABLE'],
  [
    'wrong types',
    { status: 200, contentType: 'application/json', body: '{"Response":{"StaffList":7,"Metrics":7,"Sessions":7}}' },
    'VENDOR_UNAVAILABLE',
  ],
];
for (const [what, answer, code] of nonsense) {
  test(`${what} is ${code}`, async (t) => {
    const { simulator, source } = await startTencent(t);
    simulator.breakWith(answer);
    await assert.rejects(source.agents!.list(never), { name: 'ExpectedError', code });
    assert.notEqual(source.health().status, 'UP');
  });
}

test('the observer outlives every fault and backs off', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  simulator.breakWith({ status: 500, contentType: 'text/plain', body: '' });
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  const warned = () => context.logged.filter(({ level }) => level === 'warn').length;
  while (warned() < 2) await new Promise((resolve) => setImmediate(resolve));
  simulator.breakWith(null);
  const seen = context.batch(({ complete }) => complete === true);
  let done = false;
  void seen.then(() => {
    done = true;
  });
  while (!done) await clock.advance(5000);
  stop.abort();
  await running;
  assert.equal(context.logged.filter(({ level }) => level === 'error').length, 0);
});
