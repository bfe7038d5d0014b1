/** Tests the caller's identity at every transport of the whole product: tokens that change and end, sources out of reach, an open host. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { scopes } from '../../src/domain/model/enums.ts';
import { createCallbackConnections } from '../../src/http/callback-hosts.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

/** An issuer whose one key can be changed. */
const startIssuer = async (test: TestContext) => {
  let keys = 0;
  const make = async () => {
    const pair = await generateKeyPair('ES256');
    keys += 1;
    return { kid: `key-${keys}`, ...pair };
  };
  let current = await make();
  let fetched = 0;
  const server = createServer(async (_, response) => {
    fetched += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(current.publicKey)), kid: current.kid, alg: 'ES256', use: 'sig' }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  const jwt = {
    issuer: 'https://id.example.com/',
    audience: 'tapegraph',
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    clockToleranceSeconds: 0,
  };
  return {
    auth: { mode: 'jwt', jwt },
    fetched: () => fetched,
    rotate: async () => {
      current = await make();
    },
    token: (seconds: number, claims: Record<string, unknown> = {}) =>
      new SignJWT({ iss: jwt.issuer, aud: jwt.audience, sub: 'ada', scope: scopes.join(' '), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: current.kid })
        .setExpirationTime(Math.ceil(Date.now() / 1000) + seconds)
        .sign(current.privateKey),
  };
};

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tokens', { timeout: 30_000 }, () => {
  it('of a key that the issuer has just changed are taken at once, those of the old one no more', async (test) => {
    const issuer = await startIssuer(test);
    const { ask } = await startServer(test, [blockOf(await startRecorder(test))], { auth: issuer.auth });
    const old = await issuer.token(60);
    const works = async (token: string) => (await ask('{ sources { name } }', {}, bearer(token))).data !== undefined;
    assert.equal(await works(old), true);
    await issuer.rotate();
    assert.equal(await works(await issuer.token(60)), true);
    assert.equal(issuer.fetched(), 2);
    assert.equal(await works(old), false);
    for (let guess = 0; guess < 20; guess += 1) assert.equal(await works(old), false);
    assert.ok(issuer.fetched() <= 5, `a stranger had the keys fetched ${issuer.fetched()} times`);
  });

  it('that do not fit are refused with the same code at every transport, and those that end close their streams', async (test) => {
    const issuer = await startIssuer(test);
    const { url, ask } = await startServer(test, [blockOf(await startRecorder(test))], { auth: issuer.auth });
    for (const [wrong, closeCode] of [
      [await issuer.token(60, { iss: 'https://other.example.com/' }), 4401],
      [await issuer.token(60, { aud: 'other' }), 4401],
      [await issuer.token(-10), 4403],
    ] as const) {
      const codes = [
        (await ask('{ sources { name } }', {}, bearer(wrong))).errors![0]!.extensions.code,
        ...(await Promise.all(
          [
            [`${url}/graphql?query=%7Bsources%7Bname%7D%7D`, 'text/event-stream'],
            [`${url}/metrics`, '*/*'],
          ].map(async ([address, accept]) => {
            const response = await fetch(address!, { headers: { ...bearer(wrong), accept: accept!, 'x-forwarded-for': '203.0.113.9' } });
            assert.equal(response.status, 401);
            return ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]!.extensions.code;
          }),
        )),
      ];
      assert.deepEqual(codes, ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
      const refused = await connectSocket(`${url}/graphql`);
      refused.send({ type: 'connection_init', payload: { Authorization: `Bearer ${wrong}` } });
      assert.equal((await refused.closed).code, closeCode);
    }
    const token = await issuer.token(1);
    const socket = await connectSocket(`${url}/graphql`);
    await socket.init({ Authorization: `Bearer ${token}` });
    socket.subscribe('1', 'subscription { agentChanged { id } }');
    const query = encodeURIComponent('subscription { agentChanged { id } }');
    const events = await fetch(`${url}/graphql?query=${query}`, { headers: { ...bearer(token), accept: 'text/event-stream' } });
    assert.deepEqual([(await socket.closed).code, events.status], [4403, 200]);
    assert.match(await events.text(), /"code":"UNAUTHENTICATED"/);
  });
});

const keyed = (callers: Record<string, { scopes: readonly string[]; sources?: string[] }>) => ({
  mode: 'apiKeys',
  apiKeys: Object.entries(callers).map(([name, grants]) => ({
    name,
    keySha256: sha256(name),
    ...grants,
  })),
});

it('a source out of reach is as if it were not there, by whatever id, filter, cursor, stream or command', {
  timeout: 30_000,
}, async (test) => {
  const simulator = await startRecorder(test, { agents: [sampleAgent()] });
  const auth = keyed({ all: { scopes }, branch: { scopes, sources: ['branch'] } });
  const { ask, url } = await startServer(test, [blockOf(simulator), blockOf(simulator, { name: 'branch' })], { auth });
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } } };
  const list = '{ agents { nodes { id activeCall { id recordings { id } } } } }';
  await ask(list, {}, bearer('all'));
  await ask('mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }', { input }, bearer('all'));
  const whole = await ask(
    '{ agents(filter: { sources: ["hq"] }) { nodes { id } } calls(filter: { sources: ["hq"] }) { nodes { id } pageInfo { endCursor } } recordings(filter: { sources: ["hq"] }) { nodes { id } pageInfo { endCursor } } blackouts { nodes { id } pageInfo { endCursor } } commands { nodes { id } pageInfo { endCursor } } source(name: "hq") { id } }',
    {},
    bearer('all'),
  );
  const types = { agents: 'Agent', calls: 'Call', recordings: 'Recording', blackouts: 'Blackout', commands: 'ControlCommand' };
  for (const [field, type] of Object.entries(types)) {
    const [{ id }] = whole.data[field].nodes;
    const { data, errors } = await ask(
      'query ($id: ID!, $representations: [_Any!]!) { node(id: $id) { id } _entities(representations: $representations) { __typename } }',
      { id, representations: [{ __typename: type, id }] },
      bearer('branch'),
    );
    assert.deepEqual([data, errors], [{ node: null, _entities: [null] }, undefined], type);
    if (field === 'agents') continue;
    const listed = await ask(`{ ${field} { nodes { id } } }`, {}, bearer('branch'));
    assert.ok(listed.data && !JSON.stringify(listed).includes(id), `${field} shows ${type} of hq`);
    const { endCursor } = whole.data[field].pageInfo;
    const next = await ask(`query ($after: String) { ${field}(after: $after) { nodes { id } } }`, { after: endCursor }, bearer('branch'));
    assert.equal(next.errors![0]!.extensions.code, 'INVALID_INPUT', `${field} goes on behind a cursor of another's list`);
  }
  assert.equal((await ask('query ($id: ID!) { node(id: $id) { id } }', { id: whole.data.source.id }, bearer('branch'))).data.node, null);
  for (const field of ['startBlackout', 'stopBlackout', 'startRecording', 'stopRecording', 'signOutAgent']) {
    const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
    const { data } = await ask(
      `mutation ($input: ${type}!) { ${field}(input: $input) { ... on Problem { code } } }`,
      { input },
      bearer('branch'),
    );
    assert.equal(data[field].code, 'NOT_FOUND', field);
  }
  const begun = await ask(
    'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { ... on BlackoutSuccess { blackout { id } } } }',
    { input: { agent: { key: { source: 'branch', identifier: 'ID', value: '2' } } } },
    bearer('branch'),
  );
  const call = simulator.contactCenter.takeCall(simulator.agent(2));
  await ask(list, {}, bearer('branch'));
  /** Subscriptions to all that was, and what the last event of each names, which only the branch may see. */
  const streams: Record<string, readonly [query: string, last: string]> = {
    agents: ['agentChanged(after: "0") { agent { sourceName activeCall { externalId } } }', call.CallInstance],
    blackouts: ['blackoutChanged(after: "0") { blackout { id source { name } } }', begun.data.startBlackout.blackout.id],
    calls: ['callChanged(after: "0") { call { externalId source { name } } }', call.CallInstance],
    recordings: ['recordingChanged(after: "0") { recording { externalId sourceName } }', call.Recordings[0]!.RecordingIdentifier],
  };
  const reportedTo = async (caller: string): Promise<readonly string[]> => {
    const socket = await connectSocket(`${url}/graphql`);
    test.after(socket.close);
    await socket.init({ Authorization: `Bearer ${caller}` });
    for (const [id, [query]] of Object.entries(streams)) socket.subscribe(id, `subscription { ${query} }`);
    const reported: string[] = [];
    for (const waiting = new Set(Object.keys(streams)); waiting.size > 0; ) {
      const message = await socket.next();
      reported.push(JSON.stringify(message));
      assert.equal(message.type, 'next', reported.at(-1));
      if (reported.at(-1)!.includes(streams[message.id!]![1])) waiting.delete(message.id!);
    }
    return reported;
  };
  const ofHq = (reported: readonly string[]) => reported.filter((text) => text.includes('"hq"'));
  const reportedToAll = ofHq(await reportedTo('all'));
  for (const id of Object.keys(streams))
    assert.ok(
      reportedToAll.some((text) => text.includes(`"id":"${id}"`)),
      `no event of hq's ${id}`,
    );
  assert.deepEqual(ofHq(await reportedTo('branch')), []);
});

it('on a host that others reach, the schema, suggestions and the playground are kept back until they are turned on', {
  timeout: 30_000,
}, async (test) => {
  const simulator = await startRecorder(test);
  const auth = keyed({ all: { scopes } });
  const start = (server: object) => startServer(test, [blockOf(simulator)], { auth, server: { host: '0.0.0.0', ...server } });
  const look = async ({ ask, url }: Awaited<ReturnType<typeof start>>) => {
    const [schema, guess] = [
      await ask('{ __schema { types { name } } }', {}, bearer('all')),
      await ask('{ sourcs { name } }', {}, bearer('all')),
    ];
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    return [schema.errors?.[0]?.extensions.code ?? null, guess.errors![0]!.message.includes('Did you mean'), page.status];
  };
  assert.deepEqual(await look(await start({})), ['INTROSPECTION_DISABLED', false, 401]);
  assert.deepEqual((await look(await start({ introspection: true }))).slice(0, 2), [null, true]);
  await assert.rejects(
    startServer(test, [blockOf(simulator)], { auth: { mode: 'none' }, server: { host: '0.0.0.0' } }),
    /auth\.mode: none is refused/,
  );
});

describe('a callback host is checked after its name is looked up', () => {
  const answering = (...addresses: string[]) => {
    let lookups = 0;
    const resolve = (_: string, __: unknown, done: (error: null, found: { address: string; family: number }[]) => void) => {
      lookups += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    return { resolve: resolve as never, lookups: () => lookups };
  };

  it('so that a name which leads inside, now or besides, is never connected to', async () => {
    for (const addresses of [
      ['127.0.0.1'],
      ['10.0.0.7'],
      ['169.254.169.254'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      ['203.0.112.1', '192.168.1.1'],
      [],
    ]) {
      const connections = createCallbackConnections(false, answering(...addresses).resolve);
      const sent = connections.request({ origin: 'http://router.example.com:9', path: '/', method: 'POST', body: '{}' });
      await assert.rejects(sent, /private address/, addresses.join(' '));
      await connections.destroy();
    }
  });

  it('and the address that was checked is the one connected to: the name is resolved once', async (test) => {
    const router = createServer((_, response) => response.writeHead(204).end());
    router.listen(0, '127.0.0.1');
    await once(router, 'listening');
    test.after(() => router.close());
    const { resolve, lookups } = answering('127.0.0.1');
    const connections = createCallbackConnections(true, resolve);
    const origin = `http://router.invalid:${(router.address() as AddressInfo).port}`;
    const { statusCode, body } = await connections.request({ origin, path: '/', method: 'POST', body: '{}' });
    await body.dump();
    assert.deepEqual([statusCode, lookups()], [204, 1]);
    await connections.destroy();
  });
});
