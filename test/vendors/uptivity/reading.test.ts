import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AgentLookup } from '../../../src/domain/ports/vendor.ts';
import { idleAgent, type SimulatedAgent, sampleAgent } from '../../../src/simulators/uptivity/index.ts';
import { ofType, patience, startPair } from './source.ts';

const byId = (count: number): AgentLookup[] =>
  Array.from({ length: count }, (_, place) => ({ identifier: 'ID', value: String(place + 1) }));
const documented = JSON.parse(
  readFileSync(new URL('../../simulators/uptivity/agent-status.txt', import.meta.url), 'utf8'),
) as SimulatedAgent;
const callInstance = 'fe0b6231-1ffcce90-c84c9c5f@10.100.6.20';
const screenStandIn = `screen:${callInstance}:2`;

test('observes the list as unchanged until the answer is another one', async (t) => {
  const { source, simulator, context } = await startPair(t, { agents: [documented, idleAgent(3)] });
  assert.deepEqual(await source.agents!.refresh!(patience), ['2', '3']);
  assert.deepEqual(await source.agents!.refresh!(patience), ['2', '3']);
  simulator.contactCenter.takeCall(simulator.agent(3), 'I');
  await source.agents!.refresh!(patience);
  assert.deepEqual(
    context.batches.map(({ complete, unchanged }) => [complete, unchanged]),
    [
      [true, false],
      [true, true],
      [true, false],
    ],
  );
  const agentsShown = context.observations().filter(({ type }) => type === 'agent');
  assert.equal(agentsShown.length, 6);
});

test('shows the documented agent, call and recordings', async (t) => {
  const { source } = await startPair(t, { agents: [documented] });
  const [agentSnapshot] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '2' }], patience);
  assert.deepEqual(ofType(agentSnapshot, 'agent')[0]?.agent, {
    externalId: '2',
    phone: '5003',
    username: null,
    systemUsername: 'me',
    crmUsername: null,
    deviceId: '5003',
    deviceAlias: null,
    devices: [{ phone: '5003', deviceId: '5003', deviceAlias: null, systemUsername: 'me' }],
    businessUnit: '0',
    status: 'ON_CALL',
    vendorStatus: 'OnCall',
    activeCall: callInstance,
    inactiveCalls: [],
    desktopRecordings: [],
  });
  const { metadata, ...call } = ofType(agentSnapshot, 'call')[0]!.call;
  assert.deepEqual(call, {
    externalId: callInstance,
    state: 'ACTIVE',
    vendorState: 'OnCall',
    direction: 'OUTBOUND',
    caller: '5003',
    called: '4000',
    queue: '12',
    startedAt: '2016-12-08T20:06:40.000Z',
    answeredAt: null,
    endedAt: null,
    legs: [
      { party: 'AGENT', agent: '2', endpoint: '5003', startedAt: null, endedAt: null },
      { party: 'CUSTOMER', agent: null, endpoint: '4000', startedAt: '2016-12-08T20:06:40.000Z', endedAt: null },
    ],
    agents: ['2'],
  });
  assert.deepEqual(
    metadata,
    Object.entries(documented.ActiveCall!.Metadata).map(([key, value]) => ({ key, value })),
  );
  assert.deepEqual(
    ofType(agentSnapshot, 'recording').map(({ recording }) => recording),
    [
      {
        externalId: 'f2376544-2542-47c0-be51-bb2909b740a2',
        vendorId: 'f2376544-2542-47c0-be51-bb2909b740a2',
        kind: 'AUDIO',
        state: 'RECORDING',
        vendorState: 'Recording',
        isDuplicate: false,
        agent: '2',
        call: callInstance,
        startedAt: '2016-12-08T20:06:40.000Z',
      },
      {
        externalId: screenStandIn,
        kind: 'SCREEN',
        state: 'RECORDING',
        vendorState: 'Recording',
        isDuplicate: false,
        agent: '2',
        call: callInstance,
        startedAt: '2016-12-08T20:06:40.000Z',
      },
    ],
  );
  assert.deepEqual(ofType(agentSnapshot, 'liveness'), [
    { type: 'liveness', agent: '2', calls: [callInstance], recordings: ['f2376544-2542-47c0-be51-bb2909b740a2', screenStandIn] },
  ]);
});

for (const count of [1, 50, 500]) {
  test(`${count} lookups cost one call`, async (t) => {
    const { simulator, source } = await startPair(t, { agents: 500 });
    const agentSnapshots = await source.agents!.byIdentifiers(byId(count), patience);
    assert.deepEqual(
      agentSnapshots.map((agentSnapshot) => agentSnapshot?.agent),
      byId(count).map(({ value }) => value),
    );
    assert.equal(simulator.callsMade(), 1);
    assert.equal(simulator.callsMade(count === 1 ? 'GET /api/Agent' : 'GET /api/Agent/GetAll'), 1);
  });
}

test('the same lookup twice is one lookup', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 3 });
  const lookup = { identifier: 'PHONE', value: '5003' } as const;
  const agentSnapshots = await source.agents!.byIdentifiers([lookup, { identifier: 'ID', value: ' ' }, { ...lookup }], patience);
  assert.deepEqual(
    agentSnapshots.map((agentSnapshot) => agentSnapshot?.agent),
    ['2', undefined, '2'],
  );
  assert.equal(simulator.callsMade('GET /api/Agent'), 1);
  assert.equal(simulator.callsMade(), 1);
});

test('asks with the words of the examples', async (t) => {
  const { simulator, source } = await startPair(t, {
    agents: [idleAgent(2, { SystemUsername: 'me', CrmUsername: 'crm & co', Username: 'u2' })],
  });
  const lookups: AgentLookup[] = [
    { identifier: 'ID', value: '2' },
    { identifier: 'PHONE', value: '5003' },
    { identifier: 'SYSTEM_USERNAME', value: 'ME' },
    { identifier: 'CRM_USERNAME', value: 'crm & co' },
    { identifier: 'USERNAME', value: 'u2' },
  ];
  for (const lookup of lookups) assert.equal((await source.agents!.byIdentifiers([lookup], patience))[0]?.agent, '2', lookup.identifier);
  assert.deepEqual(
    simulator.requests.map(({ url }) => url),
    [
      '/api/Agent?agentIdentifier=Id&value=2',
      '/api/Agent?agentIdentifier=Phone&value=5003',
      '/api/Agent?agentIdentifier=SystemUsername&value=ME',
      '/api/Agent?agentIdentifier=CrmUsername&value=crm+%26+co',
      '/api/Agent?agentIdentifier=Username&value=u2',
    ],
  );
  const together = await source.agents!.byIdentifiers([...lookups, { identifier: 'EMAIL', value: 'u2' }], patience);
  assert.deepEqual(
    together.map((agentSnapshot) => agentSnapshot?.agent),
    ['2', '2', '2', '2', '2', undefined],
  );
});

test('an agent the tracker does not hold is null, and a blank value finds nobody and asks nobody', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 2 });
  assert.deepEqual(await source.agents!.byIdentifiers([{ identifier: 'ID', value: '99' }], patience), [null]);
  simulator.forgetRequests();
  assert.deepEqual(await source.agents!.byIdentifiers([{ identifier: 'CRM_USERNAME', value: '' }], patience), [null]);
  assert.deepEqual(await source.agents!.byIdentifiers([], patience), []);
  assert.equal(simulator.callsMade(), 0);
});

test('an empty tracker is an empty list, whether it answers [] or 404', async (t) => {
  const { simulator, source } = await startPair(t);
  assert.deepEqual(await source.agents!.list(patience), []);
  simulator.switches.emptyGetAll = '404';
  assert.deepEqual(await source.agents!.list(patience), []);
  assert.deepEqual(await source.agents!.byIdentifiers(byId(2), patience), [null, null]);
  assert.equal(source.health().status, 'UP');
});

test("an id that is listed twice, as in the vendor's sample, is one agent with the calls of both", async (t) => {
  const { source } = await startPair(t, {
    agents: [idleAgent(2, { AgentPhone: '5005', SystemUsername: 'you' }), { ...sampleAgent(), DesktopOnlySessions: [] }, idleAgent(3)],
  });
  const agentSnapshots = await source.agents!.list(patience);
  assert.deepEqual(
    agentSnapshots.map(({ agent }) => agent),
    ['2', '3'],
  );
  assert.equal(ofType(agentSnapshots[0], 'agent')[0]?.agent.phone, '5003');
  assert.deepEqual(ofType(agentSnapshots[0], 'liveness')[0]?.calls, [callInstance]);
  const found = await source.agents!.byIdentifiers(
    [
      { identifier: 'PHONE', value: '5005' },
      { identifier: 'PHONE', value: '5003' },
    ],
    patience,
  );
  assert.deepEqual(
    found.map((agentSnapshot) => agentSnapshot?.agent),
    ['2', '2'],
  );
});

for (const heldCallState of ['OnHold', 'OnCall', 'AwaitingPickup']) {
  test(`calls on hold are held by their place, whatever their state is called: ${heldCallState}`, async (t) => {
    const { simulator, source } = await startPair(t, { agents: 1, switches: { heldCallState } });
    const agent = simulator.agent(1);
    const held = simulator.contactCenter.takeCall(agent, 'I');
    simulator.contactCenter.hold(agent);
    const [onHold] = await source.agents!.list(patience);
    assert.equal(ofType(onHold, 'agent')[0]?.agent.status, 'ON_HOLD');
    assert.equal(ofType(onHold, 'agent')[0]?.agent.vendorStatus, heldCallState);
    assert.deepEqual(ofType(onHold, 'agent')[0]?.agent.inactiveCalls, [held.CallInstance]);
    assert.equal(ofType(onHold, 'call')[0]?.call.state, 'HELD');
    const active = simulator.contactCenter.takeCall(agent, 'O');
    const [both] = await source.agents!.list(patience);
    assert.equal(ofType(both, 'agent')[0]?.agent.activeCall, active.CallInstance);
    assert.deepEqual(
      ofType(both, 'call').map(({ call }) => [call.externalId, call.state, call.direction]),
      [
        [active.CallInstance, 'ACTIVE', 'OUTBOUND'],
        [held.CallInstance, 'HELD', 'INBOUND'],
      ],
    );
  });
}

test('a call that two agents are in is one call with a leg for each, and a screen recording of each', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 2 });
  const call = simulator.contactCenter.takeCall(simulator.agent(1), 'I');
  simulator.agent(2).InactiveCalls.push({ ...structuredClone(call), CallState: 'OnHold' });
  const agentSnapshots = await source.agents!.list(patience);
  for (const agentSnapshot of agentSnapshots) {
    const shown = ofType(agentSnapshot, 'call')[0]!.call;
    assert.equal(shown.state, 'ACTIVE');
    assert.deepEqual(shown.agents, ['1', '2']);
    assert.equal(shown.legs?.at(-1)?.endpoint, call.Metadata.ani);
  }
  const screens = agentSnapshots
    .flatMap((agentSnapshot) => ofType(agentSnapshot, 'recording'))
    .filter(({ recording }) => recording.kind === 'SCREEN');
  assert.equal(new Set(screens.map(({ recording }) => recording.externalId)).size, 2);
});

test('a screen recording keeps its identity when the vendor gives its identifier', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] });
  const screen = simulator.agent(2).ActiveCall!.ScreenRecordings[0]!;
  screen.ScreenRecordingidentifier = 'a-guid';
  screen.RecordingState = 'Stopped';
  const [agentSnapshot] = await source.agents!.list(patience);
  const shown = ofType(agentSnapshot, 'recording')[1]!.recording;
  assert.deepEqual([shown.externalId, shown.vendorId, shown.formerId, shown.state], ['a-guid', 'a-guid', screenStandIn, 'STOPPED']);
  assert.equal(ofType(agentSnapshot, 'liveness')[0]?.recordings.includes('a-guid'), false, 'what has stopped is not live');
});

test('screen recordings without a call are the agent’s own, one after the other', async (t) => {
  const { simulator, context, source, clock } = await startPair(t, { agents: 1 });
  const agent = simulator.agent(1);
  const session = { RelatedCallInstance: '', ScreenRecordingidentifier: '', RecordingState: 'Recording' };
  const readScreen = async () => {
    const [agentSnapshot] = await source.agents!.list(patience);
    const { recording } = ofType(agentSnapshot, 'recording')[0]!;
    assert.deepEqual(ofType(agentSnapshot, 'agent')[0]?.agent.desktopRecordings, [recording.externalId]);
    assert.deepEqual([recording.kind, recording.call, recording.state], ['SCREEN', null, 'RECORDING']);
    return recording;
  };
  const hold = (externalId: string) => {
    context.holds.recordings = [{ externalId, agent: '1', kind: 'SCREEN', call: null, formerId: null } as never];
  };
  agent.DesktopOnlySessions = [session];
  const first = await readScreen();
  hold(first.externalId);
  await clock.advance(1000);
  assert.equal((await readScreen()).externalId, first.externalId, 'still the same');
  agent.DesktopOnlySessions = [{ ...session, ScreenRecordingidentifier: 'a-guid' }];
  const named = await readScreen();
  assert.deepEqual([named.externalId, named.formerId], ['a-guid', first.externalId]);
  context.holds.recordings = [];
  agent.DesktopOnlySessions = [session];
  assert.notEqual((await readScreen()).externalId, first.externalId, 'another one');
});

test('states that are not documented are shown in the vendor’s word', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] });
  const recording = simulator.agent(2).ActiveCall!.Recordings[0]!;
  for (const [word, state] of [
    ['Paused', 'PAUSED'],
    ['Stopped', 'STOPPED'],
    ['Archiving', 'UNKNOWN'],
  ] as const) {
    recording.RecordingState = word;
    const [agentSnapshot] = await source.agents!.list(patience);
    const shown = ofType(agentSnapshot, 'recording')[0]!.recording;
    assert.deepEqual([shown.state, shown.vendorState], [state, word]);
  }
});

test('what is read liberally: numbers for texts, absent lists, empty metadata', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 1 });
  const odd = {
    AgentId: '7',
    AgentPhone: 5007,
    ActiveCall: { CallInstance: 'c', Metadata: { calldirection: 'i', ani: 1, starttime: 'soon' }, CallState: null, Recordings: null },
    DesktopOnlySessions: null,
  };
  simulator.inject({ fault: { kind: 'body', body: JSON.stringify([odd]), contentType: 'application/json' } });
  const [agentSnapshot] = await source.agents!.list(patience);
  assert.equal(ofType(agentSnapshot, 'agent')[0]?.agent.phone, '5007');
  const { call } = ofType(agentSnapshot, 'call')[0]!;
  assert.deepEqual([call.state, call.direction, call.caller, call.startedAt], ['ACTIVE', 'INBOUND', '1', null]);
});
