import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { buildSchema } from 'graphql';
import { WebSocket } from 'ws';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { credentialEnded } from '../../src/http/http-error.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { closedAfter } from '../support/closed-after.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const start = closedAfter(startServer);

const ticks = 'subscription { ticks { id at } }';

describe('close codes of graphql-transport-ws', () => {
  test('4406 without a subprotocol', async () => {
    const client = await connectSocket((await start()).graphql, { protocol: null });
    assert.equal((await client.closed).code, 4406);
  });

  test('a handshake that offers only others is answered 400, in words that name the one that is taken', async () => {
    const { graphql, log } = await start();
    for (const offered of [['graphql-ws'], ['graphql-subscriptions', 'mqtt']]) {
      const socket = new WebSocket(graphql.replace('http', 'ws'), offered);
      socket.on('error', () => undefined);
      const [request, response] = (await once(socket, 'unexpected-response')) as [ClientRequest, IncomingMessage];
      assert.equal(response.statusCode, 400);
      const said = await text(response);
      assert.match(said, /^The WebSocket was refused: .* than graphql-transport-ws, which/);
      request.destroy();
      const { fields } = log.lines.findLast(({ message }) => message === 'a WebSocket upgrade was refused')!;
      assert.equal(fields?.status, 400);
      assert.ok(said.includes(String(fields?.reason)));
    }
    const both = new WebSocket(graphql.replace('http', 'ws'), ['graphql-ws', 'graphql-transport-ws']);
    await once(both, 'open');
    assert.equal(both.protocol, 'graphql-transport-ws');
    both.terminate();
  });

  test('a handshake that breaks the protocol is answered, and logged with the reason', async () => {
    const { graphql, log } = await start();
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const request = get(graphql, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.deepEqual([response.statusCode, response.headers['sec-websocket-version']], [400, '13, 8']);
    assert.match(await text(response), /^The WebSocket was refused: .*Sec-WebSocket-Key/);
    assert.match(String(log.lines.at(-1)?.fields?.reason), /Sec-WebSocket-Key/);
  });

  test('4400 for bad JSON, an unknown type and a message without its fields', async () => {
    const { graphql } = await start();
    for (const message of [
      '{"type":',
      '{"type":"start"}',
      '[]',
      '{"type":"connection_ack"}',
      '{"type":"next","id":"1","payload":{"data":{}}}',
      '{"type":"subscribe","id":"1"}',
      '{"type":"subscribe","id":"","payload":{"query":"{hello}"}}',
      'null',
    ]) {
      const client = await connectSocket(graphql);
      client.send(message);
      assert.equal((await client.closed).code, 4400, message);
    }
  });

  test('4401 for subscribe before the ack', async () => {
    const client = await connectSocket((await start()).graphql);
    client.subscribe('1', '{ hello }');
    assert.equal((await client.closed).code, 4401);
  });

  test('4401 for a credential that was never good, with the reason in the frame and the log', async () => {
    const { graphql, log } = await start({ authenticate: createApiKeyAuthentication([]) });
    for (const payload of [undefined, {}, { Authorization: 'Bearer wrong' }, { Authorization: 7 }]) {
      const client = await connectSocket(graphql);
      client.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
      const { code, reason } = await client.closed;
      assert.equal(code, 4401);
      assert.match(reason, payload?.Authorization === 'Bearer wrong' ? /not known/ : /Send an API key/);
      assert.ok(log.lines.some(({ fields }) => fields?.closeCode === 4401 && fields.reason === reason));
    }
  });

  test('4403 for a credential that ended, which has a client get a new one', async () => {
    const ended = async () => {
      throw credentialEnded('The token has expired.');
    };
    const client = await connectSocket((await start({ authenticate: ended })).graphql);
    client.send({ type: 'connection_init' });
    assert.deepEqual(await client.closed, { code: 4403, reason: 'The token has expired.' });
  });

  test('4408 without connection_init in time', async () => {
    const client = await connectSocket((await start({ limits: { connectionInitSeconds: 0.02 } })).graphql);
    assert.equal((await client.closed).code, 4408);
  });

  test('4409 for an id that is in use', async () => {
    const client = await connectSocket((await start()).graphql);
    await client.init();
    client.subscribe('a', ticks);
    client.subscribe('a', ticks);
    const { code, reason } = await client.closed;
    assert.deepEqual([code, reason], [4409, 'Subscriber for a already exists']);
  });

  test('an id is not taken anew while the operation that was completed under it goes on, whose answer would be taken for the other', async () => {
    const schema = buildSchema('type Query { first: String second: String }');
    const gates = { first: Promise.withResolvers<string>(), second: Promise.withResolvers<string>() };
    const begun: string[] = [];
    for (const name of ['first', 'second'] as const)
      schema.getQueryType()!.getFields()[name]!.resolve = () => {
        begun.push(name);
        return gates[name].promise;
      };
    const { graphql } = await start({ schema, authenticate: async () => principalOf({ scopes: new Set() }) });
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('a', '{ first }');
    await until(() => begun.length === 1, 'the first is executed');
    client.send({ type: 'complete', id: 'a' });
    client.subscribe('a', '{ second }');
    client.subscribe('b', '{ second }');
    await until(() => begun.at(-1) === 'second', 'the second is executed');
    gates.first.resolve('of the first');
    const { id, type, payload } = await client.next();
    assert.deepEqual([id, type], ['a', 'error'], JSON.stringify(payload));
    assert.equal(
      (payload as { message: string }[])[0]!.message,
      'The operation that was completed under this id still goes on; use another id.',
    );
    gates.second.resolve('of the second');
    assert.deepEqual((await client.next()).payload, { data: { second: 'of the second' } });
    assert.deepEqual(await client.next(), { id: 'b', type: 'complete' });
    client.subscribe('a', '{ second }');
    assert.deepEqual((await client.next()).payload, { data: { second: 'of the second' } });
    client.close();
  });

  test('nor while a subscription goes on that was completed before it began to stream', async () => {
    const schema = buildSchema('type Query { first: String } type Subscription { first: String second: String }');
    const begins = Promise.withResolvers<void>();
    let opened = 0;
    const subscribeTo = (name: 'first' | 'second', begin: Promise<void>) =>
      Object.assign(schema.getSubscriptionType()!.getFields()[name]!, {
        subscribe: async () => {
          opened += 1;
          await begin;
          return (async function* () {
            yield { [name]: name };
          })();
        },
      });
    subscribeTo('first', begins.promise);
    subscribeTo('second', Promise.resolve());
    const { graphql } = await start({ schema, authenticate: async () => principalOf({ scopes: new Set() }) });
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('a', 'subscription { first }');
    await until(() => opened === 1, 'the first is opened');
    client.send({ type: 'complete', id: 'a' });
    client.subscribe('a', 'subscription { second }');
    const { id, type } = await client.next();
    assert.deepEqual([id, type], ['a', 'error']);
    begins.resolve();
    for (const name of ['b', 'a']) {
      client.subscribe(name, 'subscription { second }');
      assert.deepEqual(await client.next(), { id: name, type: 'next', payload: { data: { second: 'second' } } });
      assert.deepEqual(await client.next(), { id: name, type: 'complete' });
    }
    client.close();
  });

  test('4429 for a second connection_init', async () => {
    const client = await connectSocket((await start()).graphql);
    await client.init();
    client.send({ type: 'connection_init' });
    assert.equal((await client.closed).code, 4429);
  });

  test('4403 when the token ends', async () => {
    const clock = createManualClock();
    const { graphql } = await start({ clock, authenticate: async () => principalOf({ expiresAtMs: clock.now() + 60_000 }) });
    const client = await connectSocket(graphql);
    await client.init();
    await clock.advance(59_999);
    assert.equal(client.socket.readyState, client.socket.OPEN);
    await clock.advance(1);
    const { code, reason } = await client.closed;
    assert.deepEqual([code, reason], [4403, 'Token expired']);
  });

  test('4403 at the next event once the key has changed, before the event is shown', async () => {
    const key = { name: 'wall', keySha256: sha256('k'), scopes: ['agents:read', 'pii:read'] as const };
    const authenticate = createApiKeyAuthentication([key]);
    const { graphql, ticks: source } = await start({ authenticate });
    const client = await connectSocket(graphql);
    await client.init({ authorization: 'k' });
    client.subscribe('1', 'subscription { ticks { who } }');
    await until(() => source.listening === 1, 'the subscription starts');
    authenticate.replaceKeys([key]);
    source.send({ id: '1', snapshot: false, at: 1 });
    assert.deepEqual((await client.next()).payload, { data: { ticks: { who: 'Ada Lovelace' } } });
    authenticate.replaceKeys([{ ...key, scopes: ['agents:read'] }]);
    let leaked = false;
    client.socket.once('message', () => (leaked = true));
    source.send({ id: '2', snapshot: false, at: 2 });
    assert.equal((await client.closed).code, 4403);
    assert.equal(leaked, false);
  });

  test('1009 for a message past the limit, 1012 when the server goes', async () => {
    const server = await start({ limits: { messageBytes: 2000 } });
    const large = await connectSocket(server.graphql);
    large.send({ type: 'ping', payload: { text: 'x'.repeat(3000) } });
    assert.equal((await large.closed).code, 1009);
    const staying = await connectSocket(server.graphql);
    await staying.init();
    await server.close();
    const { code, reason } = await staying.closed;
    assert.deepEqual([code, reason], [1012, 'Server restarting; resume with after']);
  });
});

describe('a socket', () => {
  test('answers a ping with its payload', async () => {
    const client = await connectSocket((await start()).graphql);
    client.send({ type: 'ping', payload: { n: 1 } });
    assert.deepEqual(await client.next(), { type: 'pong', payload: { n: 1 } });
    client.close();
  });

  test('takes the credential from the payload as Bearer or bare, or from the header', async () => {
    const authenticate = createApiKeyAuthentication([{ name: 'wall', keySha256: sha256('k'), scopes: [] }]);
    const { graphql } = await start({ authenticate });
    for (const [payload, headers] of [
      [{ Authorization: 'Bearer k' }, {}],
      [{ authorization: 'bearer k' }, {}],
      [{ Authorization: 'k' }, {}],
      [{ headers: { Authorization: 'Bearer k' } }, {}],
      [undefined, { authorization: 'Bearer k' }],
    ] as const) {
      const client = await connectSocket(graphql, { headers });
      await client.init(payload);
      client.close();
    }
  });

  test('goes by the credential of the payload alone where there is one', async () => {
    const authenticate = createApiKeyAuthentication([
      { name: 'of the header', keySha256: sha256('header'), scopes: [] },
      { name: 'of the payload', keySha256: sha256('payload'), scopes: ['pii:read'] },
    ]);
    const { graphql, ticks: source } = await start({ authenticate });
    const headers = { authorization: 'Bearer header' };
    const refused = await connectSocket(graphql, { headers });
    refused.send({ type: 'connection_init', payload: { Authorization: 'Bearer wrong' } });
    assert.deepEqual(await refused.closed, { code: 4401, reason: 'The API key is not known.' });
    for (const [payload, who] of [
      [{ Authorization: 'Bearer payload' }, 'Ada Lovelace'],
      [{ Authorization: '' }, '***'],
    ] as const) {
      const client = await connectSocket(graphql, { headers });
      await client.init(payload);
      client.subscribe('t', 'subscription { ticks { who } }');
      await until(() => source.listening === 1, 'a subscription');
      source.send({ id: '1', snapshot: true, at: 1 });
      assert.deepEqual((await client.next()).payload, { data: { ticks: { who } } });
      client.close();
      await until(() => source.listening === 0, 'the end');
    }
  });

  test('executes queries and mutations, and tells their faults as HTTP does', async () => {
    const client = await connectSocket((await start()).graphql);
    await client.init();
    client.subscribe('q', 'query($n: String) { hello(name: $n) }', { n: 'you' });
    assert.deepEqual(((await client.next()).payload as { data: unknown }).data, { hello: 'Hello you' });
    assert.deepEqual(await client.next(), { type: 'complete', id: 'q' });
    client.subscribe('m', 'mutation { save(name: "x") { __typename } }');
    assert.deepEqual(((await client.next()).payload as { data: unknown }).data, { save: { __typename: 'Person' } });
    await client.next();
    client.subscribe('e', '{ broken }');
    const { errors } = (await client.next()).payload as {
      errors: { message: string; extensions: { code: string; correlationId: string } }[];
    };
    assert.equal(errors[0]?.message, 'Internal error');
    assert.equal(errors[0]?.extensions.code, 'INTERNAL_SERVER_ERROR');
    client.close();
  });

  test('streams, completes by either side, and frees the source', async () => {
    const { graphql, ticks: source } = await start({ authenticate: async () => principalOf({ scopes: new Set() }) });
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('1', ticks);
    await until(() => source.listening === 1, 'the subscription starts');
    source.send({ id: '1', snapshot: true, at: 5 });
    assert.deepEqual(await client.next(), { id: '1', type: 'next', payload: { data: { ticks: { id: '1', at: 5 } } } });
    client.send({ type: 'complete', id: '1' });
    await until(() => source.listening === 0, 'complete frees the source');
    client.subscribe('1', ticks);
    await until(() => source.listening === 1, 'the id is free again');
    source.end();
    assert.deepEqual(await client.next(), { type: 'complete', id: '1' });
    client.subscribe('2', ticks);
    await until(() => source.listening === 1, 'the third starts');
    client.socket.terminate();
    await until(() => source.listening === 0, 'a dropped socket frees the source');
  });

  test('tells a source that throws, and a resolver that refuses', async () => {
    const { graphql, log } = await start();
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('1', 'subscription { fails { id } }');
    assert.equal((await client.next()).type, 'next');
    const failure = await client.next();
    assert.equal(failure.type, 'error');
    assert.equal((failure.payload as { message: string }[])[0]?.message, 'Internal error');
    assert.equal(log.lines.filter((line) => line.level === 'error').length, 1);
    client.subscribe('2', 'subscription { refused { id } }');
    const refused = await client.next();
    const [error] = (refused.payload as { errors: { extensions: { code: string } }[] }).errors;
    assert.equal(error?.extensions.code, 'NOT_FOUND');
    client.close();
  });

  test('has room for so many operations', async () => {
    const { graphql, ticks: source } = await start({ limits: { subscriptionsPerSocket: 2 } });
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('1', ticks);
    client.subscribe('2', ticks);
    client.subscribe('3', ticks);
    const refused = await client.next();
    assert.deepEqual([refused.type, refused.id], ['error', '3']);
    assert.equal((refused.payload as { extensions: { code: string } }[])[0]?.extensions.code, 'SUBSCRIPTION_LIMIT');
    assert.equal(source.listening, 2);
    client.close();
  });

  test('is one of so many of a caller', async () => {
    const { graphql, log } = await start({ limits: { socketsPerCaller: 1 } });
    const first = await connectSocket(graphql);
    await first.init();
    const second = await connectSocket(graphql);
    second.send({ type: 'connection_init' });
    assert.equal((await second.closed).code, 1013);
    assert.deepEqual(log.lines.at(-1)?.fields, { closeCode: 1013, reason: 'Too many connections of this caller; close one first' });
    first.close();
    await first.closed;
    const third = await connectSocket(graphql);
    await third.init();
    third.close();
  });

  /** A client that stops to read before sixty events of a size that fills every buffer are sent. */
  const stalled = async () => {
    const clock = createManualClock();
    const { graphql, ticks: source } = await start({ clock, limits: { bufferBytes: 50_000, slowConsumerSeconds: 5 } });
    const client = await connectSocket(graphql);
    await client.init();
    client.subscribe('1', 'subscription { ticks { id filler } }');
    await until(() => source.listening === 1, 'the subscription starts');
    client.socket.pause();
    const filler = 'x'.repeat(300_000);
    for (let id = 1; id <= 60; id += 1) source.send({ id: String(id), snapshot: false, at: id, filler });
    return { clock, source, client };
  };

  test('that does not read is closed with 1013 and frees its source', async () => {
    const { clock, source, client } = await stalled();
    await clock.advance(5000);
    client.socket.resume();
    const { code, reason } = await client.closed;
    assert.deepEqual([code, reason], [1013, 'Slow consumer; resume with after']);
    await until(() => source.listening === 0, 'the source is freed');
  });

  test('that stalls for less gets every event, in order', async () => {
    const { clock, client } = await stalled();
    await clock.advance(4999);
    client.socket.resume();
    for (let id = 1; id <= 60; id += 1) {
      assert.equal(((await client.next()).payload as { data: { ticks: { id: string } } }).data.ticks.id, String(id));
    }
    client.close();
  });

  test('that answers no ping is dropped', async () => {
    const clock = createManualClock();
    const { graphql, http } = await start({ clock, limits: { heartbeatSeconds: 10 } });
    const client = await connectSocket(graphql);
    await client.init();
    await clock.advance(10_000);
    await until(() => http.counts().sockets === 1, 'still there');
    client.socket.pause();
    await clock.advance(10_000);
    await clock.advance(10_000);
    await until(() => http.counts().sockets === 0, 'the silent socket is dropped');
    client.socket.terminate();
  });

  test('is refused to pages of other sites and at other addresses', async () => {
    const server = await start({ cors: { origins: ['https://wall.example.com'] } });
    const open = (path: string, origin?: string) =>
      connectSocket(`${server.url}${path}`, { headers: origin ? { origin } : {} }).then(
        (client) => {
          client.close();
          return true;
        },
        (error: Error) => error.message,
      );
    assert.equal(await open('/graphql', 'https://evil.example.com'), 'Unexpected server response: 403');
    assert.equal(await open('/elsewhere'), 'Unexpected server response: 404');
    assert.equal(await open('/graphql', 'https://wall.example.com'), true);
    assert.equal(await open('/graphql', server.url), true);
  });
});
