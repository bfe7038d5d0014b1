/** Tests that unread events of streams are bounded, for each consumer and for all, and nothing is executed for those who are gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Consumer, createConsumers } from '../../src/http/consumers.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

test('all consumers together never hold more than the limit, and the slowest goes first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ consumer: fc.nat(9), bytes: fc.integer({ min: 1, max: 400 }), flush: fc.boolean() }), { maxLength: 200 }),
      async (steps) => {
        const limits = { bufferBytes: 300, bufferBytesTogether: 1000, slowConsumerSeconds: 5 };
        const consumers = createConsumers(limits, createManualClock());
        const made = Array.from({ length: 10 }, () => {
          const flushes: (() => void)[] = [];
          const state = { waiting: 0, dropped: false, flushes };
          const consumer: Consumer = {
            caller: () => 'one',
            waiting: () => state.waiting,
            drop: () => {
              const others = made.filter((other) => other !== one && !other.state.dropped).map((other) => other.state.waiting);
              assert.ok(state.waiting > limits.bufferBytes * 8 || state.waiting >= Math.max(0, ...others), 'the slowest is dropped');
              state.dropped = true;
              state.waiting = 0;
            },
          };
          const one = { state, consumer };
          return one;
        });
        for (const { consumer: index, bytes, flush } of steps) {
          const { state, consumer } = made[index]!;
          if (state.dropped) continue;
          if (flush) {
            state.waiting = 0;
            for (const done of state.flushes.splice(0)) done();
          } else {
            state.waiting += bytes;
            void consumers.waitForFlush(consumer, new Promise((resolve) => state.flushes.push(resolve)));
          }
          await new Promise((resolve) => setImmediate(resolve));
          const held = made.reduce((sum, other) => sum + other.state.waiting, 0);
          assert.ok(held <= limits.bufferBytesTogether, `${held} bytes`);
          assert.equal(consumers.waiting, held);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('of the caller who has most waiting the slowest goes first, and of an answer what has left does not count', () => {
  const consumers = createConsumers({ bufferBytes: 300, bufferBytesTogether: 1000, slowConsumerSeconds: 5 }, createManualClock());
  const dropped: string[] = [];
  const left = new Promise<void>(() => undefined);
  const hold = (caller: string, bytes: number) => {
    const state = { waiting: bytes };
    consumers.hold({ caller: () => caller, waiting: () => state.waiting, drop: () => dropped.push(`${caller} ${bytes}`) }, left);
    return state;
  };
  const first = hold('slow', 400);
  hold('slow', 300);
  hold('other', 250);
  first.waiting = 100;
  hold('slow', 290);
  assert.deepEqual(dropped, [], 'the first has sent most of it');
  assert.equal(consumers.waiting, 940);
  hold('other', 280);
  assert.deepEqual(dropped, ['slow 300']);
});

test('nothing is executed for a socket that is gone, however much waits for it', async (t) => {
  const server = await startServer({ limits: { bufferBytes: 20_000 } });
  t.after(server.close);
  const client = await connectSocket(server.graphql);
  await client.init();
  client.subscribe('1', 'subscription { ticks { id filler who } }');
  await until(() => server.ticks.listening === 1, 'the subscription starts');
  client.socket.pause();
  const filler = 'x'.repeat(100_000);
  for (let id = 1; id <= 20_000; id += 1) server.ticks.send({ id: String(id), snapshot: false, at: id, filler });
  client.socket.terminate();
  await until(() => server.http.counts().sockets === 0 && server.ticks.listening === 0, 'the stream ends');
  assert.ok(server.executed.ticks < 1000, `${server.executed.ticks} executions`);
});
