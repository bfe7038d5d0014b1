import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { createVendorApi } from '../../src/vendors/kit/index.ts';

const serve = async (t: TestContext, listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const circuit = { failures: 100, resetSeconds: 1 };
  const api = createVendorApi(
    { source: 'hq', baseUrl: origin, timeoutMs: 10_000, maxConcurrency: 16, circuit },
    { clock: systemClock, measure: () => undefined },
  );
  t.after(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
  });
  const ask = async (path: string, signal = new AbortController().signal) => {
    const { body, ...answer } = await api.stream({ operation: 'Read', path, signal, kind: 'command' });
    return { ...answer, body: body as AsyncIterableIterator<Uint8Array> };
  };
  return { ask, connections: () => connections };
};

const read = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));

test('head and body come as they were sent, whole, in pieces and empty, over one connection', async (t) => {
  const { ask, connections } = await serve(t, async ({ url }, response) => {
    if (url === '/empty') return void response.writeHead(204).end();
    if (url === '/whole') return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    response.writeHead(203, { 'x-kind': 'pieces' });
    for (let at = 0; at < bytes.length; at += 70_001) if (!response.write(bytes.subarray(at, at + 70_001))) await once(response, 'drain');
    response.end();
  });
  for (const [path, status, expected] of [
    ['/whole', 200, bytes],
    ['/pieces', 203, bytes],
    ['/empty', 204, Buffer.alloc(0)],
  ] as const) {
    const answer = await ask(path);
    assert.equal(answer.status, status);
    assert.ok((await read(answer.body)).equals(expected), path);
    assert.deepEqual(await answer.body.next(), { done: true, value: undefined });
    answer.close();
    // The connection is free again once its last answer is over.
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(connections(), 1);
});

test('a body that nobody reads holds its sender up, and goes on where it was', async (t) => {
  const many = Array.from({ length: 400 }, () => bytes);
  let sent = 0;
  let heldUp = () => {};
  const isHeldUp = new Promise<void>((resolve) => {
    heldUp = resolve;
  });
  const { ask } = await serve(t, async (_, response) => {
    for (const chunk of many) {
      sent += 1;
      if (response.write(chunk)) continue;
      const still = setTimeout(heldUp, 300);
      await once(response, 'drain');
      clearTimeout(still);
    }
    response.end();
  });
  const { body } = await ask('/');
  assert.equal((await body.next()).done, false);
  await isHeldUp;
  assert.ok(sent < many.length / 2, `${sent} of ${many.length} were taken unread`);
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  assert.ok(length > (many.length - 1) * bytes.length);
  assert.equal(sent, many.length);
});

test('a stream ends with its signal, before the head, within the body and while nobody reads', async (t) => {
  const gone: Promise<unknown>[] = [];
  const { ask } = await serve(t, ({ url }, response) => {
    gone.push(once(response, 'close'));
    if (url !== '/silent') response.write('begun');
  });
  const reason = new Error('enough');
  const silent = new AbortController();
  const unanswered = ask('/silent', silent.signal);
  while (gone.length === 0) await new Promise((resolve) => setImmediate(resolve));
  silent.abort(reason);
  await assert.rejects(unanswered, reason);

  const stalled = new AbortController();
  const { body } = await ask('/', stalled.signal);
  await body.next();
  const next = body.next();
  stalled.abort(reason);
  await assert.rejects(next, reason);
  await assert.rejects(body.next(), reason);

  const unread = await ask('/');
  unread.close();
  unread.close();
  await assert.rejects(async () => {
    for (;;) if ((await unread.body.next()).done) break;
  });
  await Promise.all(gone);
  await assert.rejects(ask('/', AbortSignal.abort(reason)), reason);
  assert.equal(gone.length, 3);
});

test('what breaks off or is refused is an error, never an end', async (t) => {
  const { ask } = await serve(t, ({ url }, response) => {
    if (url === '/head') return void response.destroy();
    response.writeHead(200, url === '/length' ? { 'content-length': 1000 } : {});
    response.write('part', () => response.destroy());
  });
  await assert.rejects(ask('/head'));
  for (const path of ['/length', '/chunked']) {
    const { body } = await ask(path);
    await assert.rejects(read(body), path);
  }
  await assert.rejects(ask('no path'), { code: 'VENDOR_UNAVAILABLE' });
});
