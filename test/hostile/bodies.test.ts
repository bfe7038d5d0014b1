/** Tests that senders of large bodies pay before they are read: a body that cannot be paid for is refused unread, and the client sees it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Agent, fetch as undiciFetch } from 'undici';
import { createCallers, type InTurn } from '../../src/http/callers.ts';
import { replyCompressed } from '../../src/http/reply.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { createTurns } from '../../src/lib/turns.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { createListLog } from '../support/list-log.ts';
import { connectSocket } from '../support/socket-client.ts';

const bodyBytes = 262_144;
const requestsPerSecond = 50;
/** Returns the bytes that a full bucket pays for beyond the first request: 16 KiB are free, each 4 KiB more costs one. */
const paidBytes = (requests: number) => 16_384 + 4096 * (2 * requestsPerSecond - requests);

const start = async (t: TestContext) => {
  const clock = createManualClock();
  const server = await startServer({ clock, limits: { requestsPerSecond, bodyBytes }, authenticate: async () => principalOf() });
  t.after(server.close);
  return { clock, ...server, port: Number(new URL(server.url).port) };
};

const large = (bytes: number) => JSON.stringify({ query: `{ hello } #${'x'.repeat(bytes)}` });

/** The statuses of all answers that come on a connection, until it is closed or there are as many as that. */
const statusesOf = async (socket: Socket, count: number): Promise<number[]> => {
  let text = '';
  const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  socket.on('data', (data) => (text += String(data)));
  while (statuses().length < count && !socket.destroyed) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  return statuses();
};

const head = (headers: string) =>
  `POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer a\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`;

test('a body that its caller cannot pay for is refused before any of it comes', async (t) => {
  const { port } = await start(t);
  const announce = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(head(`content-length: ${bodyBytes}`));
    return socket;
  };
  const paying = announce();
  const refused = announce();
  const other = announce();
  const answered = await Promise.race([paying, refused, other].map((socket) => statusesOf(socket, 1)));
  assert.deepEqual(answered, [429], 'the first has paid for what it has not sent yet');
  for (const socket of [paying, refused, other]) socket.destroy();
});

test('a body in chunks is paid for as it comes, and what comes behind the refusal is dropped', async (t) => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 20, maxLength: 60 });
  const { port, clock, ask } = await start(t);
  await fc.assert(
    fc.asyncProperty(sizes, async (chunks) => {
      await clock.advance(60_000);
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      const answers = statusesOf(socket, 2);
      socket.write(head('transfer-encoding: chunked'));
      let sent = 0;
      for (const bytes of chunks.slice(0, -1)) {
        if (sent + bytes > bodyBytes) break;
        sent += bytes;
        socket.write(`${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`);
      }
      socket.write(`0\r\n\r\n${head('content-length: 0')}`);
      const [first, second] = await answers;
      socket.destroy();
      assert.equal(first, sent > paidBytes(1) ? 429 : 400, `${sent} bytes`);
      assert.ok(second === 429 || second === 400, 'the connection goes on');
    }),
    { numRuns: 30 },
  );
  await clock.advance(60_000);
  assert.equal((await ask({ query: '{ hello }' })).status, 200);
});

test('a compressed body costs what comes out of it, and as much as the limit where more would', async (t) => {
  const { clock, graphql } = await start(t);
  const bombs = [gzipSync(Buffer.alloc(5_000_000)), brotliCompressSync(Buffer.alloc(5_000_000))];
  const fine = [gzipSync(large(bodyBytes - 200)), brotliCompressSync(large(bodyBytes - 200))];
  const send = async (body: Uint8Array, encoding: string) =>
    (
      await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body: body as Uint8Array<ArrayBuffer>,
      })
    ).status;
  for (const [bodies, status] of [[bombs, 413] as const, [fine, 200] as const])
    for (const [index, encoding] of ['gzip', 'br'].entries()) {
      await clock.advance(60_000);
      const statuses: number[] = [];
      for (let count = 0; count < 6; count += 1) statuses.push(await send(bodies[index]!, encoding));
      assert.deepEqual(statuses, [status, 429, 429, 429, 429, 429], encoding);
    }
});

test('of one caller one body is decompressed at a time', async () => {
  const clock = createManualClock();
  const callers = createCallers({
    authenticate: async () => principalOf(),
    peers: { peerOf: () => ({ client: '', loopback: true }) as never },
    limits: { requestsPerSecond, socketsPerCaller: 1 },
    clock,
    slices: createSlices(clock),
    onKnown: () => undefined,
    log: createListLog().log,
  });
  const running = new Map<string, number>();
  let together = 0;
  const work = (name: string) =>
    callers.reading(principalOf({ name })).inTurn(async () => {
      running.set(name, (running.get(name) ?? 0) + 1);
      assert.equal(running.get(name), 1);
      together = Math.max(together, running.size);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(name);
    });
  await Promise.all(Array.from({ length: 30 }, (_, index) => work(index % 3 === 0 ? 'a' : 'b')));
  assert.equal(together, 2, 'callers do not wait for one another');
});

test('an answer is compressed in its caller’s turn, and one that is not compressed takes none', async (t) => {
  const turns = createTurns();
  let [running, begun] = [0, 0];
  const inTurn: InTurn = (work) =>
    turns.run('caller', async () => {
      [running, begun] = [running + 1, begun + 1];
      assert.equal(running, 1);
      const done = await work();
      running -= 1;
      return done;
    });
  const answer = Buffer.from(large(200_000));
  const http = createServer(
    (_, response) => void replyCompressed(response, { status: 200, contentType: 'application/json', body: answer, headers: {}, inTurn }),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => http.close());
  const ask = async (coding: string) => {
    const response = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { headers: { 'accept-encoding': coding } });
    assert.equal(await response.text(), String(answer));
  };
  await Promise.all(Array.from({ length: 12 }, (_, index) => ask(['br', 'gzip', 'identity'][index % 3]!)));
  assert.equal(begun, 8);
});

/** Sends a body that is refused, and a small request behind it where the connection stays; returns the statuses. */
const clients: Readonly<Record<string, (url: string, body: string) => Promise<number[]>>> = {
  'fetch, which reads while it sends': async (url, body) => {
    const dispatcher = new Agent({ connections: 1 });
    const statuses: number[] = [];
    for (const each of [body, '{"query":"{ hello }"}']) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: each, dispatcher };
      const response = await undiciFetch(url, init);
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    await dispatcher.close();
    return statuses;
  },
  'a client that sends all before it reads, and pipelines': async (url, body) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
    const small = '{"query":"{ hello }"}';
    for (const each of [body, small])
      await new Promise<void>((resolve) => socket.write(head(`content-length: ${each.length}`) + each, () => resolve()));
    const statuses = await statusesOf(socket.resume(), 2);
    socket.destroy();
    return statuses;
  },
  'a client that sends all before it reads, and wants the connection closed': async (url, body) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
    const send = (text: string) =>
      new Promise<void>((resolve, reject) => socket.write(text, (error) => (error == null ? resolve() : reject(error))));
    await send(head(`connection: close\r\ncontent-length: ${body.length}`));
    for (let sent = 0; sent < body.length; sent += 50_000) {
      // By its answer the server has answered the other as well.
      await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ hello }"}' })).text();
      await send(body.slice(sent, sent + 50_000));
    }
    return statusesOf(socket.resume(), 2);
  },
  'a client that waits to be told to go on': async (url, body) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' };
    const ask = httpRequest(url, { method: 'POST', agent: false, headers });
    ask.flushHeaders();
    ask.once('continue', () => ask.end(body));
    const [response] = await once(ask, 'response');
    response.resume();
    await once(response, 'end');
    return [response.statusCode];
  },
};

for (const [name, ask] of Object.entries(clients))
  test(`${name}, sees the refusal`, async (t) => {
    const { graphql } = await start(t);
    const paying = await fetch(graphql, { method: 'POST', headers: { 'content-type': 'application/json' }, body: large(bodyBytes - 200) });
    assert.equal(paying.status, 200);
    const statuses = await ask(graphql, large(bodyBytes - 200));
    assert.deepEqual(statuses, /closed|told to go on/.test(name) ? [429] : [429, 200]);
  });

test('a message whose sender spends elsewhere what it would cost is not waited for without end', async (t) => {
  const { clock, graphql } = await start(t);
  const post = () => fetch(graphql, { method: 'POST', headers: { 'content-type': 'application/json' }, body: large(1) });
  const spendAll = async () => {
    while ((await post()).status !== 429);
  };
  const client = await connectSocket(graphql);
  await client.init();
  client.send({ id: 'first', type: 'subscribe', payload: { query: large(100_000) } });
  assert.equal((await client.next()).id, 'first', 'it could be paid for');
  await spendAll();
  client.send({ id: 'second', type: 'subscribe', payload: { query: large(100_000) } });
  let isClosed = false;
  void client.closed.then(() => {
    isClosed = true;
  });
  for (let step = 0; step < 100 && !isClosed; step += 1) {
    await clock.advance(100);
    await spendAll();
  }
  assert.equal((await client.closed).code, 1013);
});
