import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { HttpError } from '../../src/http/http-error.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { closedAfter } from '../support/closed-after.ts';
import { type GraphQLBody, principalOf, type StartedServer, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const start = closedAfter(startServer);

const graphqlJson = 'application/graphql-response+json';
const ticks = 'subscription { ticks { id } }';
let server: StartedServer;
before(async () => {
  server = await start({ authenticate: async () => principalOf({ scopes: new Set() }) });
});
const get = (search: string, headers: Record<string, string>) => fetch(`${server.graphql}?${search}`, { headers });

describe('a GET', () => {
  test('that has Authorization cannot be forged by a page, and is taken', async () => {
    for (const headers of [{ authorization: 'Bearer key' }, { 'apollo-require-preflight': '1' }, { 'x-apollo-operation-name': 'A' }]) {
      const response = await get('query=%7Bhello%7D', headers as Record<string, string>);
      assert.deepEqual([response.status, await response.json()], [200, { data: { hello: 'Hello world' } }]);
    }
    assert.equal((await get('query=%7Bhello%7D', { 'content-type': 'text/plain' })).status, 400);
  });

  test('of a page whose origin is named is taken without such a header, also as a stream', async () => {
    const { graphql } = await start({
      authenticate: async () => principalOf({ scopes: new Set() }),
      cors: { origins: ['http://localhost:*'] },
    });
    const ask = (origin: string, query: string, accept: string, signal?: AbortSignal) =>
      fetch(`${graphql}?query=${encodeURIComponent(query)}`, { headers: { origin, accept }, signal: signal ?? null });
    const taken = await ask('http://localhost:5173', '{ hello }', graphqlJson);
    assert.deepEqual(await taken.json(), { data: { hello: 'Hello world' } });
    const abort = new AbortController();
    assert.equal((await ask('http://localhost:5173', ticks, 'text/event-stream', abort.signal)).status, 200);
    abort.abort();
    for (const origin of ['http://localhost.evil.example', 'https://evil.example', 'null'])
      for (const accept of [graphqlJson, 'text/event-stream']) assert.equal((await ask(origin, '{ hello }', accept)).status, 400, origin);
    assert.equal((await ask('http://localhost:5173', 'mutation { save(name: "x") { __typename } }', graphqlJson)).status, 405);
  });

  test('that asks for a stream is held to the same', async () => {
    const query = `query=${encodeURIComponent(ticks)}`;
    for (const accept of ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0,application/json']) {
      const refused = await get(query, { accept });
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /apollo-require-preflight/);
      const abort = new AbortController();
      const taken = await fetch(`${server.graphql}?${query}`, { headers: { accept, authorization: 'x' }, signal: abort.signal });
      assert.equal(taken.status, 200);
      abort.abort();
    }
  });

  test('that gives a parameter twice, of which a proxy may have read the other one, is refused', async () => {
    for (const [name, value] of Object.entries({
      query: '{hello}',
      documentId: 'a',
      operationName: 'a',
      variables: '{}',
      extensions: '{}',
    })) {
      const search = new URLSearchParams([['query', '{hello}'], [name, value], ...(name === 'query' ? [] : [[name, value]])]);
      const response = await fetch(`${server.graphql}?${search}`, { headers: { 'apollo-require-preflight': 'true' } });
      const { errors } = (await response.json()) as { errors: { message: string }[] };
      assert.deepEqual([response.status, errors[0]!.message], [400, `\`${name}\` is given more than once; give it once.`]);
    }
  });

  test('may leave the name of the operation, variables and extensions empty', async () => {
    for (const none of ['', 'null', '%20', '%20null']) {
      const response = await get(`query=%7Bhello%7D&operationName=&variables=${none}&extensions=${none}`, { authorization: 'x' });
      assert.deepEqual(await response.json(), { data: { hello: 'Hello world' } }, none);
    }
  });
});

test('errors come in the media type that was requested', async () => {
  const strict = await start({
    clock: createManualClock(),
    authenticate: createApiKeyAuthentication([{ name: 'wall', keySha256: sha256('key'), scopes: [] }]),
    limits: { requestsPerSecond: 2 },
  });
  const ask = async (authorization: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(strict.graphql, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/json', ...headers },
    });
    return [response.status, response.headers.get('content-type')?.split(';')[0]] as const;
  };
  for (const [accept, type] of [
    [`${graphqlJson}, application/json;q=0.9`, graphqlJson],
    ['*/*', 'application/json'],
  ] as const) {
    assert.deepEqual(await ask('Bearer wrong', '{"query":"{hello}"}', { accept }), [401, type]);
    assert.deepEqual(await ask('Bearer key', '{', { accept }), [400, type]);
    assert.deepEqual(await ask('Bearer key', 'x', { accept, 'content-type': 'text/csv' }), [415, type]);
  }
  assert.deepEqual(await ask('Bearer key', '{"query":"{hello}"}', { accept: graphqlJson }), [429, graphqlJson]);
});

describe('bodies', () => {
  const post = (body: Uint8Array | string, encoding: string, more: Record<string, string> = {}) =>
    fetch(server.graphql, {
      method: 'POST',
      body: body as BodyInit,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding, ...more },
    });

  test('may be compressed with gzip or brotli', async () => {
    const text = JSON.stringify({ query: '{ hello }' });
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['GZIP', gzipSync(text)],
      ['br', brotliCompressSync(text)],
      ['identity', text],
    ] as const) {
      assert.deepEqual(await (await post(body, encoding)).json(), { data: { hello: 'Hello world' } }, encoding);
    }
    const other = await post(text, 'zstd');
    assert.deepEqual([other.status, other.headers.get('accept-encoding')], [415, 'gzip, br, identity']);
  });

  test('that grow past the limit when they are decompressed are refused', async () => {
    const bomb = JSON.stringify({ query: `{ hello } #${' '.repeat(50_000_000)}` });
    for (const [encoding, body] of [
      ['gzip', gzipSync(bomb)],
      ['br', brotliCompressSync(bomb)],
    ] as const) {
      assert.ok(body.length < 262_144);
      assert.equal((await post(body, encoding)).status, 413, encoding);
    }
  });

  test('that are nested too deeply are refused, at every transport', async () => {
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    const body = `{"query":"query($a: String) { hello }","variables":{"a":${deep}}}`;
    const plain = await server.ask(body);
    assert.deepEqual([plain.status, plain.body.errors?.[0]?.extensions.code], [400, 'JSON_DEPTH_LIMIT']);
    assert.equal((await server.ask(body, { accept: 'text/event-stream' })).status, 400);
    assert.equal(
      (await get(`query=%7Bhello%7D&variables=${encodeURIComponent(`{"a":${deep}}`)}`, { authorization: 'x', accept: 'text/event-stream' }))
        .status,
      400,
    );
    const socket = await connectSocket(server.graphql);
    await socket.init();
    socket.send({ type: 'subscribe', id: '1', payload: JSON.parse(body) });
    assert.equal(((await socket.next()).payload as { extensions: { code: string } }[])[0]?.extensions.code, 'JSON_DEPTH_LIMIT');
    socket.close();
    const veryDeep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    assert.equal((await server.ask(`{"query":"{hello}","variables":${veryDeep}}`)).status, 400);
  });
});

test('answers are compressed where the client asks', async () => {
  const { request } = await import('node:http');
  const ask = async (acceptEncoding: string) => {
    const query = `{ ${Array.from({ length: 25 }, (_, n) => `a${n}: people(first: 3) { nodes { id name mood } }`).join(' ')} }`;
    const sent = request(server.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': acceptEncoding },
    });
    sent.end(JSON.stringify({ query }));
    const [response] = await once(sent, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { coding: response.headers['content-encoding'], vary: response.headers.vary, bytes: Buffer.concat(chunks) };
  };
  const plain = await ask('identity');
  assert.equal(plain.coding, undefined);
  assert.match(String(plain.vary), /Accept-Encoding/i);
  const zipped = await ask('gzip, deflate');
  assert.equal(zipped.coding, 'gzip');
  assert.deepEqual(gunzipSync(zipped.bytes), plain.bytes);
  const brotli = await ask('gzip, deflate, br, zstd');
  assert.equal(brotli.coding, 'br');
  assert.deepEqual(brotliDecompressSync(brotli.bytes), plain.bytes);
  assert.equal((await ask('br;q=0, gzip;q=0')).coding, undefined);
  assert.equal((await ask('br;q=0.1, gzip')).coding, 'gzip');
});

test('a hash that is not known has the client send the text, which every transport then knows', async () => {
  const askBy = {
    post: async (body: object) => (await server.ask(body)).body,
    'event stream': async (body: object) => {
      const text = await (
        await fetch(server.graphql, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        })
      ).text();
      return JSON.parse(/^data: (.+)$/m.exec(text)![1]!) as GraphQLBody;
    },
    socket: async (body: object) => {
      const socket = await connectSocket(server.graphql);
      await socket.init();
      socket.send({ type: 'subscribe', id: '1', payload: body });
      const { type, payload } = await socket.next();
      socket.close();
      return (type === 'error' ? { errors: payload } : payload) as GraphQLBody;
    },
  };
  const names = Object.keys(askBy) as (keyof typeof askBy)[];
  for (const first of names) {
    const query = `query ${first.replace(' ', '')} { hello }`;
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
    for (const name of names) {
      // A client that sends a hash alone leaves the text out, or sends it empty or as null.
      for (const hashAlone of [{ extensions }, { query: null, extensions }, { query: '', extensions }])
        assert.equal((await askBy[name](hashAlone)).errors?.[0]?.extensions.code, 'PERSISTED_QUERY_NOT_FOUND', `${first} ${name}`);
    }
    assert.deepEqual((await askBy[first]({ query, extensions })).data, { hello: 'Hello world' });
    for (const name of names)
      for (const hashAlone of [{ extensions }, { query: '', extensions }])
        assert.deepEqual((await askBy[name](hashAlone)).data, { hello: 'Hello world' }, `${first} ${name}`);
    const forged = { query: '{ broken }', extensions };
    for (const name of names) assert.ok((await askBy[name](forged)).errors?.[0]?.message.includes('sha does not match'), name);
  }
  const closed = await start({ trustedDocuments: new Map([['x', '{ hello }']]) });
  const unknown = await closed.ask({ query: '', extensions: { persistedQuery: { version: 1, sha256Hash: sha256('{ hello }') } } });
  assert.deepEqual([unknown.status, unknown.body.errors?.[0]?.extensions.code], [200, 'PERSISTED_QUERY_NOT_FOUND']);
});

describe('multipart subscriptions', () => {
  const accept = 'multipart/mixed;boundary="-";subscriptionSpec=1.0,application/graphql-response+json,application/json';
  const open = async (target: StartedServer, query: string, given = accept) => {
    const response = await fetch(target.graphql, {
      method: 'POST',
      body: JSON.stringify({ query }),
      headers: { 'content-type': 'application/json', accept: given },
    });
    let came = '';
    const reading = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) came += chunk;
    })().catch(() => undefined);
    return { response, came: () => came, reading };
  };
  const parts = (text: string) =>
    text
      .split('\r\n--graphql')
      .filter((part) => part.includes('{'))
      .map((part) => JSON.parse(part.slice(part.indexOf('{'))));

  test('stream each event in a part, and end with the last delimiter', async () => {
    for (const given of [accept, 'multipart/mixed;subscriptionSpec="1.0", multipart/mixed;deferSpec=20220824, application/json']) {
      const stream = await open(server, ticks, given);
      assert.equal(stream.response.headers.get('content-type'), 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0');
      await until(() => server.ticks.listening === 1, 'the subscription starts');
      server.ticks.send({ id: '7', snapshot: false, at: 1 });
      await until(() => stream.came().includes('"7"'), 'the event comes');
      assert.ok(stream.came().endsWith('\r\n--graphql'), 'a part is complete with the delimiter behind it');
      server.ticks.end();
      await stream.reading;
      assert.deepEqual(parts(stream.came()), [{ payload: { data: { ticks: { id: '7' } } } }]);
      assert.ok(stream.came().endsWith('--graphql--\r\n'));
    }
  });

  test('answer queries, and what is refused, as JSON', async () => {
    assert.match((await open(server, '{ hello }')).response.headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
    assert.equal((await open(server, 'subscription { nothing }')).response.status, 400);
  });

  test('beat, and tell a token that ends', async () => {
    const clock = createManualClock();
    const ending = await start({ clock, authenticate: async () => principalOf({ expiresAtMs: clock.now() + 60_000 }) });
    const stream = await open(ending, ticks);
    await until(() => ending.ticks.listening === 1, 'the subscription starts');
    await clock.advance(13_000);
    await until(() => parts(stream.came()).length > 0, 'a beat');
    assert.deepEqual(parts(stream.came())[0], {});
    await clock.advance(47_000);
    await stream.reading;
    const last = parts(stream.came()).at(-1);
    assert.deepEqual([last.payload, last.errors[0].extensions.code], [null, 'UNAUTHENTICATED']);
    await until(() => ending.ticks.listening === 0, 'the source is freed');
  });
});

test('an HTTP error of a server that is overloaded closes a socket with 1013', async () => {
  const busy = await start({
    authenticate: async () => {
      throw new HttpError(503, 'AUTHENTICATION_UNAVAILABLE', 'Try again.');
    },
  });
  const client = await connectSocket(busy.graphql);
  client.send({ type: 'connection_init' });
  assert.deepEqual(await client.closed, { code: 1013, reason: 'Try again.' });
});
