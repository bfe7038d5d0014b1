/** Bounds what one caller's queries in progress cost together: the others wait in order, and a mutation waits for none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema } from 'graphql';
import { startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

/** Leaves out the price that callers of this server see. */
const plain = (answer: unknown): unknown => {
  if (Array.isArray(answer)) return answer.map(plain);
  const { extensions: _, ...rest } = answer as Record<string, unknown>;
  return rest;
};

/** A query costs ten, as a mutation does, and two fit together. */
const arrange = async (options: Parameters<typeof startServer>[0] = {}) => {
  const schema = buildSchema('type Item { n: Int next: Item } type Query { read(n: Int): Item } type Mutation { act: Int }');
  const begun: number[] = [];
  const gates = new Map<number, () => void>();
  let inProgress = 0;
  let maxInProgress = 0;
  schema.getQueryType()!.getFields().read!.resolve = async (_: unknown, { n }: { n: number }) => {
    begun.push(n);
    inProgress += 1;
    maxInProgress = Math.max(maxInProgress, inProgress);
    await new Promise<void>((resolve) => gates.set(n, resolve));
    inProgress -= 1;
    return { n };
  };
  schema.getMutationType()!.getFields().act!.resolve = () => 1;
  const server = await startServer({ schema, limits: { cost: 10, entityCost: 10 }, ...options });
  const post = async (body: unknown, signal?: AbortSignal) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(server.graphql, { ...init, signal: signal ?? null });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), answer: plain(await response.json()) as never };
  };
  const padding = Array.from({ length: 9 }, (_, index) => `a${index}: next { n }`).join(' ');
  const operation = (n: number) => ({ query: `{ read(n: ${n}) { n ${padding} } }` });
  const answerOf = (n: number) => ({
    data: { read: { n, ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`a${index}`, null])) } },
  });
  const end = (n: number) => gates.get(n)!();
  return { server, begun, end, post, operation, answerOf, mostInProgress: () => maxInProgress };
};

test('queries of every transport begin in order as the caller has room, operations of a batch too; a mutation begins at once', async (t) => {
  const { server, begun, end, post, operation, answerOf, mostInProgress } = await arrange();
  t.after(server.close);
  const answers: Promise<unknown>[] = [];
  const ask = async (body: unknown, count: number) => {
    answers.push(post(body).then(({ answer }) => answer));
    await until(() => begun.length === count, 'it has begun');
  };
  await ask(operation(1), 1);
  await ask(operation(2), 2);
  const batch = post([operation(3), operation(4), operation(5)]);
  const acted = await post({ query: 'mutation { act }' });
  assert.deepEqual(acted.answer, { data: { act: 1 } });
  const client = await connectSocket(server.graphql);
  await client.init();
  client.subscribe('s', operation(6).query);
  await post({ query: 'mutation { act }' });
  assert.deepEqual(begun, [1, 2], 'the others wait');
  for (let done = 0; done < 6; done += 1) {
    await until(() => begun.length > done, 'the next begins');
    end(begun[done]!);
  }
  assert.deepEqual(await Promise.all(answers), [answerOf(1), answerOf(2)]);
  assert.deepEqual((await batch).answer, [3, 4, 5].map(answerOf));
  assert.deepEqual(plain((await client.next()).payload), answerOf(6));
  assert.deepEqual(begun.toSorted(), [1, 2, 3, 4, 5, 6]);
  assert.equal(mostInProgress(), 2);
  client.close();
});

test('a query is refused where a thousand of its caller’s wait, with 429 over HTTP', async (t) => {
  const { server, post, operation } = await arrange();
  t.after(server.close);
  const refusals: Promise<unknown>[] = [];
  for (let socket = 0; socket < 11; socket += 1) {
    const client = await connectSocket(server.graphql);
    t.after(() => client.close());
    await client.init();
    for (let index = 0; index < 100; index += 1) client.subscribe(String(index), operation(100 * socket + index).query);
    refusals.push(client.next());
  }
  const [refused] = [await Promise.race(refusals)] as [{ payload: { errors: { extensions: { code: string } }[] } }];
  assert.equal(refused.payload.errors[0]!.extensions.code, 'RATE_LIMITED');
  const { status, retryAfter, answer } = await post(operation(-1));
  assert.deepEqual([status, retryAfter], [429, '1']);
  assert.equal((answer as typeof refused.payload).errors[0]!.extensions.code, 'RATE_LIMITED');
});

test('in a batch, an operation without room is refused at its index', async (t) => {
  const { server, begun, end, post, operation, answerOf } = await arrange();
  t.after(server.close);
  const first = [post(operation(1)), post(operation(2))];
  await until(() => begun.length === 2, 'both have begun');
  const clients = await Promise.all(Array.from({ length: 10 }, () => connectSocket(server.graphql)));
  for (const client of clients) {
    t.after(() => client.close());
    await client.init();
    for (let index = 0; index < 100; index += 1) client.subscribe(String(index), operation(3).query);
    client.send({ type: 'ping' });
    assert.deepEqual(await client.next(), { type: 'pong' });
  }
  const { status, retryAfter, answer } = await post([{ query: 'mutation { act }' }, operation(4)]);
  assert.deepEqual([status, retryAfter], [200, null]);
  const [acted, refused] = answer as unknown as [unknown, { errors: { extensions: { code: string } }[] }];
  assert.deepEqual(acted, { data: { act: 1 } });
  assert.equal(refused.errors[0]!.extensions.code, 'RATE_LIMITED');
  for (const client of clients) client.close();
  await Promise.all(clients.map(({ closed }) => closed));
  const late = post(operation(5));
  for (const n of [1, 2]) end(n);
  assert.deepEqual(
    (await Promise.all(first)).map((one) => one.answer),
    [1, 2].map(answerOf),
  );
  await until(() => begun.length > 2, 'those whose sockets are closed make room');
  end(5);
  assert.deepEqual((await late).answer, answerOf(5));
  assert.deepEqual(begun, [1, 2, 5]);
});

test('a query that a socket completes while it waits is not begun', async (t) => {
  const { server, begun, end, post, operation } = await arrange();
  t.after(server.close);
  const [first, second] = [post(operation(1)), post(operation(2))];
  await until(() => begun.length === 2, 'both have begun');
  const client = await connectSocket(server.graphql);
  await client.init();
  client.subscribe('completed', operation(3).query);
  client.subscribe('kept', operation(4).query);
  client.send({ id: 'completed', type: 'complete' });
  client.send({ type: 'ping' });
  assert.deepEqual(await client.next(), { type: 'pong' });
  end(1);
  await until(() => begun.includes(4), 'the other begins');
  end(2);
  end(4);
  await Promise.all([first, second]);
  assert.deepEqual(begun, [1, 2, 4]);
  client.close();
});

test('the operations of a batch give their room back, whatever another plug-in throws outside of its hooks for errors', async (t) => {
  const throwing = {
    requestDidStart: async () => ({
      responseForOperation: async ({ request }: { request: { operationName?: string } }) => {
        if (request.operationName === 'fails') throw new Error('a fault of the plug-in');
        return null;
      },
    }),
  };
  const { server, begun, end, post, operation, answerOf } = await arrange({ apolloPlugins: [throwing] });
  t.after(server.close);
  const failing = { query: `query fails ${operation(0).query}`, operationName: 'fails' };
  const { status } = await post([failing, failing]);
  assert.equal(status, 500);
  const both = [post(operation(1)), post(operation(2))];
  await until(() => begun.length === 2, 'two have room again');
  for (const n of [1, 2]) end(n);
  assert.deepEqual(
    (await Promise.all(both)).map(({ answer }) => answer),
    [answerOf(1), answerOf(2)],
  );
});
