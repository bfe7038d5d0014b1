import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agent, Call } from '../../../src/domain/model/entities.ts';
import type { AgentSnapshot } from '../../../src/domain/model/observation.ts';
import { never, simulatedAgent, startMiralix } from './fixture.ts';

const inOrder = (list: readonly AgentSnapshot[]) => list.toSorted((left, right) => Number(left.agent) - Number(right.agent));
const agentIn = (agentSnapshot: AgentSnapshot | null | undefined): Partial<Agent> =>
  Object.assign(
    {},
    ...(agentSnapshot?.observations ?? []).flatMap((observation) => (observation.type === 'agent' ? [observation.agent] : [])),
  );

test('the agent directory holds who is logged out too', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 2 });
  contactCenter.addAgent(simulatedAgent(3, { loggedIn: false }));
  const list = inOrder(await source.agents!.list(never));
  assert.deepEqual(simulator.requests, ['GET /agents?state=any']);
  assert.deepEqual(
    list.map((agentSnapshot) => agentIn(agentSnapshot).status),
    ['IDLE', 'IDLE', 'OFFLINE'],
  );
  assert.equal(agentIn(list[0]).name, 'Agent 1');
  assert.equal(agentIn(list[0]).email, 'agent1@company.local');
  assert.equal(agentIn(list[2]).vendorStatus, 'LoggedOut');
});

test('an agent who logs out is shown so by the next list, and nobody else changes', async (t) => {
  const { contactCenter, source } = await startMiralix(t, { agents: 3 });
  const before = inOrder(await source.agents!.list(never));
  assert.deepEqual(inOrder(await source.agents!.list(never)), before);
  contactCenter.agents.get(2)!.loggedIn = false;
  const after = await source.agents!.list(never);
  assert.deepEqual(
    inOrder(after).map((agentSnapshot) => agentIn(agentSnapshot).status),
    ['IDLE', 'OFFLINE', 'IDLE'],
  );
  assert.deepEqual([inOrder(after)[0], inOrder(after)[2]], [before[0], before[2]]);
});

test('an overview that reports no status is fetched a second time for those logged in', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 1, simulator: { switches: { statusField: 'none' } } });
  contactCenter.addAgent(simulatedAgent(2, { loggedIn: false }));
  const list = inOrder(await source.agents!.list(never));
  assert.deepEqual(simulator.requests, ['GET /agents?state=any', 'GET /agents?state=loggedIn']);
  assert.deepEqual(
    list.map((agentSnapshot) => agentIn(agentSnapshot).status),
    ['IDLE', 'OFFLINE'],
  );
});

for (const agents of [1, 50, 500]) {
  test(`${agents} agents cost ${agents === 1 ? 2 : 1} call(s)`, async (t) => {
    const { simulator, source } = await startMiralix(t, { agents });
    const lookups = Array.from({ length: agents }, (_, index) => ({ identifier: 'ID' as const, value: String(index + 1) }));
    const found = await source.agents!.byIdentifiers(lookups, never);
    assert.deepEqual(
      found.map((agentSnapshot) => agentSnapshot?.agent),
      lookups.map((lookup) => lookup.value),
    );
    assert.equal(simulator.requests.length, agents === 1 ? 2 : 1);
  });
}

test('all four identifiers find the same agent, whatever the overview shows', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 2 });
  contactCenter.offer(2, { queueId: 301, caller: '+4583123456' });
  const lookups = [
    { identifier: 'ID', value: '2' },
    { identifier: 'EMAIL', value: 'AGENT2@company.local' },
    { identifier: 'SIP_URI', value: 'sip:lp2@company.local' },
    { identifier: 'SYNC_ID', value: 'f4fd9e5f-017d-4350-adf8-000000000002' },
    { identifier: 'ID', value: '99' },
    { identifier: 'EMAIL', value: 'nobody@company.local' },
    { identifier: 'SIP_URI', value: 'sip:nobody@company.local' },
    { identifier: 'PHONE', value: '+4583000002' },
  ] as const;
  const found = await source.agents!.byIdentifiers(lookups, never);
  assert.deepEqual(
    found.map((agentSnapshot) => agentSnapshot?.agent ?? null),
    ['2', '2', '2', '2', null, null, null, null],
  );
  assert.ok(simulator.requests.includes('GET /agents/sipUri/sip%3Alp2%40company.local/busycall'));
  // Known to the recorder, in no call and without recordings: no answer carries the id.
  const idle = { identifier: 'SYNC_ID', value: 'f4fd9e5f-017d-4350-adf8-000000000001' } as const;
  await assert.rejects(source.agents!.byIdentifiers([idle], never), { code: 'NOT_FOUND', message: /has not reported the id yet/ });
  contactCenter.offer(1, { queueId: 301, caller: '+4583123456' });
  const later = async () => (await source.agents!.byIdentifiers([idle], never))[0]?.agent;
  assert.equal(await later(), '1');
  contactCenter.clear(1);
  assert.equal(await later(), '1', 'the pair that was seen is kept');
});

test('an identification may be sent raw', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 1, settings: { encodeIdentification: false } });
  contactCenter.offer(1, { queueId: 301, caller: '+4583123456' });
  const [found] = await source.agents!.byIdentifiers([{ identifier: 'SIP_URI', value: 'sip:lp1@company.local' }], never);
  assert.equal(found?.agent, '1');
  assert.ok(simulator.requests.includes('GET /agents/sipUri/sip:lp1@company.local/busycall'));
});

test('busycall: offered, answered, and an empty body', async (t) => {
  const { contactCenter, source } = await startMiralix(t);
  const look = async () => (await source.agents!.byIdentifiers([{ identifier: 'ID', value: '1' }], never))[0]!;
  const { queueCallId } = contactCenter.offer(1, { queueId: 301, caller: '+4583123456' });
  const offered = await look();
  assert.equal(offered.observations.filter((one) => one.type === 'agent').length, 1, 'no busy in between');
  assert.equal(agentIn(offered).status, 'RINGING');
  assert.equal(agentIn(offered).activeCall, String(queueCallId));
  assert.ok(offered.observations.some((one) => one.type === 'call' && one.call.state === 'RINGING' && one.call.caller === '+4583123456'));
  contactCenter.answer(1);
  assert.equal(agentIn(await look()).status, 'ON_CALL');
  contactCenter.clear(1);
  const free = await look();
  assert.equal(agentIn(free).status, 'IDLE');
  assert.equal(agentIn(free).activeCall, null);
  assert.deepEqual(
    free.observations.find((one) => one.type === 'liveness'),
    { type: 'liveness', agent: '1', calls: [], recordings: [] },
  );
});

test('busycall with nothing but the documented fields still says that the agent is busy', async (t) => {
  const { simulator, source } = await startMiralix(t);
  simulator.faults.push({ matches: /busycall/, fault: { kind: 'body', body: '{"AgentId":1,"AgentName":"Agent 1"}' } });
  const [found] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '1' }], never);
  assert.equal(agentIn(found).status, 'BUSY');
});

test('where the overview is refused, queues tell their agents, and an identifier still finds one', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 2 });
  simulator.faults.push({ matches: /^GET \/agents\?/, fault: { kind: 'status', status: 403 } });
  assert.equal((await source.agents!.list(never)).length, 2);
  simulator.switches.queueMethods = false;
  simulator.faults.push({ matches: /^GET \/queues/, fault: { kind: 'status', status: 404 } });
  contactCenter.agents.get(2)!.loggedIn = false;
  const found = await source.agents!.byIdentifiers(
    [
      { identifier: 'ID', value: '2' },
      { identifier: 'ID', value: '99' },
    ],
    never,
  );
  assert.deepEqual(
    found.map((agentSnapshot) => agentSnapshot?.agent ?? null),
    ['2', null],
  );
  // A 404 of busycall also means that the server lacks the call.
  assert.equal(agentIn(found[0]).status, 'UNKNOWN');
  await assert.rejects(source.agents!.list(never), { code: 'VENDOR_REJECTED' });
});

test('an entry of the overview that cannot be read ends nothing, and is shown in the health', async (t) => {
  const { simulator, source, context } = await startMiralix(t, { agents: 2 });
  await source.agents!.list(never);
  const show = (body: unknown) => {
    simulator.faults.length = 0;
    simulator.faults.push({ matches: /^GET \/agents\?/, fault: { kind: 'body', body: JSON.stringify(body) } });
    return source.agents!.list(never);
  };
  const first = { AgentId: 1, AgentName: 'Agent 1', Status: 'LoggedIn' };
  const list = inOrder(await show([first, { AgentName: 'Agent 2' }]));
  assert.deepEqual(list[1], { agent: '2', observations: [{ type: 'unreadable', agent: '2' }] });
  assert.equal(list.length, 2);
  assert.equal(source.health().status, 'DEGRADED');
  assert.match(
    source.health().lastError!,
    /agents is not of the documented shape \(at 1\.AgentId\); the 1 agents that can be read are shown\.$/,
  );
  assert.equal(context.deadLetters.length, 1);
  const [found] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '2' }], never);
  assert.equal(found?.agent, '2', 'the vendor is queried for whom its list may have meant');

  await assert.rejects(show([{ AgentName: 'Agent 1' }, null]), { code: 'VENDOR_UNAVAILABLE', message: /\(at 0\.AgentId\)\.$/ });
  assert.equal(source.health().status, 'DEGRADED');
  assert.deepEqual(
    (await show([first])).map(({ agent, observations }) => [agent, observations[0]!.type]),
    [['1', 'agent']],
  );
  assert.deepEqual([source.health().status, source.health().lastError], ['UP', null]);
});

test('an empty overview after a filled one is believed when it comes twice', async (t) => {
  const { simulator, source } = await startMiralix(t, { agents: 2 });
  for (const body of ['[]', 'null', '']) {
    simulator.faults.length = 0;
    assert.equal((await source.agents!.list(never)).length, 2);
    simulator.faults.push({ matches: /^GET \/agents\?/, fault: { kind: 'body', body } });
    await assert.rejects(source.agents!.list(never), { code: 'VENDOR_UNAVAILABLE', message: /after a filled list/ }, JSON.stringify(body));
    assert.equal(source.health().status, 'DEGRADED');
    assert.deepEqual(await source.agents!.list(never), [], JSON.stringify(body));
    assert.equal(source.health().status, 'UP');
  }
});

test('a value that is a step in a path is never sent', async (t) => {
  const { simulator, source } = await startMiralix(t);
  const values = ['.', '..', ' .. ', ''];
  const found = await source.agents!.byIdentifiers(
    values.map((value) => ({ identifier: 'SIP_URI', value })),
    never,
  );
  assert.deepEqual(
    found,
    values.map(() => null),
  );
  assert.deepEqual(simulator.requests, ['GET /agents?state=any']);
});

test('a colleague who takes a call over does not begin it', async (t) => {
  const { contactCenter, source, context } = await startMiralix(t, { agents: 2 });
  const startedAt = '2026-01-05T07:00:00Z';
  const { queueCallId } = contactCenter.offer(1, { queueId: 301, caller: '+4583123456' });
  contactCenter.answer(1);
  const known = { source: 'greenbox', externalId: String(queueCallId), startedAt, answeredAt: null } as Call;
  context.holds.calls.set(known.externalId, known);
  const [found] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '1' }], never);
  const call = found!.observations.flatMap((one) => (one.type === 'call' ? [one.call] : []))[0]!;
  assert.equal(call.startedAt, undefined);
  assert.match(call.answeredAt!, /^2026-01-05T/);
});
