import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import WebSocket from 'ws';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { createPeers, type PeerSettings } from '../../src/http/peer.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';

const from = (remoteAddress: string, headers: Record<string, string> = {}, settings: Partial<PeerSettings> = {}) =>
  createPeers({ publicUrl: null, trustedProxies: [], origins: [], ...settings }).peerOf({
    socket: { remoteAddress },
    headers: { host: '127.0.0.1:4000', ...headers },
  } as unknown as IncomingMessage);

describe('where a request comes from', () => {
  test('X-Forwarded-For counts where a trusted proxy sent it, up to the first that is not trusted', () => {
    const trustedProxies = ['127.0.0.1', '10.0.0.0/8'];
    const client = (remote: string, forwarded: string, trusted = trustedProxies) =>
      from(remote, { 'x-forwarded-for': forwarded }, { trustedProxies: trusted }).client;
    assert.equal(client('127.0.0.1', '203.0.113.9'), '203.0.113.9');
    assert.equal(client('::ffff:127.0.0.1', '203.0.113.9'), '203.0.113.9');
    assert.equal(client('127.0.0.1', '6.6.6.6, 203.0.113.9, 10.1.2.3'), '203.0.113.9');
    assert.equal(client('127.0.0.1', '203.0.113.9:50123'), '203.0.113.9');
    assert.equal(client('198.51.100.7', '203.0.113.9'), '198.51.100.7');
    assert.equal(client('127.0.0.1', '203.0.113.9', []), '127.0.0.1');
    assert.equal(client('127.0.0.1', 'nonsense'), 'unknown');
    assert.equal(from('2001:db8:1:2:3::4').client, from('2001:db8:1:2:ffff::1').client);
    assert.notEqual(from('2001:db8:1:2::1').client, from('2001:db8:1:3::1').client);
  });

  test('behind a proxy no request counts as local', () => {
    assert.equal(from('127.0.0.1').loopback, true);
    assert.equal(from('127.0.0.1', {}, { publicUrl: 'http://localhost:4000/x' }).loopback, true);
    assert.equal(from('127.0.0.1', {}, { publicUrl: 'https://recorders.example.com' }).loopback, false);
    assert.equal(from('127.0.0.1', {}, { trustedProxies: ['127.0.0.1'] }).loopback, false);
    assert.equal(from('203.0.113.9').loopback, false);
  });

  test('pages of the public address are ours, and default ports are dropped', () => {
    const foreign = (origin: string, host: string, settings: Partial<PeerSettings> = {}) =>
      from('127.0.0.1', { origin, host }, settings).foreignPage;
    const publicUrl = 'https://recorders.example.com/tapes';
    assert.equal(foreign('https://recorders.example.com', 'upstream:4000', { publicUrl }), false);
    assert.equal(foreign('https://recorders.example.com.evil.example', 'upstream:4000', { publicUrl }), true);
    assert.equal(foreign('http://recorders.example.com', 'upstream:4000', { publicUrl }), true);
    assert.equal(foreign('https://recorders.example.com', 'recorders.example.com:443'), false);
    assert.equal(foreign('http://recorders.example.com', 'recorders.example.com:80'), false);
    assert.equal(foreign('http://recorders.example.com:8080', 'recorders.example.com'), true);
    assert.equal(foreign('null', '127.0.0.1:4000'), true);
    const origins = ['http://localhost:*', 'https://crm.example.com'];
    for (const ours of ['http://localhost:5173', 'http://localhost', 'https://crm.example.com'])
      assert.equal(foreign(ours, '127.0.0.1:4000', { origins }), false, ours);
    for (const other of [
      'http://localhost.evil.example',
      'http://localhost:80.evil.example',
      'https://localhost:1',
      'https://crm.example.com:8443',
    ])
      assert.equal(foreign(other, '127.0.0.1:4000', { origins }), true, other);
  });
});

test('a path in publicUrl may be left on by the proxy or taken off', async () => {
  const server = await startServer({
    publicUrl: 'https://recorders.example.com/tapes/',
    authenticate: async () => principalOf(),
  });
  const local = `http://127.0.0.1:${server.http.port()}`;
  for (const base of [local, `${local}/tapes`]) {
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ hello }"}',
    });
    assert.deepEqual(((await response.json()) as { data: unknown }).data, { hello: 'Hello world' });
    assert.match(await (await fetch(`${base}/`)).text(), /Wallboard/);
    const socket = new WebSocket(`${base.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://recorders.example.com',
    });
    await once(socket, 'open');
    socket.terminate();
  }
  assert.equal(server.url, 'https://recorders.example.com/tapes');
  assert.equal((await fetch(`${local}/tapesgraphql`)).status, 404);
  const redirect = await fetch(`${local}/tapes?sort=name`, { redirect: 'manual' });
  assert.equal(redirect.status, 308);
  assert.equal(new URL(redirect.headers.get('location')!, redirect.url).href, `${local}/tapes/?sort=name`);
  assert.match(await (await fetch(`${local}/tapes`)).text(), /Wallboard/);
  assert.equal((await fetch(`${local}/tapes`, { method: 'POST' })).status, 405);
  await server.close();
});

test('guesses are counted by client, not by the proxy', async () => {
  const server = await startServer({
    clock: createManualClock(),
    trustedProxies: ['127.0.0.1'],
    authenticate: createApiKeyAuthentication([{ name: 'wall', keySha256: sha256('good'), scopes: [] }]),
  });
  const guess = async (client: string) =>
    (await server.ask({ query: '{ hello }' }, { authorization: 'Bearer bad', 'x-forwarded-for': client })).status;
  const statuses = [];
  for (let n = 0; n < 25; n += 1) statuses.push(await guess('203.0.113.9'));
  assert.deepEqual([statuses.at(0), statuses.at(-1)], [401, 429]);
  assert.equal(await guess('203.0.113.10'), 401);
  await server.close();
});

test('metrics are for callers on this machine, else for the scope, and tell of sources within reach only', async () => {
  const text = 'up 1\ntapegraph_x{source="hq",a="b"} 1\ntapegraph_x{source="desk"} 2\n';
  const server = await startServer({
    trustedProxies: ['127.0.0.1'],
    metrics: { contentType: 'text/plain', text: async () => text },
    authenticate: async (credential) =>
      principalOf(credential === 'plain' ? { scopes: new Set(['agents:read']) } : credential === 'hq' ? { sources: new Set(['hq']) } : {}),
  });
  const read = async (key: string) => {
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    return [response.status, response.status === 200 ? await response.text() : ''];
  };
  assert.deepEqual(await read('all'), [200, text]);
  assert.deepEqual(await read('hq'), [200, 'up 1\ntapegraph_x{source="hq",a="b"} 1\n']);
  assert.deepEqual(await read('plain'), [403, '']);
  await server.close();
});

test('a page that may call this machine reads metrics as any caller does', async () => {
  const server = await startServer({
    cors: { origins: ['*'] },
    metrics: { contentType: 'text/plain', text: async () => 'up 1' },
    authenticate: createApiKeyAuthentication([{ name: 'prometheus', keySha256: sha256('good'), scopes: ['metrics:read'] }]),
  });
  const read = async (headers: Record<string, string>) => (await fetch(`${server.url}/metrics`, { headers })).status;
  assert.equal(await read({}), 200);
  assert.equal(await read({ origin: 'https://any.example.com' }), 401);
  assert.equal(await read({ origin: 'https://any.example.com', authorization: 'Bearer good' }), 200);
  await server.close();
});

test('a page of another site is refused at every address where nobody authenticates', async () => {
  const pushed: string[] = [];
  const webhooks = new Map([
    [
      'desk',
      {
        handle: async ({ body }: { body: Uint8Array }) => {
          pushed.push(Buffer.from(body).toString());
          return { status: 200, body: '' };
        },
      },
    ],
  ]);
  const metrics = { contentType: 'text/plain', text: async () => 'up 1' };
  const server = await startServer({ cors: { origins: ['http://localhost:*'] }, webhooks, metrics });
  const at = async (path: string, origin: string, init: RequestInit = {}) =>
    (await fetch(`${server.url}${path}`, { ...init, headers: { origin, 'content-type': 'text/plain' } })).status;
  const status = async (headers: Record<string, string>, init: RequestInit = {}) =>
    (await fetch(init.method ? server.graphql : `${server.graphql}?query=%7Bhello%7D`, { ...init, headers })).status;
  const post = { method: 'POST', body: '{"query":"{ hello }"}' };
  for (const [origin, expected] of [
    ['https://evil.example.com', 403],
    ['null', 403],
    ['http://localhost:5173', 200],
    [server.url, 200],
  ] as const) {
    assert.equal(await status({ origin, 'content-type': 'application/json' }, post), expected, origin);
    assert.equal(await status({ origin, 'apollo-require-preflight': '1' }), expected, origin);
    assert.equal(await status({ origin, 'apollo-require-preflight': '1', accept: 'text/event-stream' }), expected, origin);
    assert.equal(await at('/metrics', origin), expected, origin);
    assert.equal(await at('/hooks/desk', origin, { method: 'POST', body: origin }), expected, origin);
  }
  assert.deepEqual(pushed, ['http://localhost:5173', server.url]);
  const socket = new WebSocket(server.graphql.replace('http', 'ws'), 'graphql-transport-ws', { origin: 'https://evil.example.com' });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  response.resume();
  socket.terminate();
  assert.equal(response.statusCode, 403);
  assert.ok(server.log.lines.some(({ message, fields }) => /upgrade was refused/.test(message) && /origin/.test(String(fields?.reason))));
  await server.close();
});
