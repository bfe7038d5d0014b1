import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type GraphQLBody, type StartedServer, startServer } from '../support/graphql-server.ts';

/** The twelve checks of graphql-cop, as it sends and judges them, against a server as in production. */
let server: StartedServer;
before(async () => {
  server = await startServer({ introspection: false, playground: false });
});
after(() => server.close());

const post = async (body: unknown): Promise<GraphQLBody> => (await server.ask(body)).body;
const get = async (search: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${server.graphql}${search}`, { headers });
  return { status: response.status, text: await response.text() };
};

describe('graphql-cop finds nothing', () => {
  test('alias overloading', async () => {
    const aliases = Array.from({ length: 101 }, (_, n) => `alias${n}:__typename`).join(' \n ');
    const body = await post({ query: `query cop { ${aliases} }`, operationName: 'cop' });
    assert.equal(body.data?.alias100, undefined);
    assert.equal(body.errors?.[0]?.extensions.code, 'ALIAS_LIMIT');
  });

  test('array-based batching', async () => {
    const batch = (length: number) => Array(length).fill({ query: 'query cop { __typename }', operationName: 'cop' });
    assert.equal((await post(batch(11))).errors?.[0]?.extensions.code, 'BATCH_LIMIT', 'ten are the default');
    const alone = await startServer({ limits: { batch: 1 } });
    after(() => alone.close());
    const { body } = await alone.ask(batch(10));
    assert.notEqual(body.length, 10);
    assert.equal(body.errors?.[0]?.extensions.code, 'BATCH_LIMIT');
  });

  test('directive overloading', async () => {
    const body = await post({ query: `query cop { __typename ${'@aa'.repeat(10)} }`, operationName: 'cop' });
    assert.notEqual(body.errors?.length, 10);
    assert.equal(body.data, undefined);
    assert.equal((await post({ query: `query cop { __typename ${'@aa'.repeat(31)} }` })).errors?.[0]?.extensions.code, 'DIRECTIVE_LIMIT');
  });

  test('circular introspection', async () => {
    const query = `query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`;
    assert.equal((await post({ query, operationName: 'cop' })).data, undefined);
  });

  test('circular fragments', async () => {
    const body = await post({ query: 'query cop { __typename ...A } fragment A on Query { hello ...B } fragment B on Query { ...A }' });
    assert.equal(body.errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  });

  test('detection of an IDE', async () => {
    for (const path of ['/graphql', '/', '/graphiql', '/playground', '/console']) {
      const response = await fetch(`${server.url}${path}`, { headers: { accept: 'text/html' } });
      assert.doesNotMatch(await response.text(), /graphiql|GraphQL Playground|GraphQL Console|graphql-playground/i);
    }
  });

  test('field duplication', async () => {
    const body = await post({ query: `query cop { ${'__typename \n '.repeat(500)} }`, operationName: 'cop' });
    assert.equal(body.data, undefined);
    assert.equal(body.errors?.[0]?.extensions.code, 'ROOT_FIELD_LIMIT');
  });

  test('field suggestions', async () => {
    for (const query of ['query cop { __schema { directive } }', 'query cop { helo }', 'query cop { person(ids: 1) { id } }']) {
      assert.doesNotMatch(JSON.stringify(await post({ query })), /Did you mean/);
    }
  });

  test('queries by GET from a page of another site', async () => {
    const { status, text } = await get('?query=query%20cop%20%7B__typename%7D');
    assert.equal(status, 400);
    assert.doesNotMatch(text, /"data"/);
  });

  test('mutations by GET', async () => {
    const { status, text } = await get(`?query=${encodeURIComponent('mutation cop { save(name: "x") { __typename } }')}`, {
      'apollo-require-preflight': '1',
    });
    assert.equal(status, 405);
    assert.doesNotMatch(text, /"data"/);
  });

  test('introspection', async () => {
    const body = await post({ query: 'query cop { __schema { types { name fields { name } } } }', operationName: 'cop' });
    assert.equal(body.data, undefined);
    assert.equal(body.errors?.[0]?.extensions.code, 'INTROSPECTION_DISABLED');
  });

  test('url-encoded form posts', async () => {
    const response = await fetch(server.graphql, { method: 'POST', body: new URLSearchParams({ query: 'query cop { __typename }' }) });
    assert.equal(response.status, 415);
    assert.doesNotMatch(await response.text(), /"data"/);
  });

  test('tracing', async () => {
    const body = await post({ query: 'query cop { __typename }', operationName: 'cop' });
    assert.equal(body.extensions?.tracing, undefined);
    assert.deepEqual(body.data, { __typename: 'Query' });
  });

  test('unhandled errors', async () => {
    const body = await post({ query: 'qwerty cop { abc }', operationName: 'cop' });
    assert.deepEqual(Object.keys(body.errors?.[0]?.extensions ?? {}).sort(), ['code', 'correlationId']);
    assert.doesNotMatch(JSON.stringify(body), /stack|exception|node_modules/);
  });
});
