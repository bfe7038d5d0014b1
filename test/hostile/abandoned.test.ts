/** A query whose client has gone is not begun, and reads no more; a mutation is carried out, whoever waits for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, type GraphQLError } from 'graphql';
import { createGraphContext } from '../../src/graphql/context.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

test('what waited for its slice until its client had gone is executed only where it is a mutation', async (t) => {
  const executed: string[] = [];
  const schema = buildSchema('type Query { read(n: Int): Int } type Mutation { act(n: Int): Int }');
  const run =
    (kind: string) =>
    (_: unknown, { n }: { n: number }) => {
      executed.push(`${kind} ${n}`);
      return n;
    };
  schema.getQueryType()!.getFields().read!.resolve = run('read');
  schema.getMutationType()!.getFields().act!.resolve = run('act');
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const slices = {
    ...{ isOver: () => true, begin: () => true },
    next: () => {
      waiting += 1;
      return gate.promise;
    },
  };
  const server = await startServer({ schema, slices });
  t.after(server.close);
  const leave = new AbortController();
  const ask = (body: unknown, signal: AbortSignal | null = null) =>
    fetch(server.graphql, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal }).then(
      (response) => response.text(),
      () => 'gone',
    );
  const operation = (kind: 'read' | 'act', n: number) => ({ query: `${kind === 'read' ? 'query' : 'mutation'} { ${kind}(n: ${n}) }` });
  const gone = [operation('read', 1), operation('act', 2), [operation('read', 3), operation('act', 4)]].map((body) =>
    ask(body, leave.signal),
  );
  const stays = ask(operation('read', 5));
  await until(() => waiting === 5, 'all wait');
  leave.abort();
  assert.deepEqual(await Promise.all(gone), ['gone', 'gone', 'gone']);
  await until(() => server.log.lines.filter(({ fields }) => fields?.status === 499).length === 3, 'the server knows it');
  gate.resolve();
  assert.deepEqual(JSON.parse(await stays).data, { read: 5 });
  await until(() => executed.length === 3, 'the rest is done');
  assert.deepEqual(executed.toSorted(), ['act 2', 'act 4', 'read 5'], 'of a batch too');
  assert.ok(server.log.lines.some(({ fields }) => String(fields?.codes) === 'CLIENT_GONE'));
});

test('a query that is executed reads no further slice once its client has gone', async () => {
  const clock = createManualClock();
  const services = { sources: new Map(), read: { slices: createSlices(clock), clock }, healthSinceMs: () => 0 } as unknown as Parameters<
    typeof createGraphContext
  >[0];
  let isGone = false;
  const contextOf = createGraphContext(services);
  const query = contextOf(principalOf(), { correlationId: 'c', streaming: false, isAbandoned: () => isGone });
  const stream = contextOf(principalOf(), { correlationId: 'c', streaming: true });
  await query.read.slices.next('tester');
  isGone = true;
  await assert.rejects(query.read.slices.next('tester'), (error: GraphQLError) => error.extensions.code === 'CLIENT_GONE');
  await stream.read.slices.next('tester');
});

test('at every transport a query knows that its client has gone, and a mutation does not mind', async (t) => {
  const schema = buildSchema('type Query { read: Int } type Mutation { act: Int }');
  const left = Promise.withResolvers<void>();
  let [begun, ended] = [0, 0];
  const minds: Record<string, boolean[]> = { read: [], act: [] };
  const run =
    (kind: string) =>
    async (_: unknown, __: unknown, { isAbandoned }: { isAbandoned?: () => boolean }) => {
      begun += 1;
      await left.promise;
      minds[kind]!.push(isAbandoned?.() ?? false);
      ended += 1;
    };
  schema.getQueryType()!.getFields().read!.resolve = run('read');
  schema.getMutationType()!.getFields().act!.resolve = run('act');
  const server = await startServer({ schema, createContext: (_, { isAbandoned }) => ({ isAbandoned }) });
  t.after(server.close);
  const leave = new AbortController();
  const queries = ['query { read }', 'mutation { act }'];
  const requests = ['application/json', 'text/event-stream'].flatMap((accept) =>
    queries.map((query) => {
      const headers = { 'content-type': 'application/json', accept };
      return fetch(server.graphql, { method: 'POST', headers, body: JSON.stringify({ query }), signal: leave.signal }).catch(() => 'gone');
    }),
  );
  const socket = await connectSocket(server.graphql);
  await socket.init();
  for (const [index, query] of queries.entries()) socket.subscribe(String(index), query);
  await until(() => begun === 6, 'all have begun');
  leave.abort();
  socket.close();
  assert.deepEqual(await Promise.all(requests), ['gone', 'gone', 'gone', 'gone']);
  await until(() => server.http.counts().sockets === 0, 'the socket is closed');
  await until(() => server.log.lines.filter(({ fields }) => fields?.status === 499).length === 4, 'the server knows it');
  left.resolve();
  await until(() => ended === 6, 'all have ended');
  assert.deepEqual(minds, { read: [true, true, true], act: [false, false, false] });
});
