import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient } from 'graphql-sse';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { closedAfter } from '../support/closed-after.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';
import { until } from '../support/socket-client.ts';

const start = closedAfter(startServer);

const ticks = 'subscription { ticks { id } }';

/** Opens a stream; `text` waits until what came matches. */
const open = async (graphql: string, body: object | null, headers: Record<string, string> = {}, search = '') => {
  const abort = new AbortController();
  const response = await fetch(`${graphql}${search}`, {
    method: body === null ? 'GET' : 'POST',
    headers: { accept: 'text/event-stream', ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
    signal: abort.signal,
  });
  let came = '';
  let ended = false;
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) came += chunk;
  })()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return {
    response,
    abort: () => abort.abort(),
    reading,
    came: () => came,
    text: async (pattern: RegExp) => {
      await until(() => pattern.test(came) || ended, String(pattern));
      assert.match(came, pattern);
    },
  };
};

describe('server-sent events', () => {
  test('stream next and complete to graphql-sse\u2019s own client', async () => {
    const server = await start();
    const client = createClient({ url: server.graphql, retryAttempts: 0 });
    const results = client.iterate({ query: ticks });
    const first = results.next();
    await until(() => server.ticks.listening === 1, 'the subscription starts');
    server.ticks.send({ id: '1', snapshot: true, at: 1 });
    const { value } = await first;
    assert.deepEqual(value?.data, { ticks: { id: '1' } });
    const last = results.next();
    server.ticks.end();
    assert.equal((await last).done, true);
    client.dispose();
  });

  test('have the frames of the protocol, by POST and by GET', async () => {
    const server = await start({ authenticate: async () => principalOf({ scopes: new Set() }) });
    const ways = [
      () => open(server.graphql, { query: ticks }),
      () => open(server.graphql, null, { authorization: 'Bearer key' }, `?query=${encodeURIComponent(ticks)}`),
    ];
    for (const way of ways) {
      const stream = await way();
      assert.equal(stream.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
      await until(() => server.ticks.listening === 1, 'the subscription starts');
      server.ticks.send({ id: '7', snapshot: false, at: 1 });
      await stream.text(/data: /);
      server.ticks.end();
      await stream.reading;
      assert.equal(stream.came(), ':\n\nevent: next\ndata: {"data":{"ticks":{"id":"7"}}}\n\nevent: complete\ndata:\n\n');
    }
  });

  test('carry queries and mutations too, but no mutation by GET', async () => {
    const { graphql } = await start({ authenticate: async () => principalOf({ scopes: new Set() }) });
    const query = await open(graphql, { query: '{ hello }' });
    await query.reading;
    assert.equal(query.came(), ':\n\nevent: next\ndata: {"data":{"hello":"Hello world"}}\n\nevent: complete\ndata:\n\n');
    const mutation = await open(
      graphql,
      null,
      { 'apollo-require-preflight': '1' },
      `?query=${encodeURIComponent('mutation { save(name: "x") { __typename } }')}`,
    );
    assert.equal(mutation.response.status, 405);
    assert.equal(mutation.response.headers.get('allow'), 'POST');
  });

  test('are left to subscriptions where the client takes JSON as well', async () => {
    const { graphql, ticks: source } = await start();
    const accept = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed';
    const query = await open(graphql, { query: '{ hello }' }, { accept });
    assert.match(query.response.headers.get('content-type') ?? '', /json/);
    const refused = await open(graphql, { query: '{ nothing }' }, { accept });
    assert.equal(refused.response.status, 400);
    const stream = await open(graphql, { query: ticks }, { accept });
    assert.match(stream.response.headers.get('content-type') ?? '', /^text\/event-stream/);
    await until(() => source.listening === 1, 'the subscription starts');
    stream.abort();
  });

  test('free the source when the client goes', async () => {
    const { graphql, ticks: source, http } = await start();
    const stream = await open(graphql, { query: ticks });
    await until(() => source.listening === 1, 'the subscription starts');
    stream.abort();
    await until(() => source.listening === 0 && http.counts().eventStreams === 0, 'the source is freed');
  });

  test('keep awake, and end when the token does', async () => {
    const clock = createManualClock();
    const { graphql, ticks: source } = await start({
      clock,
      limits: { heartbeatSeconds: 10 },
      authenticate: async () => principalOf({ expiresAtMs: clock.now() + 25_000 }),
    });
    const stream = await open(graphql, { query: ticks });
    await until(() => source.listening === 1, 'the subscription starts');
    await clock.advance(10_000);
    await stream.text(/^:\n\n:\n\n$/);
    await clock.advance(15_000);
    await stream.reading;
    assert.match(
      stream.came(),
      /event: next\ndata: \{"errors":\[\{"message":"The token has expired\.".*"code":"UNAUTHENTICATED".*\n\nevent: complete\ndata:\n\n$/,
    );
    await until(() => source.listening === 0, 'the source is freed');
  });

  test('end before the next event once the key is gone', async () => {
    const authenticate = createApiKeyAuthentication([{ name: 'wall', keySha256: sha256('k'), scopes: [] }]);
    const { graphql, ticks: source } = await start({ authenticate });
    const stream = await open(graphql, { query: ticks }, { authorization: 'Bearer k' });
    await until(() => source.listening === 1, 'the subscription starts');
    authenticate.replaceKeys([]);
    source.send({ id: '1', snapshot: false, at: 1 });
    await stream.reading;
    assert.match(stream.came(), /"code":"FORBIDDEN"/);
    assert.doesNotMatch(stream.came(), /"ticks"/);
  });

  test('drop a client that does not read, and free its source', async () => {
    const { graphql, ticks: source } = await start({ limits: { bufferBytes: 50_000, slowConsumerSeconds: 0.05 } });
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { ticks { id filler } }' }),
    });
    await until(() => source.listening === 1, 'the subscription starts');
    const filler = 'x'.repeat(500_000);
    for (let id = 1; id <= 40; id += 1) source.send({ id: String(id), snapshot: false, at: id, filler });
    await until(() => source.listening === 0, 'the source is freed');
    await assert.rejects(response.text());
  });

  test('end without complete when the server goes', async () => {
    const server = await start();
    const stream = await open(server.graphql, { query: ticks });
    await until(() => server.ticks.listening === 1, 'the subscription starts');
    await server.close();
    await stream.reading;
    assert.equal(stream.came(), ':\n\n');
    assert.equal(server.ticks.listening, 0);
  });

  test('tell a failing source without its cause', async () => {
    const { graphql } = await start();
    const stream = await open(graphql, { query: 'subscription { fails { id } }' });
    await stream.reading;
    assert.match(stream.came(), /"message":"Internal error".*\n\nevent: complete\ndata:\n\n$/);
    assert.doesNotMatch(stream.came(), /hunter2/);
  });
});
