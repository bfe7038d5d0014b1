import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Recording } from '../../../src/domain/model/entities.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createIdentity } from '../../../src/vendors/tencent/identity.ts';
import { acknowledged, identityIn, post, pushedSource, sample } from './fixture.ts';

const session = 'e97be0ab-1ef6-4ad2-a8c4-2b2bbfb18e55';
const ofType = <T extends Observation['type']>(observations: Observation[], type: T) =>
  observations.filter((one): one is Extract<Observation, { type: T }> => one.type === type);

test('the recording push of the vendor’s page, byte for byte', async (t) => {
  const { source, context, clock } = pushedSource(t);
  const answer = await post(source, sample('record'), { action: 'record', headers: { 'x-tccc-push-uuid': 'push-1' } });
  assert.equal(answer.status, 200);
  assert.equal(answer.body, acknowledged);
  assert.equal(context.batches.length, 1);
  assert.equal(context.batches[0]!.receipt, 'push-1');
  assert.equal(context.batches[0]!.asOfMs, clock.now());
  assert.deepEqual(ofType(context.observations(), 'agent'), [
    { type: 'agent', agent: { externalId: 'lululing@tencent.com', email: 'lululing@tencent.com' } },
  ]);
  assert.deepEqual(ofType(context.observations(), 'recording')[0]!.recording, {
    externalId: identityIn(context).track(session, '1608130650', 'lululing@tencent.com'),
    vendorId: '1608130650',
    kind: 'AUDIO',
    state: 'AVAILABLE',
    call: session,
    party: 'AGENT',
    agent: 'lululing@tencent.com',
    endpoint: 'lululing@tencent.com',
    startedAt: '2020-12-16T14:57:17.000Z',
    endedAt: '2020-12-16T14:57:30.000Z',
    availableUntil: '2021-03-16T14:57:30.000Z',
    vendorData: {
      url: 'http://recorder-10018504.cos.ap-shanghai.myqcloud.com/def/month12/000-339708937-12367-473aa3561921478d8c57b425bd9d4b29-000-1608130637.mp3',
    },
  });
});

test('half a surrogate pair in a push, which no UTF-8 can carry, is U+FFFD', async (t) => {
  const { source, context } = pushedSource(t);
  const cdr = sample('cdr').replace('"agent"', String.raw`"thanks \ud83d"`);
  assert.equal((await post(source, cdr, { action: 'cdr' })).body, acknowledged);
  assert.ok(JSON.stringify(context.observations()).includes('thanks \uFFFD'));
  assert.ok(!/\\ud83d/i.test(JSON.stringify(context.observations())));
});

test('the call detail push with a doubled key, a null, zeros and lower-case key and label', async (t) => {
  const { source, context } = pushedSource(t);
  assert.equal((await post(source, sample('cdr'), { action: 'cdr' })).body, acknowledged);
  assert.deepEqual(ofType(context.observations(), 'recording'), []);
  assert.deepEqual(ofType(context.observations(), 'agent'), [
    { type: 'agent', agent: { externalId: 'agent@example.com', email: 'agent@example.com', name: 'agent', username: '007' } },
  ]);
  assert.deepEqual(ofType(context.observations(), 'call')[0]!.call, {
    externalId: session,
    state: 'ENDED',
    vendorState: 'error',
    direction: 'OUTBOUND',
    caller: '008602066247698',
    called: '008618621520280',
    startedAt: '2020-12-16T14:57:16.000Z',
    endedAt: '2020-12-16T14:57:31.000Z',
    legs: [
      {
        party: 'CUSTOMER',
        agent: null,
        endpoint: '008618621520280',
        startedAt: '2020-12-16T14:57:16.000Z',
        endedAt: '2020-12-16T14:57:31.000Z',
      },
      {
        party: 'AGENT',
        agent: 'agent@example.com',
        endpoint: 'agent@example.com',
        startedAt: '2020-12-16T14:57:16.000Z',
        endedAt: '2020-12-16T14:57:31.000Z',
      },
    ],
    agents: ['agent@example.com'],
    metadata: [
      { key: 'EndStatusString', value: 'error' },
      { key: 'HungUpSide', value: 'seat' },
      { key: 'PostIVRKeyPressed', value: '1 very satisfied' },
    ],
  });
});

test('a voicemail push comes without version and with its number as a number', async (t) => {
  const { source, context } = pushedSource(t);
  assert.equal((await post(source, sample('voicemail'), { query: 'action=voicemail' })).body, acknowledged);
  const { recording } = ofType(context.observations(), 'recording')[0]!;
  assert.equal(recording.kind, 'VOICEMAIL');
  assert.equal(recording.party, 'CUSTOMER');
  assert.equal(recording.endpoint, '13123456789');
  assert.equal(recording.call, session);
  assert.match(recording.externalId, new RegExp(`^voicemail:${session}:[0-9a-f]{16}$`));
});

test('two voicemails of one session are two, one with another host and signature is the same', async (t) => {
  const { source, context } = pushedSource(t);
  const push = { ...(JSON.parse(sample('voicemail')) as object) };
  for (const RecordURL of ['http://a.myqcloud.com/v/1.mp3', 'https://b.qcloud.com/v/1.mp3?sign=x', 'http://a.myqcloud.com/v/2.mp3']) {
    await post(source, JSON.stringify({ ...push, RecordURL }), { action: 'voicemail' });
  }
  const [first, again, other] = ofType(context.observations(), 'recording').map(({ recording }) => recording.externalId);
  assert.equal(first, again);
  assert.notEqual(first, other);
});

test('a voicemail that is pushed and pulled is one recording, though its links differ', () => {
  const file = '000-339708937-12367-473aa356-000-1608130637.mp3';
  const pushedLink = `http://recorder-10018504.cos.ap-shanghai.myqcloud.com/def/month12/${file}`;
  const pulledLink = `https://tccc.qcloud.com/tcccadmin/getRecord/k1/eyJ0b2tlbiI6MX0=/${file}`;
  const { voicemail: voicemailId } = createIdentity('any');
  assert.equal(voicemailId(session, pushedLink), voicemailId(session, pulledLink));
  assert.notEqual(voicemailId(session, pushedLink), voicemailId('other', pulledLink));
});

test('a transferred call has one recording for each side, withoutNulls apart by the endpoint', async (t) => {
  const { source, context } = pushedSource(t);
  const push = JSON.parse(sample('record')) as object;
  for (const [RecordId, EndpointUser] of [
    ['1', '008618621520280'],
    ['2', 'one@example.com'],
    ['3', 'two@example.com'],
    ['4', ''],
  ]) {
    await post(source, JSON.stringify({ ...push, RecordId, EndpointUser, CustomRecordURL: 'https://own.example.com/1.mp3' }), {
      action: 'record',
    });
  }
  assert.deepEqual(
    ofType(context.observations(), 'recording').map(({ recording }) => [recording.vendorId, recording.party, recording.agent]),
    [
      ['1', 'CUSTOMER', null],
      ['2', 'AGENT', 'one@example.com'],
      ['3', 'AGENT', 'two@example.com'],
      ['4', 'UNKNOWN', null],
    ],
  );
  assert.equal(ofType(context.observations(), 'recording')[0]!.recording.vendorData!.customUrl, 'https://own.example.com/1.mp3');
});

test('a day that the third month lacks falls to its last', async (t) => {
  const { source, context } = pushedSource(t);
  const push = { ...(JSON.parse(sample('record')) as object), Timestamp: Date.UTC(2025, 10, 30, 12) / 1000 };
  await post(source, JSON.stringify(push), { action: 'record' });
  assert.equal(ofType(context.observations(), 'recording')[0]!.recording.availableUntil, '2026-02-28T12:00:00.000Z');
});

test('times and ids are read from numbers and from text; nulls and unknown fields do no harm', async (t) => {
  const { source, context } = pushedSource(t);
  const push = {
    SdkAppId: '1400264214',
    SessionId: 'abc',
    StartTimestamp: '1608130636',
    EndedTimestamp: 1_608_130_651_000,
    Direction: null,
    CallType: 6,
    SeatUser: null,
    ServeParticipants: null,
    IVRKeyPressed: ['1', '2'],
    IVRKeyPressedEx: [{ Key: '1', Label: 'sales' }],
    TelLocation: { Country: 'CN' },
    Uui: 'order 7',
  };
  await post(source, `\uFEFF${JSON.stringify(push)}`, { action: 'cdr' });
  const { call } = ofType(context.observations(), 'call')[0]!;
  assert.equal(call.startedAt, '2020-12-16T14:57:16.000Z');
  assert.equal(call.endedAt, '2020-12-16T14:57:31.000Z');
  assert.equal(call.direction, 'INTERNAL');
  assert.deepEqual(call.metadata, [
    { key: 'CallType', value: '6' },
    { key: 'IVRKeyPressed', value: '1 sales' },
    { key: 'UUI', value: 'order 7' },
  ]);
});

test('chat records are acknowledged, so are unknown kinds and those of another case, which are kept as dead letters', async (t) => {
  const { source, context } = pushedSource(t);
  assert.equal((await post(source, '{"SdkAppId":1400264214}', { action: 'imcdr' })).body, acknowledged);
  assert.equal(context.logged.length, 0);
  assert.equal((await post(source, '{"what":1}', { action: 'satisfaction' })).body, acknowledged);
  assert.equal((await post(source, '{"what":1}')).body, acknowledged);
  assert.equal((await post(source, '{}', { action: 'constructor' })).body, acknowledged);
  assert.equal((await post(source, sample('cdr'), { action: 'CDR' })).body, acknowledged);
  assert.deepEqual(
    context.logged.map(({ fields }) => fields.action),
    ['satisfaction', '', 'constructor', 'CDR'],
  );
  assert.equal(context.batches.length, 0);
  assert.deepEqual(
    context.deadLetters.map(({ kind, body }) => [kind, body]),
    [
      ['push satisfaction', '{"what":1}'],
      ['push', '{"what":1}'],
      ['push constructor', '{}'],
      ['push CDR', sample('cdr')],
    ],
  );
  await source.replay!({ kind: 'push CDR', reason: '', body: Buffer.from(sample('cdr')) });
  assert.equal(ofType(context.observations(), 'call')[0]!.call.externalId, session);
  await assert.rejects(source.replay!({ kind: 'push', reason: '', body: Buffer.from('{}') }), { code: 'INVALID_INPUT' });
});

test('the replay of a push without an action tells its kind by its body', async (t) => {
  for (const kind of ['record', 'cdr', 'voicemail']) {
    const { source, context } = pushedSource(t);
    await post(source, sample(kind), { action: kind });
    const { observations } = context.batches[0]!;
    await post(source, sample(kind));
    const { body } = context.deadLetters[0]!;
    await source.replay!({ kind: 'push', reason: '', body: Buffer.from(body) });
    assert.deepEqual(context.batches[1]!.observations, observations);
  }
});

test('an action that would spoil a list of dead letters is kept in plain words', async (t) => {
  const { source, context } = pushedSource(t);
  await post(source, '{}', { query: 'action=a%0Ab%3A%20c' });
  assert.deepEqual(
    context.deadLetters.map(({ kind }) => kind),
    ['push a_b__c'],
  );
});

test('the routing question gets its own kind of answer: a plain no', async (t) => {
  const { source } = pushedSource(t);
  const answer = await post(source, '{"RequestId":"r-1","Timestamp":1,"SdkAppId":1400264214,"SessionType":"tel","User":"1"}', {
    action: 'specifiedSeat',
  });
  assert.equal(answer.status, 200);
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  assert.deepEqual([body.RequestId, body.SeatEmails, body.SkillGroup], ['r-1', [], '']);
  assert.equal(body.ErrCode, 1);
  assert.match(String(body.ErrMsg), /does not route calls/);
  assert.equal((JSON.parse((await post(source, 'no json', { action: 'specifiedSeat' })).body) as { RequestId: string }).RequestId, '');
});

const unreadable: [string, string | Uint8Array, RegExp, 'comes again' | 'never will'][] = [
  ['half a JSON text', '{"SdkAppId":1400264214,"Rec', /not JSON/, 'comes again'],
  ['a web page', '<html></html>', /not JSON/, 'comes again'],
  ['nothing', '', /not JSON/, 'comes again'],
  ['bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), /not UTF-8/, 'comes again'],
  ['a recording without its id', '{"SdkAppId":1400264214,"SessionId":"s"}', /RecordId/, 'never will'],
  ['a list', '[]', /documented shape/, 'never will'],
  ['a wrong type', '{"SdkAppId":1400264214,"RecordId":"1","SessionId":"s","Timestamp":{}}', /Timestamp/, 'never will'],
  ['another application', '{"SdkAppId":1400000000,"RecordId":"1","SessionId":"s"}', /another application/, 'never will'],
];
for (const [what, body, reason, retry] of unreadable) {
  test(`${what} is requested again while it may come right, then kept with the reason, and shows in the health`, async (t) => {
    const { source, context, clock } = pushedSource(t);
    const deliver = () => post(source, body, { action: 'record', headers: { 'x-tccc-push-uuid': 'push-1' } });
    for (let delivery = 1; retry === 'comes again' && delivery < 4; delivery += 1) {
      assert.equal((JSON.parse((await deliver()).body) as { ErrCode: unknown }).ErrCode, 1);
      assert.equal(context.deadLetters.length, 0);
    }
    assert.equal((await deliver()).body, acknowledged);
    assert.equal(context.batches.length, 0);
    assert.equal(context.deadLetters.length, 1);
    assert.match(context.deadLetters[0]!.reason, reason);
    assert.equal(source.health().status, 'DEGRADED');
    assert.match(source.health().lastError!, /unreadable pushes since the start: [14]/);
    assert.equal(context.measured.at(-1)!.outcome, 'INVALID_INPUT');
    await clock.advance(16 * 60_000);
    assert.equal(source.health().status, 'UP');
  });
}

test('a delivery without a receipt is counted by its bytes', async (t) => {
  const { source, context } = pushedSource(t);
  const deliver = async (body: string) =>
    (JSON.parse((await post(source, body, { action: 'record' })).body) as { ErrCode: number }).ErrCode;
  assert.deepEqual([await deliver('{"a'), await deliver('{"b'), await deliver('{"a'), await deliver('{"a')], [1, 1, 1, 1]);
  assert.equal(context.deadLetters.length, 0);
  assert.equal(await deliver('{"a'), 0);
  assert.deepEqual(
    context.deadLetters.map(({ body }) => body),
    ['{"a'],
  );
});

test('a push that cannot be stored is requested again, in words the vendor understands', async (t) => {
  const { source } = pushedSource(t, { context: { observe: () => Promise.reject(new Error('disk full')) } });
  const answer = await post(source, sample('record'), { action: 'record' });
  assert.equal((JSON.parse(answer.body) as { ErrCode: unknown }).ErrCode, 1);
});

test('neither is one acknowledged whose dead letter cannot be stored', async (t) => {
  const { source } = pushedSource(t, { context: { deadLetter: () => Promise.reject(new Error('disk full')) } });
  assert.equal((JSON.parse((await post(source, '{}', { action: 'record' })).body) as { ErrCode: unknown }).ErrCode, 1);
});

test('what is acknowledged has been stored by then', async (t) => {
  let stored = false;
  const { source } = pushedSource(t, {
    context: {
      observe: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        stored = true;
      },
    },
  });
  await post(source, sample('cdr'), { action: 'cdr' });
  assert.ok(stored);
});

test('only POST, and only at the two addresses', async (t) => {
  const { source } = pushedSource(t);
  const get = await post(source, '', { method: 'GET', action: 'cdr' });
  assert.equal(get.status, 405);
  assert.equal(get.headers?.allow, 'POST');
  assert.equal((await post(source, sample('cdr'), { path: '/other', action: 'cdr' })).status, 404);
  assert.equal((await post(source, '', { path: '/oauth2/token' })).status, 404);
  assert.equal((await post(source, sample('cdr'), { path: '/', action: 'cdr' })).status, 200);
});

test('an address that was joined to the hook’s own query by a second question mark still says its action', async (t) => {
  const { source, context } = pushedSource(t);
  assert.equal((await post(source, sample('record'), { query: 'token=X?action=record&version=1' })).body, acknowledged);
  assert.equal(ofType(context.observations(), 'recording').length, 1);
});

test('a call is kept though what describes it has an unknown shape', async (t) => {
  const { source, context } = pushedSource(t);
  const odd = {
    SessionId: session,
    Direction: '0',
    EndedTimestamp: '1608130651',
    SeatUser: '',
    ServeParticipants: '',
    IVRKeyPressed: '',
    PostIVRKeyPressed: [{ key: {} }],
    CallerLocation: { City: 'x' },
    UserRemark: true,
    Uui: {},
    HungUpSide: 'user',
  };
  for (const body of [odd, { ...odd, SeatUser: [] }]) {
    assert.equal((await post(source, JSON.stringify(body), { action: 'cdr' })).body, acknowledged);
  }
  assert.equal(context.deadLetters.length, 0);
  const { direction, agents, metadata } = ofType(context.observations(), 'call')[0]!.call;
  assert.deepEqual([direction, agents, metadata], ['INBOUND', [], [{ key: 'HungUpSide', value: 'user' }]]);
});

const externalIds = (context: Parameters<typeof identityIn>[0]) =>
  ofType(context.observations(), 'recording').map(({ recording }) => recording.externalId);

test('two calls, and two sides of one call, that share a RecordId are recordings of their own', async (t) => {
  const { source, context } = pushedSource(t);
  const push = { SdkAppId: 1_400_264_214, RecordId: '1608130650', Timestamp: 1_608_130_650, RecordURL: 'https://x.qcloud.com/1.mp3' };
  for (const [SessionId, EndpointUser] of [
    ['a', 'one@example.com'],
    ['a', '008618621520280'],
    ['b', '008618621520280'],
    ['b', '18621520280'],
    ['b', '+86 186-2152-0280'],
    ['a', 'ONE@Example.com'],
  ]) {
    assert.equal((await post(source, JSON.stringify({ ...push, SessionId, EndpointUser }), { action: 'record' })).body, acknowledged);
  }
  const [agent, customer, other, ...again] = externalIds(context);
  assert.equal(new Set([agent, customer, other]).size, 3);
  assert.deepEqual(again, [other, other, agent]);
  assert.ok(![...externalIds(context)].join().includes('18621520280'));
});

test('an endpoint is one however it is spelt, and two that differ are two', async (t) => {
  const { source, context } = pushedSource(t);
  const push = { SdkAppId: 1_400_264_214, RecordId: '1608130650', Timestamp: 1_608_130_650, SessionId: 's' };
  const endpoints = [
    ['18621520280', '008618621520280', '+86 186-2152-0280', '8618621520280', '+8618621520280', 18621520280],
    ['02066247698', '008602066247698', '2066247698', '+86 (0)20 6624 7698', '862066247698'],
    ['66247698', '008666247698', '+8666247698', '8666247698'],
    ['86218888', '008686218888', '+8686218888', '8686218888'],
    ['10086', '008610086', '+8610086', '8610086'],
    ['95588', '008695588', '+86 95588', '8695588'],
    ['4008123123', '00864008123123', '+86 400-812-3123', '864008123123'],
    ['12125551234', '+12125551234', '0012125551234', '+1 (212) 555-1234'],
    ['agentA1', 'AGENTa1', ' agentA1 '],
    ['agentB1'],
    ['ext.1001'],
    ['1001', '+861001'],
    ['sip:1001@pbx.example.com', 'SIP:1001@PBX.example.com'],
    ['agent1@example.com', 'Agent1@Example.COM'],
    ['1@example.com'],
  ];
  for (const EndpointUser of endpoints.flat()) {
    assert.equal((await post(source, JSON.stringify({ ...push, EndpointUser }), { action: 'record' })).body, acknowledged);
  }
  const ids = externalIds(context);
  const groups = endpoints.map((spellings) => ids.splice(0, spellings.length));
  for (const [index, group] of groups.entries()) assert.equal(new Set(group).size, 1, String(endpoints[index]));
  assert.equal(new Set(groups.flat()).size, endpoints.length);
});

test('only an e-mail is an agent: an address with a scheme may be a customer\u2019s', async (t) => {
  const { source, context } = pushedSource(t);
  const push = { SdkAppId: 1_400_264_214, RecordId: '1608130650', Timestamp: 1_608_130_650, SessionId: 's' };
  const sides = [];
  for (const EndpointUser of ['sip:+8618621520280@pbx.example.com', 'agentA1', '18621520280', 'Agent1@Example.com']) {
    await post(source, JSON.stringify({ ...push, EndpointUser }), { action: 'record' });
    const recording = context.observations().findLast((one) => one.type === 'recording')!.recording;
    sides.push([recording.party, recording.agent]);
  }
  assert.deepEqual(sides, [
    ['UNKNOWN', null],
    ['UNKNOWN', null],
    ['CUSTOMER', null],
    ['AGENT', 'agent1@example.com'],
  ]);
  const agents = context.observations().flatMap((one) => (one.type === 'agent' ? one.agent.externalId : []));
  assert.deepEqual(agents, ['agent1@example.com']);
});

test('a row of an earlier version gets the identity of its push, and its old id goes on resolving', async (t) => {
  const { source, context } = pushedSource(t);
  const { track } = await (async () => {
    await post(source, sample('record'), { action: 'record' });
    return identityIn(context);
  })();
  const stored = {
    externalId: '1608130650',
    call: session,
    kind: 'AUDIO',
    endpoint: 'lululing@tencent.com',
    agent: 'lululing@tencent.com',
  };
  const renewed = await source.renewRecording!(stored as unknown as Recording);
  assert.deepEqual(
    [renewed?.externalId, renewed?.formerId, renewed?.vendorId],
    [track(session, '1608130650', 'lululing@tencent.com'), '1608130650', '1608130650'],
  );
  assert.equal(await source.renewRecording!(renewed!), null);
  const spelled = { ...(renewed as Recording), agent: 'Agent1@Example.COM' };
  assert.deepEqual(await source.renewRecording!(spelled), { ...spelled, agent: 'agent1@example.com' });
  const { externalId } = renewed!;
  const other = { ...(renewed as Recording), externalId: `${session}/1608130650/of-another-reading`, endpoint: '00861001', agent: null };
  const again = await source.renewRecording!(other);
  assert.deepEqual([again?.externalId, again?.formerId], [track(session, '1608130650', '1001'), other.externalId]);
  assert.notEqual(again?.externalId, externalId);
  const sip = { ...(renewed as Recording), agent: 'sip:1001@pbx', endpoint: 'lululing@tencent.com' };
  assert.deepEqual(await source.renewRecording!(sip), { ...sip, agent: null, party: 'UNKNOWN' });
});

test('a pushed recording has its call at once, and the record of the call corrects whose side it is', async (t) => {
  const { source, context } = pushedSource(t);
  const record = { SdkAppId: 1_400_264_214, RecordId: '7', SessionId: 's', Timestamp: 1_608_130_650, EndpointUser: '13900000001' };
  await post(source, JSON.stringify({ ...record, RecordURL: 'https://x.qcloud.com/1.mp3' }), { action: 'record' });
  const [call] = ofType(context.observations(), 'call');
  assert.deepEqual(call!.call, { externalId: 's' });
  const { recording } = ofType(context.observations(), 'recording')[0]!;
  assert.equal(recording.party, 'CUSTOMER');
  context.holds.recordings.push(recording as Recording);
  const participant = { Mail: 'Agent@Example.com', Phone: '008613900000001', RecordId: '7', Type: 'staffPhoneSeat' };
  await post(source, JSON.stringify({ SessionId: 's', RecordId: '6', Caller: '1', ServeParticipants: [participant] }), { action: 'cdr' });
  assert.deepEqual(ofType(context.observations(), 'recording').at(-1)!.recording, {
    externalId: recording.externalId,
    party: 'AGENT',
    agent: 'agent@example.com',
  });
});

const inOneCall = { SdkAppId: 1_400_264_214, SessionId: 's', Timestamp: 1_608_130_650, RecordURL: 'https://x.qcloud.com/-1608130600.mp3' };
/** The rows that the domain would keep of what was observed. */
const rowsOf = (observations: Observation[]): Recording[] => {
  const rows = new Map<string, Recording>();
  for (const { recording } of ofType(observations, 'recording')) {
    const before = rows.get(recording.externalId);
    const vendorData = { ...before?.vendorData, ...recording.vendorData };
    rows.set(recording.externalId, { ...before, ...recording, vendorData } as Recording);
  }
  return [...rows.values()];
};

test('an empty field of a later push wipes nothing that is known', async (t) => {
  const { source, context } = pushedSource(t);
  const push = async (more: object) => {
    await post(source, JSON.stringify({ ...inOneCall, RecordId: '7', ...more }), { action: 'record' });
    context.holds.recordings.splice(0, 100, ...rowsOf(context.observations()));
  };
  await push({ EndpointUser: 'Agent@Example.com', CustomRecordURL: 'https://own.example.com/1.mp3' });
  const [before] = context.holds.recordings;
  await push({ EndpointUser: 'AGENT@example.com', RecordURL: '', CustomRecordURL: '', Timestamp: 0 });
  await push({ EndpointUser: '', CustomRecordURL: null, Timestamp: null });
  const rows = context.holds.recordings;
  assert.equal(rows.length, 1);
  const { externalId, party, agent, startedAt, endedAt, availableUntil, vendorData } = rows[0]!;
  assert.deepEqual(
    [externalId, party, agent, startedAt, endedAt, availableUntil],
    [before!.externalId, 'AGENT', 'agent@example.com', '2020-12-16T14:56:40.000Z', '2020-12-16T14:57:30.000Z', null],
  );
  assert.equal(vendorData!.customUrl, 'https://own.example.com/1.mp3');
  assert.deepEqual(new Set(ofType(context.observations(), 'agent').map((one) => one.agent.email)), new Set(['agent@example.com']));
});

test('a deleted recording that turns out to be in the own bucket is there again, by a push or a record', async (t) => {
  const { source, context } = pushedSource(t);
  const push = (more: object) =>
    post(source, JSON.stringify({ ...inOneCall, RecordId: '7', EndpointUser: 'agent@example.com', ...more }), { action: 'record' });
  await push({});
  const [row] = rowsOf(context.observations());
  context.holds.recordings.push({ ...row!, state: 'EXPIRED' });
  const participant = { Mail: 'agent@example.com', RecordId: '7', RecordURL: 'https://x/7.mp3' };
  const pull = (more: object) =>
    source.replay!({
      kind: 'DescribeTelCdr',
      reason: '',
      body: Buffer.from(JSON.stringify({ SessionId: 's', ServeParticipants: [{ ...participant, ...more }] })),
    });
  const custom = { CustomRecordURL: 'https://own.example.com/7.mp3' };
  await push({});
  await pull({});
  await push(custom);
  await pull(custom);
  assert.deepEqual(
    ofType(context.observations(), 'recording').map(({ recording, resumed }) => [recording.state, resumed ?? false]),
    [
      ['AVAILABLE', false],
      ['AVAILABLE', false],
      ['AVAILABLE', false],
      ['AVAILABLE', true],
      ['AVAILABLE', true],
    ],
  );
});

test('a recording that its push named by the agent’s number, or by nobody, is the one that a read record names', async (t) => {
  for (const EndpointUser of ['13900000001', '']) {
    const { source, context } = pushedSource(t);
    const push = () => post(source, JSON.stringify({ ...inOneCall, RecordId: '7', EndpointUser }), { action: 'record' });
    await push();
    const [row] = rowsOf(context.observations());
    context.holds.recordings.push(row!);
    const participant = { Mail: 'Agent@Example.com', Phone: '008613900000001', RecordId: '7', RecordURL: 'https://x/7.mp3' };
    const record = { SessionId: 's', RecordId: '6', RecordURL: 'https://x/6.mp3', Caller: '1', ServeParticipants: [participant] };
    await source.replay!({ kind: 'DescribeTelCdr', reason: '', body: Buffer.from(JSON.stringify(record)) });
    const pulled = rowsOf(context.observations());
    assert.deepEqual(
      pulled.map(({ vendorId, party, agent }) => [vendorId, party, agent]),
      [
        ['7', 'AGENT', 'agent@example.com'],
        ['6', 'CUSTOMER', null],
      ],
    );
    assert.equal(pulled[0]!.externalId, row!.externalId);
    context.holds.recordings.splice(0, 1, ...pulled);
    await push();
    assert.equal(rowsOf(context.observations()).length, 2);
  }
});

test('a push that comes after the record of its call was read is the recording that the record named', async (t) => {
  const { source, context } = pushedSource(t);
  const participant = { Mail: 'Agent@Example.com', Phone: '008613900000001', RecordId: '7', RecordURL: 'https://x/7.mp3' };
  const record = { SessionId: 's', RecordId: '7', RecordURL: 'https://x/6.mp3', Caller: '1001', ServeParticipants: [participant] };
  await source.replay!({ kind: 'DescribeTelCdr', reason: '', body: Buffer.from(JSON.stringify(record)) });
  context.holds.calls.set('s', ofType(context.observations(), 'call')[0]!.call as Call);
  context.holds.recordings.push(...rowsOf(context.observations()));
  assert.equal(context.holds.recordings.length, 2);
  for (const EndpointUser of ['+8613900000001', 'AGENT@EXAMPLE.COM', '1001'])
    await post(source, JSON.stringify({ ...inOneCall, RecordId: '7', EndpointUser }), { action: 'record' });
  assert.deepEqual(
    rowsOf(context.observations()).map(({ party, agent }) => [party, agent]),
    [
      ['CUSTOMER', null],
      ['AGENT', 'agent@example.com'],
    ],
  );
});

test('two sides of one RecordId in one call stay two, though a record names one of them only', async (t) => {
  const { source, context } = pushedSource(t);
  await post(source, JSON.stringify({ ...inOneCall, RecordId: '7', EndpointUser: '1001' }), { action: 'record' });
  context.holds.recordings.push(...rowsOf(context.observations()));
  const participant = { Mail: 'agent@example.com', RecordId: '7', RecordURL: 'https://x/7.mp3' };
  const record = { SessionId: 's', Caller: '1001', ServeParticipants: [participant] };
  await source.replay!({ kind: 'DescribeTelCdr', reason: '', body: Buffer.from(JSON.stringify(record)) });
  assert.equal(rowsOf(context.observations()).length, 2);
});

test('a recording without any link is not there yet; one in the own bucket does not expire', async (t) => {
  const { source, context } = pushedSource(t, { settings: { keepMonths: 6 } });
  const push = { SdkAppId: 1_400_264_214, RecordId: '7', SessionId: 's', Timestamp: 1_608_130_650, EndpointUser: '1' };
  await post(source, JSON.stringify(push), { action: 'record' });
  await post(source, JSON.stringify({ ...push, RecordURL: 'https://x.qcloud.com/1.mp3' }), { action: 'record' });
  await post(source, JSON.stringify({ ...push, CustomRecordURL: 'https://own.example.com/1.mp3' }), { action: 'record' });
  assert.deepEqual(
    ofType(context.observations(), 'recording').map(({ recording }) => [recording.state, recording.availableUntil]),
    [
      ['STOPPED', '2021-06-16T14:57:30.000Z'],
      ['AVAILABLE', '2021-06-16T14:57:30.000Z'],
      ['AVAILABLE', null],
    ],
  );
});
