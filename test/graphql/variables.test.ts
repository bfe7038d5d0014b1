/** Fragments under several conditions, and variables that are left out, at every transport and however often the document is sent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { startServer as startFixture } from '../support/graphql-server.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startPair, startRecorder, startServer } from '../support/tapegraph.ts';

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<unknown>;

/** Each way in which a query is sent; the answer's data, or all of it where that has errors. */
const transports: Record<string, (graphql: string) => Promise<{ ask: Ask; close(): void }>> = {
  POST: async (graphql) => ({
    ask: async (query, variables) => dataOf(await (await post(graphql, { query, variables })).json()),
    close: () => undefined,
  }),
  'a batch': async (graphql) => ({
    ask: async (query, variables) => dataOf(((await (await post(graphql, [{ query, variables }])).json()) as unknown[])[0]),
    close: () => undefined,
  }),
  GET: async (graphql) => ({
    ask: async (query, variables) => {
      const search = new URLSearchParams({ query, ...(variables ? { variables: JSON.stringify(variables) } : {}) });
      return dataOf(await (await fetch(`${graphql}?${search}`, { headers: { 'apollo-require-preflight': '1' } })).json());
    },
    close: () => undefined,
  }),
  'server-sent events': async (graphql) => ({
    ask: async (query, variables) => {
      const text = await (await post(graphql, { query, variables }, { accept: 'text/event-stream' })).text();
      return dataOf(JSON.parse(/^data: (\{.*)$/m.exec(text)![1]!));
    },
    close: () => undefined,
  }),
  WebSocket: async (graphql) => {
    const client = await connectSocket(graphql);
    await client.init();
    let id = 0;
    return {
      ask: async (query, variables) => {
        id += 1;
        client.subscribe(String(id), query, variables);
        const { payload } = await client.next();
        await client.next();
        return dataOf(payload);
      },
      close: () => client.close(),
    };
  },
};

const dataOf = (answer: unknown): unknown => {
  const { data, errors } = answer as { data?: unknown; errors?: unknown };
  return errors === undefined ? data : answer;
};

const post = (graphql: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(graphql, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

const times = 5;

test('a fragment is spread under one condition and under none', async (t) => {
  const { ask } = await startPair(t, { agents: 1 });
  const query = `query($d: Boolean!) { one: agents(first: 1) { nodes { ...W @include(if: $d) } } two: agents(first: 1) { nodes { ...W } } }
    fragment W on Agent { externalId }`;
  for (let time = 0; time < times; time += 1) {
    assert.deepEqual((await ask(query, { d: false })).data, { one: { nodes: [{}] }, two: { nodes: [{ externalId: '1' }] } });
    assert.deepEqual((await ask(query, { d: true })).data.one, { nodes: [{ externalId: '1' }] });
  }
});

describe('variables that are left out', () => {
  for (const [name, open] of Object.entries(transports)) {
    test(`have their defaults by ${name}`, async (t) => {
      const { url } = await startServer(t, [blockOf(await startRecorder(t, { agents: 2 }))]);
      const { ask, close } = await open(`${url}/graphql`);
      t.after(close);
      const one = { agents: { nodes: [{ externalId: '1' }] } };
      const both = { agents: { nodes: [{ externalId: '1' }, { externalId: '2' }] } };
      for (let time = 0; time < times; time += 1) {
        assert.deepEqual(await ask('query($n: Int! = 1) { agents(first: $n) { nodes { externalId } } }'), one);
        assert.deepEqual(await ask('query($n: Int! = 1) { agents(first: $n) { nodes { externalId } } }', { n: 2 }), both);
        assert.deepEqual(await ask('query($s: [String!]! = ["hq"]) { agents(filter: { sources: $s }) { nodes { externalId } } }'), both);
        assert.deepEqual(
          await ask(
            'query($f: AgentFilter! = { search: "1", sources: ["hq"] }, $n: Int) { agents(filter: $f, first: $n) { nodes { externalId } } }',
          ),
          one,
        );
      }
    });

    test(`are absent inside input objects and lists by ${name}, not null`, async (t) => {
      const server = await startFixture({ schema: echoSchema() });
      const { ask, close } = await open(server.graphql);
      t.after(() => {
        close();
        return server.close();
      });
      const query = 'query($a: Int, $b: Int, $l: [Int]) { echo(input: { a: $a, inner: { b: $b, d: 1 }, list: $l, items: [$a] }) }';
      const echoed = async (variables?: Record<string, unknown>) => {
        const data = (await ask(query, variables)) as { echo: string };
        return JSON.parse(data.echo);
      };
      for (let time = 0; time < times; time += 1) {
        assert.deepEqual(await echoed(), { input: { inner: { c: 7, d: 1 }, items: [null] } });
        assert.deepEqual(await echoed({ a: null, b: null, l: null }), {
          input: { a: null, inner: { b: null, c: 7, d: 1 }, list: null, items: [null] },
        });
        assert.deepEqual(await echoed({ a: 3, l: [1] }), { input: { a: 3, inner: { c: 7, d: 1 }, list: [1], items: [3] } });
      }
    });
  }
});

/** A field that answers its arguments as they came. */
const echoSchema = (): GraphQLSchema => {
  const schema = buildSchema(`
    input Inner { b: Int c: Int = 7 d: Int }
    input In { a: Int inner: Inner list: [Int] items: [Int] }
    type Query { echo(input: In): String }
  `);
  const { echo } = schema.getQueryType()!.getFields();
  echo!.resolve = (_root, args) => JSON.stringify(args);
  return schema;
};
