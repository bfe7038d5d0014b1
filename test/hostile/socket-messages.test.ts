/** Messages of WebSockets: long ones wait their turn, in order, and are not parsed where that costs much. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/lib/clock.ts';
import { createSlices, type Slices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket } from '../support/socket-client.ts';

test('messages of any length are answered, each by its own socket’s order', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const length = fc.oneof(fc.integer({ min: 0, max: 4096 }), fc.integer({ min: 4096, max: 200_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(length, { minLength: 1, maxLength: 12 }), async (lengths) => {
      const client = await connectSocket(server.graphql);
      await client.init();
      for (const [index, bytes] of lengths.entries()) {
        client.subscribe(String(index), `{ hello } # ${'x'.repeat(bytes)}`);
        client.send({ type: 'ping' });
      }
      const answers: string[] = [];
      while (answers.length < 3 * lengths.length) {
        const { type, id } = await client.next();
        answers.push(type === 'pong' ? type : `${type} ${id}`);
      }
      for (const index of lengths.keys())
        assert.ok(answers.indexOf(`next ${index}`) < answers.indexOf(`complete ${index}`), answers.join());
      assert.equal(answers.filter((one) => one === 'pong').length, lengths.length);
      client.close();
    }),
    { numRuns: 20 },
  );
});

test('a subscription in a long message is ended by the message behind it', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const client = await connectSocket(server.graphql);
  await client.init();
  client.subscribe('1', `subscription { ticks { id } } # ${'x'.repeat(100_000)}`);
  client.send({ type: 'complete', id: '1' });
  client.subscribe('2', '{ hello }');
  assert.deepEqual([(await client.next()).id, (await client.next()).type], ['2', 'complete']);
  server.ticks.send({ id: '1', snapshot: false, at: 1 });
  client.send({ type: 'ping' });
  assert.equal((await client.next()).type, 'pong', 'no tick comes');
  client.close();
});

test('a long message that is deep, or that comes before the caller is known, closes the socket', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const nested = fc.tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.integer({ min: 4000, max: 20_000 }));
  await fc.assert(
    fc.asyncProperty(nested, fc.boolean(), async ([[open, close], levels], isKnown) => {
      const client = await connectSocket(server.graphql);
      if (isKnown) await client.init();
      client.send(
        `{"id":"1","type":"subscribe","payload":{"query":"{ hello }","variables":{"a":${open!.repeat(levels)}1${close!.repeat(levels)}}}}`,
      );
      const { code, reason } = await client.closed;
      assert.equal(code, 4400);
      assert.match(reason, /nested/);
    }),
    { numRuns: 20 },
  );
  const stranger = await connectSocket(server.graphql);
  stranger.send(JSON.stringify({ type: 'connection_init', payload: { filler: 'x'.repeat(40_000) } }));
  assert.equal((await stranger.closed).code, 4401);
});

test('of what one socket sends at once, one message is read in a turn of the event loop, and each in a slice of its caller’s', async (t) => {
  const slices = createSlices(systemClock);
  let [thisTurn, most, names] = [0, 0, new Set<string>()];
  const count = (name: string) => {
    names.add(name);
    if (thisTurn === 0) setImmediate(() => (thisTurn = 0));
    thisTurn += 1;
    most = Math.max(most, thisTurn);
  };
  const counted: Slices = {
    ...slices,
    begin: (name) => {
      count(name);
      return slices.begin(name);
    },
  };
  const server = await startServer({ slices: counted, authenticate: async () => principalOf({ name: 'sender' }) });
  t.after(server.close);
  const sockets = await Promise.all([1, 2, 3].map(() => connectSocket(server.graphql)));
  for (const client of sockets) await client.init();
  [most, names] = [0, new Set()];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('{"type":"ping"}', '{"type":"pong"}', '{"type":"complete","id":"9"}'), async (message) => {
      await Promise.all(
        sockets.map(async (client, index) => {
          for (let sent = 0; sent < 500; sent += 1) client.send(message);
          client.subscribe(String(index), '{ hello }');
          for (;;) if ((await client.next()).type === 'complete') break;
        }),
      );
    }),
    { numRuns: 6 },
  );
  for (const client of sockets) client.close();
  assert.deepEqual([...names], ['sender']);
  assert.ok(most >= 1 && most <= sockets.length, `${most} messages in one turn`);
});

test('a long message is paid for before it is parsed, and waits until its caller can', async (t) => {
  const clock = createManualClock();
  const server = await startServer({ clock, limits: { requestsPerSecond: 30 }, authenticate: async () => principalOf({ name: 'sender' }) });
  t.after(server.close);
  const [sender, other] = [await connectSocket(server.graphql), await connectSocket(server.graphql)];
  for (const client of [sender, other]) await client.init();
  const long = `{ hello } # ${'x'.repeat(100_000)}`;
  const answers = async (id: string) => {
    const [next, complete] = [await sender.next(), await sender.next()];
    assert.deepEqual([next.type, next.id, complete.type, complete.id], ['next', id, 'complete', id]);
  };
  for (const id of ['1', '2', '3']) sender.subscribe(id, long);
  sender.send({ type: 'ping' });
  // Each costs 21 for its length and one more as an operation, and 60 are there.
  await answers('1');
  await answers('2');
  let isAnswered = false;
  const third = answers('3').then(() => {
    isAnswered = true;
  });
  for (const _ of ['too soon', 'in time']) {
    other.send({ type: 'ping' });
    assert.equal((await other.next()).type, 'pong');
    assert.equal(isAnswered, false);
    await clock.advance(100);
  }
  await third;
  assert.equal((await sender.next()).type, 'pong', 'what came behind it waited too');
  for (const client of [sender, other]) client.close();
});
