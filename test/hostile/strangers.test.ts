/** Callers who have not said who they are cost little, whatever they send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Agent, fetch as undiciFetch } from 'undici';
import type { AuditEntry } from '../../src/domain/ports/store.ts';
import { createFailures } from '../../src/http/failures.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createSlices, type Slices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

describe('a push of a stranger', () => {
  test('is refused before its body is read, rationed by client and written once a minute', async (t) => {
    const clock = createManualClock();
    const audited: AuditEntry[] = [];
    let handled = 0;
    const server = await startServer({
      clock,
      audit: async (entries) => void audited.push(...entries),
      webhooks: new Map([
        [
          'desk',
          {
            admit: async ({ headers }) => (headers.authorization === 'good' ? null : { status: 401, body: '{}' }),
            handle: async ({ body }) => {
              handled += 1;
              return { status: 200, body: String(body.length) };
            },
          },
        ],
      ]),
    });
    t.after(server.close);
    const { port } = new URL(server.url);
    /** Announces a megabyte and sends none of it. */
    const announce = async () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('POST /hooks/desk HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n');
      const [data] = await once(socket, 'data');
      await once(socket, 'close');
      return Number(String(data).split(' ')[1]);
    };
    const statuses = await Promise.all(Array.from({ length: 40 }, announce));
    assert.equal(statuses.filter((status) => status === 401).length, 20);
    assert.equal(statuses.filter((status) => status === 429).length, 20);
    assert.equal(handled, 0);
    assert.deepEqual(
      audited.map(({ action, subject }) => [action, subject.source]),
      [['push.refused', 'desk']],
    );
    const good = await fetch(`${server.url}/hooks/desk`, { method: 'POST', body: 'four', headers: { authorization: 'good' } });
    assert.equal(await good.text(), '4');
  });
});

test('failures of a kind are written at most once a minute, with how many there were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ kind: fc.constantFrom('a', 'b'), waitMs: fc.nat(30_000) }), { maxLength: 200 }),
      async (tries) => {
        const clock = createManualClock();
        const written: AuditEntry[] = [];
        const failures = createFailures(async (entries) => void written.push(...entries), clock, createSlices(clock));
        for (const { kind, waitMs } of tries) {
          await clock.advance(waitMs);
          await failures.record({ kind, client: String(clock.now()), actor: 'unknown', action: kind, subject: {} });
        }
        for (const kind of ['a', 'b']) {
          const times = written.filter(({ action }) => action === kind).map(({ at }) => Date.parse(at));
          for (let index = 1; index < times.length; index += 1) assert.ok(times[index]! - times[index - 1]! >= 60_000);
          assert.equal(
            times.length > 0,
            tries.some((one) => one.kind === kind),
          );
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('connections that say nothing keep nobody out, and are bounded in number', async (t) => {
  const server = await startServer({ limits: { strangers: 20 }, authenticate: async () => principalOf() });
  t.after(server.close);
  const port = Number(new URL(server.url).port);
  let closed = 0;
  const known = await fetch(`${server.url}/graphql?query=%7Bhello%7D`, { headers: { authorization: 'x' } });
  assert.equal(known.status, 200);
  const idle: Socket[] = Array.from({ length: 200 }, (_, index) => {
    const socket = connect(port, '127.0.0.1', () => index % 2 === 0 && socket.write('GET /half HTTP/1.1\r\nx:'));
    socket.on('error', () => undefined).once('close', () => (closed += 1));
    return socket;
  });
  await until(() => closed >= 180, 'the longest idle make room');
  assert.equal(closed, 180);
  assert.equal((await server.ask({ query: '{ hello }' })).status, 200);
  for (const socket of idle) socket.destroy();
});

test('connections whose request is answered and never sent to its end are bounded like those that say nothing', async (t) => {
  const server = await startServer({ limits: { strangers: 5 } });
  t.after(server.close);
  const port = Number(new URL(server.url).port);
  let closed = 0;
  const sockets = Array.from({ length: 60 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\n');
    return socket
      .on('error', () => undefined)
      .once('close', () => (closed += 1))
      .resume();
  });
  await until(() => closed >= 55, 'the longest answered make room');
  assert.equal(closed, 55);
  for (const socket of sockets) socket.destroy();
});

test('each request waits for a slice of its caller’s, or of its address until its header has proved the caller', async (t) => {
  const slices = createSlices(systemClock);
  const names: string[] = [];
  const counted: Slices = {
    ...slices,
    begin: () => false,
    next: (name) => {
      names.push(name);
      return slices.next(name);
    },
  };
  const server = await startServer({ slices: counted, authenticate: async (credential) => principalOf({ name: credential! }) });
  t.after(server.close);
  const dispatcher = new Agent({ connections: 1 });
  t.after(() => dispatcher.close());
  const ask = async (path: string, key?: string) => {
    names.length = 0;
    const headers = { 'apollo-require-preflight': 'true', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    await (await undiciFetch(`${server.url}${path}`, { headers, dispatcher })).arrayBuffer();
    return names[0];
  };
  assert.equal(await ask('/health/live'), '127.0.0.1');
  assert.equal(await ask('/graphql?query={hello}', 'one'), '127.0.0.1', 'nobody knows the key yet');
  assert.equal(await ask('/graphql?query={hello}', 'one'), 'one', 'by the name that the rest of the request waits under');
  assert.equal(await ask('/nowhere', 'two'), '127.0.0.1', 'a header that has proved nobody is no name of one’s own');
  assert.equal(await ask('/nowhere', 'one'), 'one');
  assert.equal(await ask('/health/live'), '127.0.0.1');
  const socket = await connectSocket(server.graphql);
  assert.equal(names.at(-1), '127.0.0.1');
  await socket.init({ authorization: 'one' });
  socket.send({ type: 'ping' });
  await socket.next();
  assert.equal(names.at(-1), 'one');
  socket.close();
});
