/** Tests that requests of one caller are read, parsed and answered bit by bit: another's comes between, and each bit is bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { createVendorReadState } from '../../src/domain/read/context.ts';
import { countInTurn } from '../../src/domain/read/counts.ts';
import { createExecution } from '../../src/graphql/execution.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createCallers } from '../../src/http/callers.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { openStore } from '../../src/storage/index.ts';
import { recording } from '../storage/stores.ts';
import { createTicks, startServer } from '../support/graphql-server.ts';
import { createListLog } from '../support/list-log.ts';
import { until } from '../support/socket-client.ts';
import { createWorkingClock } from '../support/working-clock.ts';

const principal = (name: string) => ({ name, scopes: new Set<never>(), sources: null, expiresAtMs: null });

test('of the bodies of one caller few are read in a turn of the event loop, and nobody waits for all of another caller’s', async () => {
  const clock = createWorkingClock();
  const callers = createCallers({
    authenticate: async () => principal('x'),
    peers: { peerOf: () => ({ client: '', loopback: true }) as never },
    limits: { requestsPerSecond: 1_000_000, socketsPerCaller: 1 },
    clock: systemClock,
    slices: createSlices(clock),
    onKnown: () => undefined,
    log: createListLog().log,
  });
  const msToRead = (bytes: number) => bytes / 20_000;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 4097, max: 262_144 }), { minLength: 1, maxLength: 60 }), async (sizes) => {
      await clock.turn();
      const order: string[] = [];
      const read = async (name: string, bytes: number, as: string) => {
        const reading = callers.reading(principal(name));
        reading.pay(bytes);
        await reading.slice(bytes);
        clock.work(msToRead(bytes));
        order.push(as);
      };
      const all = [
        ...sizes.map((bytes, index) => read('reader', bytes, `reader ${index}`)),
        read('other', 200_000, 'other'),
        read('reader', 4096, 'small'),
      ];
      // The first turn has a slice of its own, beside that in which all was requested.
      for (let beganMs = clock.workedMs(), cut = 2; order.length < all.length; beganMs = clock.workedMs(), cut = 1) {
        await clock.turn();
        assert.ok(clock.workedMs() - beganMs < cut * (5 + msToRead(262_144)), `${clock.workedMs() - beganMs} ms in one turn`);
      }
      await Promise.all(all);
      assert.ok(order.indexOf('other') <= 2, order.join());
      assert.equal(order[0], 'small', 'a small one does not wait');
      assert.deepEqual(
        order.filter((one) => one.startsWith('reader')),
        sizes.map((_, index) => `reader ${index}`),
      );
    }),
    { numRuns: 20 },
  );
});

test('the operations of a batch are parsed and validated one in a slice, though they begin together', async (t) => {
  const waiting: (() => void)[] = [];
  let [parsed, validated] = [0, 0];
  const counting = {
    requestDidStart: async () => ({
      parsingDidStart: async () => {
        parsed += 1;
      },
      validationDidStart: async () => {
        validated += 1;
      },
    }),
  };
  const server = await startServer({
    slices: { isOver: () => false, begin: () => true, next: () => new Promise<void>((resolve) => waiting.push(resolve)) },
    apolloPlugins: [counting],
  });
  t.after(server.close);
  const batch = Array.from({ length: 6 }, (_, index) => ({ query: index % 2 === 0 ? `{ a${index}: hello }` : `{ b${index}: helo }` }));
  let answer: unknown = null;
  const answered = server.ask(batch).then(({ body }) => {
    answer = body;
  });
  for (let taken = 0; answer === null; taken += 1) {
    await until(() => waiting.length > 0 || answer !== null, 'one waits');
    const before = parsed + validated;
    waiting.shift()?.();
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(parsed + validated <= before + 1, `${parsed + validated - before} in slice ${taken}`);
  }
  await answered;
  assert.deepEqual([parsed, validated, (answer as object[]).length], [6, 6, 6]);
});

test('an event that reaches hundreds of streams of one caller is answered bit by bit, and another’s stream comes between', async () => {
  const clock = createWorkingClock();
  const ticks = createTicks();
  const msToAnswer = 0.5;
  const schema = buildSchema('type Tick { id: ID! snapshot: Boolean! at: Int! } type Query { a: Int } type Subscription { ticks: Tick! }');
  const { ticks: field } = schema.getSubscriptionType()!.getFields();
  field!.subscribe = () => ticks.stream();
  field!.resolve = (tick) => {
    clock.work(msToAnswer);
    return tick;
  };
  const execution = createExecution({
    ...{ schema, limits: defaultLimits, introspection: true, clock: systemClock, log: createListLog().log },
    createContext: () => ({}),
    slices: createSlices(clock),
  });
  const order: string[] = [];
  const open = async (name: string, index: number) => {
    const admission = execution.admit({ query: `subscription { a${index}: ticks { id snapshot at } }` });
    assert.ok(admission.admitted);
    const stream = await execution.subscribe(admission, { principal: principal(name), correlationId: 'c' });
    assert.ok('next' in stream);
    return async () => {
      const { value } = await stream.next();
      assert.equal(value, `{"data":{"a${index}":{"id":"1","snapshot":false,"at":7}}}`);
      order.push(name);
    };
  };
  const opened = await Promise.all([...Array.from({ length: 300 }, (_, index) => open('reader', index)), open('other', 300)]);
  let hasFailed = false;
  const all = opened.map((next) => next());
  Promise.all(all).catch(() => {
    hasFailed = true;
  });
  ticks.send({ id: '1', snapshot: false, at: 7 });
  for (let beganMs = clock.workedMs(), cut = 2; order.length < all.length && !hasFailed; beganMs = clock.workedMs(), cut = 1) {
    await clock.turn();
    assert.ok(clock.workedMs() - beganMs <= cut * (5 + msToAnswer), `${clock.workedMs() - beganMs} ms in one turn`);
  }
  await Promise.all(all);
  assert.ok(order.indexOf('other') <= 25, `${order.indexOf('other')} answers before`);
});

test('of the counts of one caller one runs at a time, another’s request comes between, and nobody waits for another caller’s', async () => {
  const clock = { ...systemClock, monotonicMs: () => 0 };
  const vendorReads = createVendorReadState();
  const order: string[] = [];
  let running = 0;
  const count = (name: string, answer: number) =>
    countInTurn({ clock, vendorReads, principal: principal(name) }, async (max) => {
      running += name === 'reader' ? 1 : 0;
      assert.ok(running <= 1, 'one at a time');
      assert.equal(max, 10_000);
      order.push(name);
      await Promise.resolve();
      running -= name === 'reader' ? 1 : 0;
      return answer;
    });
  const counted = Array.from({ length: 40 }, (_, index) => count('reader', index));
  const other = count('other', 99);
  assert.equal(await other, 99);
  assert.ok(order.indexOf('other') <= 2, order.join());
  for (const before of [0, 10, 20]) {
    await counted[before];
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(order.length <= before + 5, `${order.length} counts after ${before}`);
  }
  assert.deepEqual(
    await Promise.all(counted),
    counted.map((_, index) => index),
  );
});

test('a count reads no more rows than it may tell', async (t) => {
  const store = await openStore('sqlite::memory:', { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const rows = 50;
  await store.recordings.put(Array.from({ length: rows }, (_, index) => recording(`r${index}`, { agent: String(index % 7) })));
  const wanted = fc.record({
    max: fc.integer({ min: 0, max: 60 }),
    agent: fc.option(fc.integer({ min: 0, max: 8 })),
  });
  await fc.assert(
    fc.asyncProperty(wanted, async ({ max, agent }) => {
      const matching = Array.from({ length: rows }, (_, index) => index).filter((index) => agent === null || index % 7 === agent).length;
      const filter = agent === null ? {} : { agent: { source: 'hq', externalId: String(agent) } };
      assert.equal(await store.recordings.count(filter, max), matching <= max ? matching : null);
    }),
    { numRuns: 60 },
  );
});

const maxErrors = 6;

test('errors and their suggestions are bounded, whatever is misspelled and however often', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const word = fc.tuple(fc.constantFrom('helo', 'persn', 'Did', 'you', 'mean', 'peoples'), fc.integer({ min: 0, max: 400 }));
  const words = fc.array(word, { minLength: 1, maxLength: 29 }).map((list) => list.map(([name, count]) => name + 'x'.repeat(count)));
  await fc.assert(
    fc.asyncProperty(words, fc.integer({ min: 0, max: 5000 }), async (names, echoes) => {
      const text = 'Did you mean '.repeat(echoes);
      const query = `{ ${names.map((name, index) => `${name}${index}(a${index}: "${text.slice(0, 8000)}") { nme }`).join(' ')} }`;
      const { status, body } = await server.ask({ query });
      assert.ok(status < 500, `${status}`);
      const errors = (body.errors ?? []) as readonly { message: string }[];
      assert.ok(errors.length >= 1 && errors.length <= maxErrors, `${errors.length} errors`);
      for (const { message } of errors) assert.ok(message.split('Did you mean ').length <= 2, message.slice(0, 200));
      assert.ok(JSON.stringify(body).length <= query.length + maxErrors * 1000, 'no more is answered than was requested');
    }),
    { numRuns: 40 },
  );
});

test('variables are as deep as the limit at most, however they come', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const nested = fc.tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.integer({ min: 1, max: 3000 }));
  await fc.assert(
    fc.asyncProperty(nested, fc.constantFrom('POST', 'GET'), async ([[open, close], levels], method) => {
      const kept = method === 'GET' ? Math.min(levels, 800) : levels;
      const variables = `{"v":${open!.repeat(kept)}1${close!.repeat(kept)}}`;
      const query = '{ hello }';
      const answer =
        method === 'POST'
          ? await fetch(server.graphql, {
              method,
              headers: { 'content-type': 'application/json' },
              body: `{"query":"${query}","variables":${variables}}`,
            })
          : await fetch(`${server.graphql}?${new URLSearchParams({ query, variables })}`, { headers: { 'apollo-require-preflight': '1' } });
      const text = await answer.text();
      if (kept + 1 > 32) assert.match(text, /JSON_DEPTH_LIMIT/);
      assert.equal(answer.status, kept + (method === 'POST' ? 2 : 1) > 32 ? 400 : 200, text.slice(0, 200));
    }),
    { numRuns: 40 },
  );
});
