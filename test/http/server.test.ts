import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import type { WebhookRequest } from '../../src/domain/ports/webhook.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, type StartedServer, startServer } from '../support/graphql-server.ts';
import { until } from '../support/socket-client.ts';

const pushed: WebhookRequest[] = [];
let server: StartedServer;
before(async () => {
  server = await startServer({
    cors: { origins: ['https://wall.example.com'] },
    limits: { hookBodyBytes: 1000, bodyBytes: 5000, batch: 3 },
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' },
    webhooks: new Map([
      [
        'desk',
        {
          handle: async (request: WebhookRequest) => {
            pushed.push(request);
            const text = Buffer.from(request.body).toString();
            if (text === 'busy') throw new ExpectedError('VENDOR_UNAVAILABLE', 'The store does not answer.');
            if (text === 'wrong') throw new ExpectedError('INVALID_INPUT', 'The signature is missing.');
            if (text === 'bug') throw new Error('the password is hunter2');
            return { status: 201, headers: { 'Content-Type': 'text/xml', 'X-Answer': 'yes' }, body: '<ok/>' };
          },
        },
      ],
    ]),
  });
});
after(() => server.close());

describe('GraphQL', () => {
  test('tells an expected failure by its code, and a bug only as a correlation id', async () => {
    const { body, headers } = await server.ask({ query: '{ expected broken }' }, { 'x-correlation-id': 'request-0001' });
    assert.equal(headers.get('x-correlation-id'), 'request-0001');
    assert.deepEqual(body.data, { expected: null, broken: null });
    const byPath = new Map(body.errors?.map((error) => [error.path?.[0], error]));
    assert.deepEqual(byPath.get('expected')?.extensions, { code: 'VENDOR_TIMEOUT', retryable: true, correlationId: 'request-0001' });
    assert.deepEqual(byPath.get('broken')?.extensions, { code: 'INTERNAL_SERVER_ERROR', correlationId: 'request-0001' });
    assert.equal(byPath.get('broken')?.message, 'Internal error');
    const logged = server.log.lines.filter(({ level, fields }) => level === 'error' && fields?.correlationId === 'request-0001');
    assert.equal(logged.length, 1);
    assert.match(String(logged[0]?.fields?.error), /hunter2/);
  });

  test('a null where none may be is a bug of ours', async () => {
    const { body } = await server.ask({ query: '{ nonNull }' });
    assert.deepEqual([body.data, body.errors?.[0]?.message], [null, 'Internal error']);
  });

  test('makes a correlation id where the client\u2019s is missing or strange', async () => {
    for (const given of [undefined, 'a b', 'x'.repeat(65), 'short']) {
      const { headers } = await server.ask({ query: '{ hello }' }, given === undefined ? {} : { 'x-correlation-id': given });
      assert.match(headers.get('x-correlation-id') ?? '', /^[\w-]{36}$/);
    }
  });

  test('refuses what is no GraphQL request, with the status that says why', async () => {
    const post = (body: BodyInit, headers: Record<string, string>) =>
      fetch(server.graphql, { method: 'POST', body, headers }).then(async (response) => {
        const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
        return [response.status, errors[0]?.extensions.code];
      });
    const json = { 'content-type': 'application/json' };
    assert.deepEqual(await post('{"query":', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('7', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('null', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('[]', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('{"query":7}', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('{"query":"{hello}","variables":7}', json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post(Uint8Array.of(0x22, 0xff, 0x22), json), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('{"query":"{hello}"}', { 'content-type': 'text/plain' }), [415, 'UNSUPPORTED_MEDIA_TYPE']);
    assert.deepEqual(await post('{"query":"{hello}"}', { ...json, 'content-encoding': 'deflate' }), [415, 'UNSUPPORTED_MEDIA_TYPE']);
    assert.deepEqual(await post('{"query":"{hello}"}', { ...json, 'content-encoding': 'gzip' }), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post(JSON.stringify({ query: `{ hello } #${'x'.repeat(6000)}` }), json), [413, 'BODY_LIMIT']);
    assert.deepEqual(await post(JSON.stringify(Array(4).fill({ query: '{ hello }' })), json), [400, 'BATCH_LIMIT']);
  });

  test('a long body without a length is cut off too', async () => {
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(1000))),
    });
    const response = await fetch(server.graphql, {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit).catch(() => null);
    // The server may close before the client has read the answer.
    if (response !== null) assert.equal(response.status, 413);
    assert.equal((await server.ask({ query: '{ hello }' })).status, 200);
  });

  test('answers a batch within the limit in order', async () => {
    const { body } = await server.ask([{ query: '{ hello }' }, { query: '{ helo }' }, { query: '{ hello(name: "z") }' }]);
    assert.equal(body.length, 3);
    assert.deepEqual(
      [body[0]?.data, body[1]?.errors?.[0]?.extensions.code, body[2]?.data],
      [{ hello: 'Hello world' }, 'GRAPHQL_VALIDATION_FAILED', { hello: 'Hello z' }],
    );
  });

  test('does not take a subscription by plain HTTP', async () => {
    const { body } = await server.ask({ query: 'subscription { ticks { id } }' });
    assert.equal(body.errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
  });

  test('other methods are 405 with what is allowed', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/graphql', 'GET, POST'],
      ['DELETE', '/health/live', 'GET, HEAD'],
      ['POST', '/', 'GET, HEAD'],
    ] as const) {
      const response = await fetch(`${server.url}${path}`, { method });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, allow]);
    }
  });

  test('an operation that is sent elsewhere is answered with where GraphQL is', async () => {
    for (const path of ['/graphql/', '/api', '/index.js']) {
      const response = await fetch(`${server.url}${path}`, { method: 'POST', body: '{"query":"{ hello }"}' });
      const { errors } = (await response.json()) as { errors: { message: string }[] };
      assert.deepEqual([response.status, errors[0]!.message], [404, 'There is nothing at this address; GraphQL is at /graphql.'], path);
    }
  });

  test('slows down who asks too often, by caller', async () => {
    const clock = createManualClock();
    const slow = await startServer({
      clock,
      limits: { requestsPerSecond: 2 },
      authenticate: async (credential) => principalOf({ name: credential ?? 'none' }),
    });
    const ask = async (key: string) => slow.ask({ query: '{ hello }' }, { authorization: `Bearer ${key}` });
    for (let n = 0; n < 4; n += 1) assert.equal((await ask('a')).status, 200);
    const refused = await ask('a');
    assert.deepEqual(
      [refused.status, refused.headers.get('retry-after'), refused.body.errors?.[0]?.extensions.code],
      [429, '1', 'RATE_LIMITED'],
    );
    assert.equal((await ask('b')).status, 200);
    await clock.advance(500);
    assert.equal((await ask('a')).status, 200);
    await slow.close();
  });
});

describe('addresses', () => {
  test('browsers get the pages, with a strict policy', async () => {
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const [path, title] of [
      ['/', 'Wallboard'],
      ['/graphql', 'Playground'],
    ]) {
      const response = await fetch(`${server.url}${path}`, { headers: html });
      assert.match(await response.text(), new RegExp(`<title>${title}`));
      assert.match(response.headers.get('content-security-policy') ?? '', /script-src 'self';/);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(response.headers.get('cache-control'), 'no-cache');
    }
    const asset = await fetch(`${server.url}/assets/main-abc123.js`, { headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual(
      [asset.headers.get('content-type'), asset.headers.get('content-encoding'), asset.headers.get('cache-control')],
      ['text/javascript; charset=utf-8', 'gzip', 'public, max-age=31536000, immutable'],
    );
    assert.equal((await asset.text()).length, 2400);
    const again = await fetch(`${server.url}/assets/main-abc123.js`, { headers: { 'if-none-match': asset.headers.get('etag') ?? '' } });
    assert.equal(again.status, 304);
  });

  test('nothing outside the pages is served', async () => {
    const raw = async (path: string) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      await once(socket, 'close');
      return text.split(' ')[1];
    };
    for (const path of [
      '/../package.json',
      '/assets/../../package.json',
      '/%2e%2e/package.json',
      '/assets/%2e%2e%2findex.html',
      '/.env',
      '//etc/passwd',
      '/assets/',
      '/missing.js',
    ]) {
      assert.equal(await raw(path), '404', path);
    }
  });

  test('an unreadable address is answered, not fatal', async () => {
    for (const address of ['//', '*', '/%', '/\\', 'http://[', 'http://x/health/live', '/health/live?%', `/${'a'.repeat(20_000)}`]) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(`GET ${address} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      await once(socket, 'close');
      assert.match(text, /^HTTP\/1\.1 (200|4\d\d) /, address);
    }
  });

  test('an offer of HTTP/2 is passed over', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close, upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n',
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    await once(socket, 'close');
    assert.match(text, /^HTTP\/1\.1 200 /);
  });

  test('hooks get the bytes, and answer as they say', async () => {
    const body = Buffer.from([0, 255, 10, 13]);
    const response = await fetch(`${server.url}/hooks/desk/oauth2/token?a=1&a=2`, {
      method: 'POST',
      body,
      headers: { 'X-Signature': 'S' },
    });
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), response.headers.get('x-answer'), await response.text()],
      [201, 'text/xml', 'yes', '<ok/>'],
    );
    const seen = pushed.at(-1)!;
    assert.deepEqual(
      [seen.method, seen.path, seen.query.getAll('a'), seen.headers['x-signature']],
      ['POST', '/oauth2/token', ['1', '2'], 'S'],
    );
    assert.deepEqual(Buffer.from(seen.body), body);
    await fetch(`${server.url}/hooks/desk`, { method: 'POST' });
    assert.equal(pushed.at(-1)?.path, '');
  });

  test('hooks that fail ask the vendor to come again or say what is wrong', async () => {
    const status = async (body: string, path = '/hooks/desk') => (await fetch(`${server.url}${path}`, { method: 'POST', body })).status;
    assert.equal(await status('busy'), 503);
    assert.equal(await status('wrong'), 400);
    assert.equal(await status('bug'), 500);
    assert.equal(await status('x'.repeat(1001)), 413);
    assert.equal(await status('x', '/hooks/unknown'), 404);
    assert.equal(await status('x', '/hooks/'), 404);
  });

  test('health and metrics', async () => {
    assert.deepEqual(await (await fetch(`${server.url}/health/live`)).json(), { status: 'ok' });
    assert.deepEqual(await (await fetch(`${server.url}/health/ready`)).json(), { status: 'ok', checks: { store: 'ok' } });
    assert.equal(await (await fetch(`${server.url}/metrics`)).text(), 'up 1\n');
    const guest = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    assert.equal(guest.status, 403);
    const sick = await startServer({ ready: async () => ({ ok: false, checks: { store: 'does not answer' } }) });
    const response = await fetch(`${sick.url}/health/ready`);
    assert.deepEqual([response.status, await response.json()], [503, { status: 'unavailable', checks: { store: 'does not answer' } }]);
    await sick.close();
  });

  test('CORS lets in the origins that the configuration names', async () => {
    const preflight = (origin: string) =>
      fetch(server.graphql, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
      });
    const allowed = await preflight('https://wall.example.com');
    assert.deepEqual([allowed.status, allowed.headers.get('access-control-allow-origin')], [204, 'https://wall.example.com']);
    assert.equal(allowed.headers.get('access-control-allow-headers'), 'authorization,content-type');
    assert.equal(allowed.headers.get('access-control-allow-credentials'), 'true');
    assert.equal((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin'), null);
    const answer = await server.ask({ query: '{ hello }' }, { origin: 'https://wall.example.com' });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://wall.example.com');
  });

  test('without the playground a browser gets no page at /graphql', async () => {
    const plain = await startServer({ playground: false });
    const response = await fetch(plain.graphql, { headers: { accept: 'text/html' } });
    assert.doesNotMatch(await response.text(), /<html|<title/i);
    assert.equal(response.ok, false);
    await plain.close();
  });
});

test('closing waits for what is in flight, and then is quick', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const closing = await startServer({
    webhooks: new Map([['slow', { handle: () => held.then(() => ({ status: 200, body: 'done' })) }]]),
  });
  const pending = fetch(`${closing.url}/hooks/slow`, { method: 'POST', body: 'x' });
  while ((await fetch(`${closing.url}/health/live`)).status !== 200);
  const closed = closing.http.close(10_000);
  release();
  assert.equal(await (await pending).text(), 'done');
  await closed;
  await assert.rejects(fetch(`${closing.url}/health/live`));
});

test('closing waits for what was requested by a client that has gone, and no longer than it may', async () => {
  const clock = createManualClock();
  const stored: string[] = [];
  for (const isStored of [true, false]) {
    const began = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const handle = async () => {
      began.resolve();
      await held.promise;
      stored.push('push');
      return { status: 200, body: '' };
    };
    const closing = await startServer({ clock, webhooks: new Map([['slow', { handle }]]) });
    const abort = new AbortController();
    const pushed = fetch(`${closing.url}/hooks/slow`, { method: 'POST', body: 'x', signal: abort.signal }).catch(() => left.resolve());
    await began.promise;
    abort.abort();
    await Promise.all([pushed, left.promise]);
    let isClosed = false;
    const closed = closing.http.close(10_000).then(() => {
      isClosed = true;
    });
    await assert.rejects(fetch(`${closing.url}/health/live`));
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    assert.equal(isClosed, false);
    if (isStored) held.resolve();
    else await clock.advance(10_000);
    await closed;
    assert.deepEqual(stored, ['push']);
    held.resolve();
  }
});

test('a refused request has lasted until its answer was sent, however long the rest of its body takes', async () => {
  const clock = createManualClock();
  const { url, log, close } = await startServer({ clock });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n12345');
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1.1 404 /);
  await clock.advance(3000);
  socket.write('67890');
  await until(() => log.lines.some(({ message }) => message === 'a request was answered'), 'the line');
  const line = log.lines.find(({ message }) => message === 'a request was answered');
  assert.deepEqual([line?.fields?.status, line?.fields?.ms], [404, 0]);
  socket.destroy();
  await close();
});
