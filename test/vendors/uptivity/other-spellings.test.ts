/** Answers as other installations may give them where the vendor's page leaves room. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { patience, settingsOf } from './source.ts';

interface Reply {
  status?: number;
  contentType?: string;
  body?: string;
}

/** A source before a recorder that answers as `answer` does. */
const startBefore = async (t: TestContext, answer: RequestListener) => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const context = createVendorContext({ clock: createManualClock() });
  const source = uptivity.create(settingsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), context);
  t.after(async () => {
    await source.close();
    server.closeAllConnections();
    server.close();
  });
  return { server, source };
};

/** A source before a recorder that answers every read with what `reply` holds at the time. */
const startReplying = async (t: TestContext, reply: Reply) => {
  const { source } = await startBefore(t, (_request, response) => {
    response.writeHead(reply.status ?? 200, { 'content-type': reply.contentType ?? 'application/json' }).end(reply.body ?? '');
  });
  return source;
};

const list = async (t: TestContext, agents: unknown) =>
  (await (await startReplying(t, { body: JSON.stringify(agents) })).agents!.list(patience)).map(({ agent, observations }) => ({
    agent,
    of: (type: string) =>
      observations.flatMap((one) => (one.type === type ? [one as unknown as Record<string, Record<string, unknown>>] : [])),
  }));

const recorded = {
  CallInstance: 'c1',
  Metadata: { User1: 'kept As it is' },
  CallState: 'OnCall',
  Recordings: [{ RecordingIdentifier: 'r1', IsDuplicate: 'True', RecordingState: 'Recording' }],
  ScreenRecordings: [{ ScreenRecordingidentifier: 's1', RecordingState: 'Recording' }],
};

test('property names are read in any case, the keys of metadata are left as they are', async (t) => {
  const camel = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(camel);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      key === 'Metadata' ? one : camel(one),
    ]);
    return Object.fromEntries(entries);
  };
  const [agent] = await list(t, [camel({ AgentId: 7, AgentPhone: '5003', ActiveCall: recorded, DesktopOnlySessions: ['d1'] })]);
  assert.equal(agent?.agent, '7');
  assert.equal(agent.of('agent')[0]!.agent!.phone, '5003');
  assert.deepEqual(agent.of('call')[0]!.call!.metadata, [{ key: 'User1', value: 'kept As it is' }]);
  assert.deepEqual(
    agent.of('recording').map(({ recording }) => [recording!.externalId, recording!.isDuplicate, recording!.state]),
    [
      ['r1', true, 'RECORDING'],
      ['s1', false, 'RECORDING'],
      ['d1', false, 'RECORDING'],
    ],
  );
});

test('the screen recording identifier is read in the spelling of the page and in the one that its neighbours have', async (t) => {
  for (const name of ['ScreenRecordingidentifier', 'ScreenRecordingIdentifier', 'screenRecordingIdentifier']) {
    const call = { ...recorded, Recordings: [], ScreenRecordings: [{ [name]: 's1', RecordingState: 'Recording' }] };
    const [agent] = await list(t, [{ AgentId: 7, ActiveCall: call }]);
    assert.equal(agent!.of('recording')[0]!.recording!.externalId, 's1', name);
  }
});

test('a desktop session of whatever shape is a session', async (t) => {
  const [agent] = await list(t, [{ AgentId: 7, DesktopOnlySessions: [{ RecordingState: { Word: 'Recording' } }] }]);
  assert.deepEqual(
    agent?.of('recording').map(({ recording }) => [recording!.kind, recording!.state]),
    [['SCREEN', 'RECORDING']],
  );
});

test('words of recordings that are over and of calls that ring or are held are understood', async (t) => {
  const shown = async (CallState: string, RecordingState: string) => {
    const call = { ...recorded, CallState, Recordings: [{ RecordingIdentifier: 'r1', RecordingState }], ScreenRecordings: [] };
    const [agent] = await list(t, [{ AgentId: 7, ActiveCall: call }]);
    return [agent!.of('agent')[0]!.agent!.status, agent!.of('call')[0]!.call!.state, agent!.of('recording')[0]!.recording!.state];
  };
  assert.deepEqual(await shown('Ringing', 'Not Recording'), ['RINGING', 'RINGING', 'STOPPED']);
  assert.deepEqual(await shown('On Hold', 'Completed'), ['ON_HOLD', 'HELD', 'STOPPED']);
  assert.deepEqual(await shown('Talking', 'Humming'), ['ON_CALL', 'ACTIVE', 'UNKNOWN']);
});

test('a byte order mark is passed over, and no content is nobody', async (t) => {
  const reply: Reply = { body: `\uFEFF${JSON.stringify([{ AgentId: 7 }])}` };
  const source = await startReplying(t, reply);
  assert.equal((await source.agents!.list(patience)).length, 1);
  reply.body = `\uFEFF${JSON.stringify({ AgentId: 7 })}`;
  assert.equal((await source.agents!.byIdentifiers([{ identifier: 'ID', value: '7' }], patience))[0]?.agent, '7');
  Object.assign(reply, { status: 204, body: '' });
  assert.deepEqual(await source.agents!.byIdentifiers([{ identifier: 'ID', value: '7' }], patience), [null]);
  await assert.rejects(source.agents!.list(patience), /empty list after a filled list/);
  assert.deepEqual(await source.agents!.list(patience), []);
  Object.assign(reply, { status: 200, body: 'null' });
  assert.deepEqual(await source.agents!.list(patience), []);
  assert.equal(source.health().status, 'UP');
});

test('an agent that cannot be read spoils no other, takes nothing from what is known, and shows in the health', async (t) => {
  const reply: Reply = { body: JSON.stringify([{ AgentId: 7 }, { AgentId: 8, ActiveCall: 'yes' }, { AgentId: null }]) };
  const source = await startReplying(t, reply);
  assert.deepEqual(
    (await source.agents!.list(patience)).map(({ agent, observations }) => [agent, observations.map(({ type }) => type)]),
    [
      ['7', ['agent', 'liveness']],
      ['8', ['unreadable']],
    ],
  );
  assert.equal(source.health().status, 'DEGRADED');
  assert.match(source.health().lastError ?? '', /GetAll is not of the documented shape \(at 1\.ActiveCall\); the 1 agents/);
  reply.body = JSON.stringify([{ AgentId: 7 }, { AgentId: 8 }]);
  assert.equal((await source.agents!.list(patience)).length, 2);
  assert.equal(source.health().status, 'UP');
  for (const nobody of [{ status: 404 }, { status: 204, body: '' }]) {
    Object.assign(reply, { status: 200, body: JSON.stringify([{ AgentId: 7 }, { AgentId: null }]) });
    await source.agents!.list(patience);
    assert.equal(source.health().status, 'DEGRADED');
    Object.assign(reply, nobody);
    await assert.rejects(source.agents!.list(patience), /after a filled list; a second such answer will be accepted/);
    assert.deepEqual(await source.agents!.list(patience), []);
    assert.equal(source.health().status, 'UP');
  }
});

test('an identifier that is not set names nothing, however the vendor says so', async (t) => {
  for (const unset of [null, '', ' ', 0, '0', -1, '-1', '00000000-0000-0000-0000-000000000000', '{00000000-0000-0000-0000-000000000000}']) {
    const callOf = (device: string, callid: unknown) => ({
      CallInstance: unset,
      Metadata: { deviceid: device, callid, starttime: '12/08/2016 15:06:40' },
      CallState: 'OnCall',
      Recordings: [{ RecordingIdentifier: unset, IsDuplicate: false, RecordingState: 'Recording' }],
      ScreenRecordings: [{ ScreenRecordingidentifier: unset, RecordingState: 'Recording' }],
    });
    const agents = await list(t, [
      { AgentId: 7, ActiveCall: callOf('5007', unset), DesktopOnlySessions: [{ ScreenRecordingidentifier: unset }] },
      { AgentId: 8, ActiveCall: callOf('5008', 'c8') },
    ]);
    const said = JSON.stringify(unset);
    assert.deepEqual(
      agents.map(({ of }) => of('call').map(({ call }) => call!.externalId)),
      [['5007@12/08/2016 15:06:40'], ['c8']],
      said,
    );
    const recordings = agents.flatMap(({ of }) => of('recording').map(({ recording }) => recording!));
    assert.equal(new Set(recordings.map(({ externalId }) => externalId)).size, 5, said);
    assert.ok(
      recordings.every(({ vendorId }) => vendorId === undefined),
      said,
    );
  }
});

test('an empty answer after a filled list is believed when it comes again, in whatever way it is empty', async (t) => {
  for (const empty of [
    { status: 404 },
    { status: 404, body: '{"Message":"nobody"}' },
    { status: 204 },
    { body: '[]' },
    { body: ' [ ] ' },
    { body: 'null' },
  ]) {
    const reply: Reply = { body: JSON.stringify([{ AgentId: 7 }]) };
    const source = await startReplying(t, reply);
    await source.agents!.list(patience);
    Object.assign(reply, { status: 200, body: '' }, empty);
    await assert.rejects(source.agents!.list(patience), /second such answer will be accepted/, JSON.stringify(empty));
    assert.equal(source.health().status, 'DEGRADED');
    assert.deepEqual(await source.agents!.list(patience), [], JSON.stringify(empty));
    assert.equal(source.health().status, 'UP');
  }
});

test('an entry without an id may be anyone whom the list had before: nothing of theirs has ended', async (t) => {
  const reply: Reply = { body: JSON.stringify([{ AgentId: 7 }, { AgentId: 8 }]) };
  const source = await startReplying(t, reply);
  const shown = async (body: unknown) => {
    reply.body = JSON.stringify(body);
    return (await source.agents!.list(patience)).map(({ agent, observations }) => [agent, observations[0]!.type]);
  };
  assert.deepEqual(await shown([{ AgentId: 7 }, { AgentId: 8 }]), [
    ['7', 'agent'],
    ['8', 'agent'],
  ]);
  for (let times = 0; times < 2; times += 1)
    assert.deepEqual(await shown([{ AgentId: 7 }, { AgentPhone: '5008' }]), [
      ['7', 'agent'],
      ['8', 'unreadable'],
    ]);
  assert.equal(source.health().status, 'DEGRADED');
  assert.deepEqual(await shown([{ AgentId: 7 }]), [['7', 'agent']]);
  assert.equal(source.health().status, 'UP');
});

test('of two lists that are read side by side, each caller gets the one that was answered', async (t) => {
  const waiting: ServerResponse[] = [];
  const { server, source } = await startBefore(t, (_request, response) => void waiting.push(response));
  const begin = async () => {
    const read = source.agents!.list(patience).then((snapshots) => snapshots.map(({ agent }) => agent));
    while (waiting.length === 0) await once(server, 'request');
    const response = waiting.pop()!;
    return (ids: readonly string[]) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ids.map((AgentId) => ({ AgentId }))));
      return read;
    };
  };
  assert.deepEqual(await (await begin())(['7']), ['7']);
  const [first, second] = [await begin(), await begin()];
  assert.deepEqual(await second(['7', '8']), ['7', '8']);
  assert.deepEqual(await first(['7']), ['7']);
});

test('a 404 in words of another server is a failure, not an empty list', async (t) => {
  const noRoute = { Message: "No HTTP resource was found that matches the request URI 'http://x/wrong/api/Agent/GetAll'." };
  for (const [contentType, body] of [
    ['text/plain', '404 page not found'],
    ['text/plain', 'default backend - 404'],
    ['application/json', JSON.stringify(noRoute)],
    ['text/html', '<html><head><title>404 Not Found</title></head></html>'],
  ] as const) {
    const source = await startReplying(t, { status: 404, contentType, body });
    for (let times = 0; times < 3; times += 1)
      await assert.rejects(source.agents!.list(patience), /HTTP 404\); check the source's baseUrl/, body);
    assert.notEqual(source.health().status, 'UP', body);
    assert.doesNotMatch(source.health().lastError ?? '', /http:|wrong/, body);
  }
});
