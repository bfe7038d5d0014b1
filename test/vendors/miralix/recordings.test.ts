import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../../src/domain/model/entities.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import type { QueueRecording } from '../../../src/vendors/miralix/wire.ts';
import { never, simulatedAgent, startMiralix } from './fixture.ts';

const sample =
  '[{"QueueCallId":47610,"ConversationStartedUtc":"2020-10-22T10:29:53.1696606Z","ConversationEndedUtc":"2020-10-22T10:30:00.2458428Z","AgentName":"Claus Clausen","AgentId":1,"RecordingFileName":"fef55002-637f-4c3c-b1fb-8ac1c9c81b90.mp3","Caller":"+4583123456"},{"QueueCallId":47611,"ConversationStartedUtc":"2020-10-23T07:06:21.0090962Z","ConversationEndedUtc":"2020-10-23T07:06:24.4242813Z","AgentName":"Claus Clausen","AgentId":1,"RecordingFileName":"27a4f95f-cc25-432b-904b-7e4d9342e519.mp3","Caller":"+4583123456"}]';

const item = (id: number, fields: Partial<QueueRecording> = {}): QueueRecording => ({
  QueueId: '301',
  QueueName: 'Support',
  QueueCallId: id,
  QueueCallType: 'QueueCall',
  Culture: 'da-DK',
  ConversationStartedUtc: '2026-01-05T08:00:00.1234567Z',
  ConversationEndedUtc: '2026-01-05T08:01:00.7654321Z',
  AgentName: 'Agent 1',
  AgentId: '1',
  RecordingFileName: `${id}.mp3`,
  Caller: '+4583123456',
  ...fields,
});

const recordings = (observations: readonly Observation[]) =>
  observations.flatMap((observation) => (observation.type === 'recording' ? [observation.recording] : []));
const calls = (observations: readonly Observation[]) =>
  observations.flatMap((observation) => (observation.type === 'call' ? [observation.call] : []));
const ids = (observations: readonly Observation[]) =>
  recordings(observations)
    .map((recording) => recording.externalId)
    .sort();

test('the documented sample of 6.5', async (t) => {
  const { simulator, source } = await startMiralix(t, { simulator: { switches: { version: '6.5' } } });
  simulator.faults.push({ matches: /recordings$/, fault: { kind: 'body', body: sample } });
  const observations = await source.recordings!.list({ agents: ['1'] }, never);
  assert.deepEqual(simulator.requests, ['GET /agents/id/1/recordings']);
  assert.deepEqual(recordings(observations)[0], {
    externalId: '47610/fef55002-637f-4c3c-b1fb-8ac1c9c81b90.mp3',
    kind: 'AUDIO',
    state: 'AVAILABLE',
    isDuplicate: false,
    agent: '1',
    call: '47610',
    party: 'MIXED',
    endpoint: '+4583123456',
    fileName: 'fef55002-637f-4c3c-b1fb-8ac1c9c81b90.mp3',
    startedAt: '2020-10-22T10:29:53.1696606Z',
    endedAt: '2020-10-22T10:30:00.2458428Z',
    durationMs: 7076,
    vendorData: { id: 47610, direct: false, startedUtc: '2020-10-22T10:29:53.1696606Z' },
  });
  const [call] = calls(observations);
  assert.equal(call?.externalId, '47610');
  assert.equal(call?.state, 'ENDED');
  assert.equal(call?.direction, 'UNKNOWN');
  assert.deepEqual(call?.agents, ['1']);
  assert.deepEqual(
    call?.legs?.map((leg) => [leg.party, leg.agent, leg.endpoint]),
    [
      ['CUSTOMER', null, '+4583123456'],
      ['AGENT', '1', null],
    ],
  );
});

test('a callback goes out, and the queue is reported from 7.0 on', async (t) => {
  const { contactCenter, source } = await startMiralix(t, { simulator: { switches: { version: '7.0' } } });
  contactCenter.publish(item(5), null);
  contactCenter.publish(item(6, { QueueCallType: 'CallbackCall', Caller: null, ConversationEndedUtc: null }), null);
  const seen = calls(await source.recordings!.list({ agents: ['1'] }, never)).sort((a, b) => Number(a.externalId) - Number(b.externalId));
  assert.deepEqual(
    seen.map((call) => [call.direction, call.queue, call.caller, call.endedAt]),
    [
      ['INBOUND', 'Support', '+4583123456', '2026-01-05T08:01:00.7654321Z'],
      ['OUTBOUND', 'Support', null, null],
    ],
  );
});

test('empty lists come as [], null or nothing', async (t) => {
  const { simulator, source } = await startMiralix(t);
  for (const emptyList of ['[]', 'null', ''] as const) {
    simulator.switches.emptyList = emptyList;
    assert.deepEqual(await source.recordings!.list({ agents: ['1'] }, never), [], JSON.stringify(emptyList));
  }
});

test('a recording that appears late under a low id is not lost, and nothing is reported twice', async (t) => {
  const { simulator, contactCenter, source, context, clock } = await startMiralix(t, {
    settings: { trailingWindow: { calls: 10, hours: 12 } },
  });
  const old = { ConversationStartedUtc: '2025-12-01T08:00:00Z', ConversationEndedUtc: '2025-12-01T08:10:00Z' };
  for (let id = 1; id <= 40; id += 1) contactCenter.publish(item(id, old), null);
  contactCenter.publish(item(60), null);
  await source.recordings!.list({ agents: ['1'] }, never);
  assert.equal(ids(context.observations()).length, 41);
  contactCenter.publish(item(52, { ConversationEndedUtc: '2026-01-05T08:59:59Z' }), null);
  simulator.requests.length = 0;
  await clock.advance(30_000);
  await source.recordings!.list({ agents: ['1'] }, never);
  assert.ok(simulator.requests.includes('GET /agents/id/1/recordings?fromQueueCallId=50'), simulator.requests.join());
  const all = ids(context.observations());
  assert.equal(all.filter((id) => id === '52/52.mp3').length, 1);
  assert.equal(all.length, 42, 'the window was read again, but reported once');
});

test('the cursor outlives a restart, and is not moved when the report fails', async (t) => {
  const first = await startMiralix(t, { settings: { trailingWindow: { calls: 0, hours: 0 } } });
  first.contactCenter.publish(item(70), null);
  await first.source.recordings!.list({ agents: ['1'] }, never);
  assert.deepEqual(JSON.parse(first.context.stored.get('recordingCursors')!), { 'agent:1': 70 });
  first.context.observe = async () => {
    throw new Error('the store is down');
  };
  first.contactCenter.publish(item(71), null);
  await assert.rejects(first.source.recordings!.list({ agents: ['1'] }, never), /store is down/);
  assert.deepEqual(JSON.parse(first.context.stored.get('recordingCursors')!), { 'agent:1': 70 });
});

test('6.5 takes no cursor: everything is listed, and what is past the floor is reported once', async (t) => {
  const { simulator, contactCenter, source, context } = await startMiralix(t, {
    simulator: { switches: { version: '6.5' } },
    settings: { trailingWindow: { calls: 0, hours: 0 } },
  });
  contactCenter.publish(item(80), null);
  await source.recordings!.list({ agents: ['1'] }, never);
  contactCenter.publish(item(81), null);
  await source.recordings!.list({ agents: ['1'] }, never);
  assert.deepEqual(simulator.requests, ['GET /agents/id/1/recordings', 'GET /agents/id/1/recordings']);
  assert.deepEqual(ids(context.observations()), ['80/80.mp3', '81/81.mp3']);
});

for (const [agents, expected] of [
  [1, 1],
  [50, 2],
  [500, 2],
] as const) {
  test(`recordings of ${agents} agents in one queue cost ${expected} calls`, async (t) => {
    const { simulator, contactCenter, source } = await startMiralix(t, { agents, settings: { directRecordings: false } });
    for (let id = 1; id <= agents; id += 1) contactCenter.publish(item(id, { AgentId: String(id), AgentName: `Agent ${id}` }), null);
    const requested = Array.from({ length: agents }, (_, index) => String(index + 1));
    const observations = await source.recordings!.list({ agents: requested }, never);
    assert.equal(simulator.requests.length, expected, simulator.requests.slice(0, 3).join());
    assert.deepEqual(new Set(recordings(observations).map((recording) => recording.agent)), new Set(requested));
  });
}

test('without queue methods the agents are read one by one', async (t) => {
  const { contactCenter, source } = await startMiralix(t, { agents: 5, simulator: { switches: { queueMethods: false } } });
  for (let id = 1; id <= 5; id += 1) contactCenter.publish(item(id, { AgentId: String(id) }), null);
  assert.equal(recordings(await source.recordings!.list({ agents: ['1', '2', '3', '4', '5'] }, never)).length, 5);
});

test('a queue list without AgentId finds the agent by a name that only one bears', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t, { agents: 3 });
  contactCenter.addAgent(simulatedAgent(4, { surname: '3' }));
  await source.agents!.list(never);
  const nameless = JSON.stringify([
    { QueueCallId: 1, AgentName: 'Agent 2' },
    { QueueCallId: 2, AgentName: 'Agent 3' },
  ]);
  simulator.faults.push({ matches: /calls\/recordings/, fault: { kind: 'body', body: nameless } });
  const seen = recordings(await source.recordings!.list({ agents: ['1', '2', '3', '4'] }, never));
  assert.deepEqual(
    seen.map((recording) => [recording.externalId, recording.agent]),
    [
      ['1', '2'],
      ['2', undefined],
    ],
  );
});

test('two recordings of one call are one call with two agents', async (t) => {
  const { contactCenter, source } = await startMiralix(t, { agents: 2 });
  contactCenter.publish(item(90), null);
  contactCenter.publish(
    item(90, {
      AgentId: '2',
      RecordingFileName: 'second.mp3',
      ConversationStartedUtc: '2026-01-05T08:02:00Z',
      ConversationEndedUtc: '2026-01-05T08:03:00Z',
    }),
    null,
  );
  contactCenter.publish(item(90), null);
  await source.recordings!.list({ agents: ['1'] }, never);
  const [call] = calls(await source.recordings!.list({ agents: ['2'] }, never));
  assert.deepEqual(call?.agents, ['1', '2'], 'what the other list showed is kept');
  assert.equal(call?.startedAt, '2026-01-05T08:00:00.1234567Z');
  assert.equal(call?.endedAt, '2026-01-05T08:03:00Z');
  assert.ok(call?.metadata?.some((entry) => entry.key === 'RecordingsSharingOneDownload' && entry.value === '2'));
});

test('the recording of a leg is shown at once, and ends its call when no colleague has it any more', async (t) => {
  const { contactCenter, source, context } = await startMiralix(t, { agents: 2, settings: { trailingWindow: { calls: 0, hours: 0 } } });
  contactCenter.publish(item(95), null);
  const live = { source: 'greenbox', externalId: '95', state: 'ACTIVE', agents: ['1', '2'] } as unknown as Call;
  context.holds.calls.set('95', live);
  for (let poll = 1; poll <= 2; poll += 1) {
    assert.deepEqual(await source.recordings!.list({ agents: ['1'] }, never), []);
    assert.deepEqual([ids(context.observations()), calls(context.observations())], [['95/95.mp3'], []], 'reported once, without its call');
  }
  context.holds.calls.set('95', { ...live, state: 'ENDED' });
  const reported = await source.recordings!.list({ agents: ['1'] }, never);
  assert.deepEqual([ids(reported), calls(reported).map(({ state }) => state)], [['95/95.mp3'], ['ENDED']]);
});

test('direct calls have their own ids and cursor, and become nobody else’s', async (t) => {
  const { simulator, contactCenter, source, context } = await startMiralix(t, {
    agents: 2,
    settings: { trailingWindow: { calls: 0, hours: 0 } },
  });
  const times = { ConversationStartedUtc: '2026-01-05T08:00:00Z', ConversationEndedUtc: '2026-01-05T08:00:10Z' };
  contactCenter.direct.push({ Id: 54852, UserName: 'Agent 1', UserId: '9001', ...times });
  // By number alone, user 2 is another person than agent 2.
  contactCenter.direct.push({ Id: 7, UserName: 'Somebody Else', UserId: '2', ...times });
  contactCenter.agents.get(1)!.userId = 9001;
  contactCenter.addAgent(simulatedAgent(3, { userId: 2, email: 'else@company.local' }));
  await source.agents!.list(never);
  assert.deepEqual(ids(await source.recordings!.list({ agents: ['1'] }, never)), ['user:54852']);
  assert.deepEqual(JSON.parse(context.stored.get('recordingCursors')!), { 'user:1': 54852 });
  simulator.requests.length = 0;
  await source.recordings!.list({ agents: ['1'] }, never);
  assert.ok(simulator.requests.includes('GET /users/email/agent1%40company.local/recordings?fromCallId=54852'), simulator.requests.join());
  simulator.faults.push({ matches: /users\/(email|sipUri|syncId)/, fault: { kind: 'status', status: 404 } });
  assert.deepEqual(ids(await source.recordings!.list({ agents: ['2'] }, never)), []);
});

test('an e-mail that two agents share names neither of them as a user', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t);
  for (const id of [1, 2]) contactCenter.addAgent(simulatedAgent(id, { email: 'desk@company.local', userId: 9000 + id }));
  contactCenter.direct.push({ Id: 1, UserName: 'Agent 1', UserId: '9001', ConversationStartedUtc: '2026-01-05T08:00:00Z' });
  await source.agents!.list(never);
  for (const agents of [['1'], ['2'], ['1', '2']]) assert.deepEqual(await source.recordings!.list({ agents }, never), []);
  assert.ok(!simulator.requests.some((request) => request.includes('/users/email/')));
});

test('one unreadable item is kept aside and spoils no other', async (t) => {
  const { simulator, source, context } = await startMiralix(t);
  simulator.faults.push({
    matches: /agents\/.*recordings/,
    fault: { kind: 'body', body: '[{"QueueCallId":"x"},{"QueueCallId":"12","Caller":{"a":1},"Extra":[]}]' },
  });
  assert.deepEqual(ids(await source.recordings!.list({ agents: ['1'] }, never)), ['12']);
  assert.equal(context.deadLetters.length, 1);
});

test('what is shown as before is reported once, however it is spelled and in any order, and what differs is reported', async (t) => {
  const { simulator, contactCenter, source, context } = await startMiralix(t, { agents: 2 });
  for (let id = 101; id <= 104; id += 1) contactCenter.publish(item(id, { AgentId: String(1 + (id % 2)) }), null);
  const list = () => source.recordings!.list({ agents: ['1', '2'] }, never);
  simulator.switches.shuffled = false;
  const before = await list();
  assert.equal(ids(before).length, 4);
  const reported = context.batches.length;

  const backwards = (value: object) => Object.fromEntries(Object.entries(value).reverse());
  const answer = await fetch(`${simulator.url}/mot/${simulator.account}/agents/id/1/recordings`, {
    headers: { 'X-Miralix-Shared-Secret': simulator.sharedSecret },
  });
  const shown = ((await answer.json()) as object[]).map(backwards);
  simulator.faults.push({ matches: /agents\/id\/1\/recordings/, fault: { kind: 'body', body: JSON.stringify(shown, null, 2) } });
  assert.deepEqual(await list(), before);

  simulator.faults.length = 0;
  simulator.switches.shuffled = true;
  for (let time = 0; time < 5; time += 1) assert.deepEqual(ids(await list()), ids(before));
  assert.equal(context.batches.length, reported);
  contactCenter.publish(item(105), null);
  assert.deepEqual(ids(await list()), [...ids(before), '105/105.mp3']);
  assert.deepEqual(
    context.batches.slice(reported).map(({ observations }) => ids(observations)),
    [['105/105.mp3']],
  );
});

test('an item that stays unreadable is kept aside once', async (t) => {
  const { simulator, source, context } = await startMiralix(t);
  const show = (body: string) => {
    simulator.faults.length = 0;
    simulator.faults.push({ matches: /agents\/.*recordings/, fault: { kind: 'body', body } });
    return source.recordings!.list({ agents: ['1'] }, never);
  };
  await show('[{"QueueCallId":"x"}]');
  await show('[{"QueueCallId":"x"}]');
  assert.deepEqual(ids(await show('[{"QueueCallId":"x"},{"QueueCallId":13}]')), ['13']);
  assert.equal(context.deadLetters.length, 1);
  await show('[{"QueueCallId":"y"},{"QueueCallId":13}]');
  assert.equal(context.deadLetters.length, 2);
});

test('recordings of a queue that is refused, or no longer listed, come from the agents’ own lists', async (t) => {
  const { simulator, contactCenter, source, context, clock } = await startMiralix(t, { agents: 6, settings: { directRecordings: false } });
  contactCenter.queues.set(302, 'Sales');
  contactCenter.queues.set(303, 'Old');
  contactCenter.publish(item(10, { QueueId: '301', AgentId: '1' }), null);
  contactCenter.publish(item(11, { QueueId: '302', AgentId: '2' }), null);
  contactCenter.publish(item(12, { QueueId: '303', AgentId: '3' }), null);
  contactCenter.queues.delete(303);
  simulator.faults.push({ matches: /queues\/302\/calls\/recordings/, fault: { kind: 'status', status: 403 } });
  const listed = async (agents: readonly string[] | null) => ids(await source.recordings!.list({ agents }, never));
  await source.agents!.list(never);
  assert.deepEqual((await listed(null)).toSorted(), ['10/10.mp3', '11/11.mp3', '12/12.mp3']);
  assert.deepEqual(await listed(['3']), ['12/12.mp3']);
  assert.match(source.health().lastError!, /HTTP 403/, 'the partial refusal is reported');

  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  contactCenter.publish(item(13, { QueueId: '303', AgentId: '4' }), null);
  await clock.advance(30_000);
  await context.batch(({ observations }) => ids(observations).includes('13/13.mp3'));
  stop.abort();
  await running;
});

test('a caller waits no longer than `timeoutSeconds` for lists that hang', async (t) => {
  const { simulator, source, clock } = await startMiralix(t, { agents: 1, settings: { timeoutSeconds: 1, listTimeoutSeconds: 60 } });
  simulator.faults.push({ matches: /recordings/, fault: { kind: 'stall' } });
  const rejected = assert.rejects(source.recordings!.list({ agents: ['1'] }, never), { code: 'VENDOR_TIMEOUT' });
  while (!simulator.requests.some((request) => request.includes('recordings'))) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(1_000);
  await rejected;
});
