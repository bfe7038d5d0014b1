import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { requireAllowedHost } from '../../src/http/callback-hosts.ts';
import { type StartedServer, startServer } from '../support/graphql-server.ts';
import { until } from '../support/socket-client.ts';

interface Posted {
  action: string;
  id: string;
  verifier: string;
  kind: string;
  payload?: unknown;
  errors?: { extensions: { code: string } }[];
}

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

/** A router's callback endpoint, whose answers the test sets. */
const startRouter = async () => {
  const posted: Posted[] = [];
  const headers: unknown[] = [];
  const router = { posted, headers, url: '', status: (_: Posted): number => 204 };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const message = JSON.parse(text) as Posted;
    posted.push(message);
    headers.push(request.headers['subscription-protocol']);
    const status = router.status(message);
    response.writeHead(status, { 'subscription-protocol': 'callback/1.0', ...(status === 302 ? { location: '/elsewhere' } : {}) }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  router.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback/1`;
  return router;
};

const start = async (options: Parameters<typeof startServer>[0] = {}): Promise<StartedServer> => {
  const server = await startServer({ callbackHosts: ['127.0.0.1'], ...options });
  closing.push(() => server.close());
  return server;
};

const asking = (callbackUrl: string, more: object = {}, query = 'subscription { ticks { id } }') => ({
  query,
  extensions: { subscription: { callbackUrl, subscriptionId: 's1', verifier: 'v1', heartbeatIntervalMs: 0, ...more } },
});

describe('the HTTP callback protocol', () => {
  test('checks, sends every event in order, and completes', async () => {
    const router = await startRouter();
    const server = await start();
    const answer = await server.ask(asking(router.url), { accept: 'application/json;callbackSpec=1.0' });
    assert.deepEqual([answer.status, answer.body, answer.headers.get('subscription-protocol')], [200, { data: null }, 'callback/1.0']);
    assert.deepEqual(router.posted, [{ kind: 'subscription', action: 'check', id: 's1', verifier: 'v1' }]);
    assert.deepEqual(router.headers, ['callback/1.0']);
    for (const id of ['1', '2', '3']) server.ticks.send({ id, snapshot: false, at: 1 });
    await until(() => router.posted.length === 4, 'three events');
    assert.deepEqual(
      router.posted.slice(1).map((message) => (message.payload as { data: { ticks: { id: string } } }).data.ticks.id),
      ['1', '2', '3'],
    );
    server.ticks.end();
    await until(() => router.posted.length === 5, 'complete');
    assert.deepEqual(router.posted[4], { kind: 'subscription', action: 'complete', id: 's1', verifier: 'v1' });
    await until(() => server.http.counts().callbacks === 0, 'nothing is left');
  });

  test('ends when the router answers 404, and frees the source', async () => {
    const router = await startRouter();
    const server = await start();
    await server.ask(asking(router.url));
    router.status = () => 404;
    server.ticks.send({ id: '1', snapshot: false, at: 1 });
    await until(() => server.ticks.listening === 0, 'the source is freed');
    assert.deepEqual(
      router.posted.map((message) => message.action),
      ['check', 'next'],
    );
  });

  test('tries again when the router falters', async () => {
    const router = await startRouter();
    const server = await start();
    await server.ask(asking(router.url));
    let failures = 1;
    router.status = () => (failures-- > 0 ? 503 : 204);
    server.ticks.send({ id: '1', snapshot: false, at: 1 });
    await until(() => router.posted.filter((message) => message.action === 'next').length === 2, 'the second try');
    assert.equal(server.ticks.listening, 1);
  });

  test('beats, and ends when a beat is refused', async () => {
    const router = await startRouter();
    const server = await start();
    await server.ask(asking(router.url, { heartbeatIntervalMs: 1000 }));
    router.status = () => 404;
    await until(() => server.ticks.listening === 0, 'the source is freed');
    assert.equal(router.posted.length, 2);
  });

  test('is not started when the check fails, is redirected or cannot be sent', async () => {
    const router = await startRouter();
    const server = await start();
    for (const status of [404, 500, 302]) {
      router.status = () => status;
      const { status: answered, body } = await server.ask(asking(router.url));
      assert.deepEqual([answered, body.errors?.[0]?.extensions.code], [400, 'CALLBACK_REFUSED']);
    }
    assert.equal(router.posted.length, 3);
    assert.equal((await server.ask(asking('http://127.0.0.1:1/'))).status, 400);
    assert.equal(server.ticks.opened, 0);
  });

  test('goes only to listed hosts, and inwards only where the list says so literally', async () => {
    const router = await startRouter();
    const { port } = new URL(router.url);
    const cases: [string[], string][] = [
      [[], router.url],
      [['router.example.com'], router.url],
      [[`127.0.0.1:${Number(port) + 1}`], router.url],
      [['*.localhost'], `http://inside.localhost:${port}/callback/1`],
      [['127.0.0.1'], router.url.replace('http:', 'ftp:')],
      [['127.0.0.1'], router.url.replace('http://', 'http://user:password@')],
      [['127.0.0.1'], 'no url'],
    ];
    for (const [callbackHosts, url] of cases) {
      const server = await start({ callbackHosts });
      const { status, body } = await server.ask(asking(url));
      assert.deepEqual([status, body.errors?.[0]?.extensions.code], [400, 'CALLBACK_REFUSED'], url);
    }
    assert.equal(router.posted.length, 0);
    const server = await start({ callbackHosts: [`127.0.0.1:${port}`] });
    assert.equal((await server.ask(asking(router.url))).status, 200);
  });

  test('tells the router when the server goes', async () => {
    const router = await startRouter();
    const server = await start();
    await server.ask(asking(router.url));
    await server.close();
    assert.equal(router.posted.at(-1)?.action, 'complete');
    assert.equal(router.posted.at(-1)?.errors?.[0]?.extensions.code, 'SERVER_RESTARTING');
  });

  test('takes subscriptions only, and all three of its fields', async () => {
    const router = await startRouter();
    const server = await start();
    assert.equal((await server.ask(asking(router.url, {}, '{ hello }'))).status, 400);
    assert.equal((await server.ask(asking(router.url, { verifier: undefined }))).status, 400);
    assert.equal((await server.ask(asking(router.url, { subscriptionId: undefined }))).status, 400);
    assert.equal(router.posted.length, 0);
  });
});

test('a domain in the list covers what is below it, not what only ends like it, and no literal private address', () => {
  const allowed = (url: string, ...hosts: string[]) => {
    try {
      return requireAllowedHost(url, hosts).url.hostname;
    } catch {
      return null;
    }
  };
  assert.equal(allowed('https://a.example.com/x', '*.example.com'), 'a.example.com');
  assert.equal(allowed('https://example.com/x', '*.example.com'), null);
  assert.equal(allowed('https://evilexample.com/x', '*.example.com'), null);
  assert.equal(allowed('https://a.example.com:8443/x', '*.example.com:443'), null);
  assert.equal(allowed('https://A.EXAMPLE.com/x', 'a.example.com'), 'a.example.com');
  assert.equal(allowed('http://[::1]:4000/x', '*.1]'), null);
});
