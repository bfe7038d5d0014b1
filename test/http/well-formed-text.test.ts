/** Half a surrogate pair, which no UTF-8 can carry, becomes U+FFFD on its way in and out, at every transport. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { wellFormedJson } from '../../src/lib/well-formed-json.ts';
import { type StartedServer, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});
const start = async (): Promise<StartedServer> => {
  const server = await startServer({ callbackHosts: ['127.0.0.1'] });
  closing.push(() => server.close());
  return server;
};

const half = '\ud83d';
const whole = '😀';
const query = 'query($n: String) { hello(name: $n) }';
const greeted = { hello: `Hello thanks \uFFFD ${whole} \\ud83d` };
const name = `thanks ${half} ${whole} \\ud83d`;

test('JSON has no lone surrogate, escaped or not, and is else the same', () => {
  const unit = fc.constantFrom('\\', '"', 'u', 'd83d', '\ud83d', '\ude00', whole, 'a', '\n');
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = units.join('');
      const escaped = `"${[...Array(text.length).keys()].map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;
      for (const json of [JSON.stringify(text), escaped]) assert.equal(JSON.parse(wellFormedJson(json)), text.toWellFormed());
    }),
  );
});

describe('a lone surrogate', () => {
  test('in a variable or a literal is U+FFFD by POST, by GET and in a batch', async () => {
    const server = await start();
    const body = { query, variables: { n: name } };
    assert.deepEqual((await server.ask(body)).body.data, greeted);
    assert.deepEqual((await server.ask([body])).body[0]?.data, greeted);
    assert.deepEqual((await server.ask({ query: `{ hello(name: "${half}") }` })).body.data, { hello: 'Hello \uFFFD' });
    const search = new URLSearchParams({ query, variables: JSON.stringify({ n: name }) });
    const response = await fetch(`${server.graphql}?${search}`, { headers: { 'apollo-require-preflight': '1' } });
    assert.deepEqual(((await response.json()) as { data: unknown }).data, greeted);
  });

  test('is U+FFFD over WebSocket, as in a stream of events', async () => {
    const server = await start();
    const client = await connectSocket(server.graphql);
    const raw: string[] = [];
    client.socket.on('message', (data) => raw.push(String(data)));
    await client.init();
    client.subscribe('q', query, { n: name });
    assert.deepEqual(((await client.next()).payload as { data: unknown }).data, greeted);
    await client.next();
    client.subscribe('s', 'subscription { ticks { filler } }');
    await until(() => server.ticks.listening === 1, 'the subscription starts');
    server.ticks.send({ id: '1', snapshot: false, at: 1, filler: name });
    assert.deepEqual(((await client.next()).payload as { data: unknown }).data, { ticks: { filler: name.toWellFormed() } });
    assert.ok(
      raw.every((text) => JSON.parse(text) && !/(?<!\\)\\ud/.test(text)),
      'a lone surrogate was sent as an escape',
    );
    client.close();
  });

  test('is U+FFFD as server-sent events and by callback', async () => {
    const server = await start();
    const posted: string[] = [];
    const router = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      posted.push(text);
      response.writeHead(204, { 'subscription-protocol': 'callback/1.0' }).end();
    }).listen(0, '127.0.0.1');
    await once(router, 'listening');
    closing.push(() => router.close());
    const gone = new AbortController();
    const subscription = 'subscription { ticks { filler } }';
    const events = await fetch(server.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: subscription }),
      signal: gone.signal,
    });
    const callbackUrl = `http://127.0.0.1:${(router.address() as AddressInfo).port}/callback`;
    const extensions = { subscription: { callbackUrl, subscriptionId: 's', verifier: 'v', heartbeatIntervalMs: 0 } };
    await server.ask({ query: subscription, extensions }, { accept: 'application/json;callbackSpec=1.0' });
    await until(() => server.ticks.listening === 2, 'both listen');
    server.ticks.send({ id: '1', snapshot: false, at: 1, filler: `a${half}` });
    await until(() => posted.some((text) => text.includes('"next"')), 'the event is posted');
    const expected = { ticks: { filler: 'a\uFFFD' } };
    assert.deepEqual(JSON.parse(posted.find((text) => text.includes('"next"'))!).payload.data, expected);
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('filler')) text += (await reader.read()).value;
    assert.deepEqual(JSON.parse(/^data: (.*filler.*)$/m.exec(text)![1]!).data, expected);
    gone.abort();
  });
});
