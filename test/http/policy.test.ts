import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { principalOf, type StartedServer, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';

/** Pairs queries with the code with which every transport refuses them. */
const refused: [code: string, query: string, variables?: Record<string, unknown>][] = [
  ['GRAPHQL_PARSE_FAILED', '{ hello'],
  ['GRAPHQL_VALIDATION_FAILED', '{ nothing }'],
  ['TOKEN_LIMIT', `{ ${'hello '.repeat(600)} }`],
  ['ALIAS_LIMIT', `{ ${Array.from({ length: 6 }, (_, n) => `a${n}: hello`).join(' ')} }`],
  ['ALIAS_LIMIT', '{ ...A ...B } fragment A on Query { a: hello b: hello c: hello } fragment B on Query { ...A ...A }'],
  ['DIRECTIVE_LIMIT', `{ hello ${'@include(if: true) '.repeat(11)} }`],
  ['ROOT_FIELD_LIMIT', `{ ${'hello '.repeat(11)} }`],
  ['DEPTH_LIMIT', '{ person(id: 1) { boss { boss { boss { boss { boss { id } } } } } } }'],
  [
    'FIELD_LIMIT',
    `{ person(id: 1) { ...A ...A ...A } } fragment A on Person { ...B ...B ...B ...B } fragment B on Person { ${'id name '.repeat(8)} }`,
  ],
  ['COST_LIMIT', '{ people(first: 100) { nodes { friends(first: 100) { nodes { id } } } } }'],
  ['COST_LIMIT', 'query($first: Int) { people(first: $first) { nodes { friends { nodes { id } } } } }', { first: 100 }],
  ['COST_LIMIT', '{ people(first: 100) { nodes { priceless } } }'],
  ['INTROSPECTION_DISABLED', '{ __schema { types { name } } }'],
  ['INTROSPECTION_DISABLED', '{ ...F } fragment F on Query { type: __type(name: "Person") { name } }'],
  ['OPERATION_RESOLUTION_FAILURE', 'query A { hello } query B { hello }'],
];

let server: StartedServer;
before(async () => {
  server = await startServer({
    introspection: false,
    authenticate: async () => principalOf({ scopes: new Set(['agents:read']) }),
    callbackHosts: ['127.0.0.1'],
    limits: { depth: 6, aliases: 5, directives: 10, rootFields: 10, fields: 100, tokens: 500, cost: 2000 },
  });
});
after(() => server.close());

describe('every transport refuses alike', () => {
  for (const [code, query, variables] of refused) {
    test(`${code}: ${query.slice(0, 60)}`, async () => {
      const body = { query, ...(variables ? { variables } : {}) };
      const json = await server.ask(body);
      assert.deepEqual([json.status, json.body.errors?.[0]?.extensions.code], [200, code]);
      assert.equal(json.body.errors?.length, 1);
      assert.equal('data' in json.body, false);
      const strict = await server.ask(body, { accept: 'application/graphql-response+json' });
      assert.deepEqual([strict.status, strict.body.errors?.[0]?.extensions.code], [400, code]);

      const search = new URLSearchParams({ query, ...(variables ? { variables: JSON.stringify(variables) } : {}) });
      const get = await fetch(`${server.graphql}?${search}`, { headers: { 'apollo-require-preflight': '1' } });
      assert.equal(((await get.json()) as typeof json.body).errors?.[0]?.extensions.code, code);

      const batch = await server.ask([{ query: '{ hello }' }, body]);
      assert.equal(batch.body[1]?.errors?.[0]?.extensions.code, code);

      const socket = await connectSocket(server.graphql);
      await socket.init();
      socket.subscribe('1', query, variables);
      const message = await socket.next();
      assert.equal(message.type, 'error');
      assert.equal((message.payload as { extensions: { code: string } }[])[0]?.extensions.code, code);
      socket.close();

      const events = await fetch(server.graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify(body),
      });
      assert.match(await events.text(), new RegExp(`^:\\n\\nevent: next\\ndata: .*"code":"${code}".*\\n\\nevent: complete\\ndata:\\n\\n$`));

      const extensions = { subscription: { callbackUrl: 'http://127.0.0.1:9/', subscriptionId: 's', verifier: 'v' } };
      const callback = await server.ask({ ...body, extensions });
      assert.deepEqual([callback.status, callback.body.errors?.[0]?.extensions.code], [400, code]);
    });
  }

  test('what is within the limits is answered', async () => {
    for (const query of [
      '{ people(first: 20) { nodes { id name } totalCount } }',
      '{ person(id: 1) { boss { boss { id } } } }',
      'mutation { save(name: "x") { __typename } }',
    ]) {
      const { body } = await server.ask({ query });
      assert.equal(body.errors, undefined, query);
    }
  });

  test('suggestions are kept back', async () => {
    const { body } = await server.ask({ query: '{ helo }' });
    assert.equal(body.errors?.[0]?.message, 'Cannot query field "helo" on type "Query".');
    const open = await startServer();
    assert.match((await open.ask({ query: '{ helo }' })).body.errors?.[0]?.message ?? '', /Did you mean "hello"\?$/);
    await open.close();
  });
});

test('estimate and actual cost are shown to auditors alone', async () => {
  const auditing = await startServer({ authenticate: async () => principalOf({ scopes: new Set(['audit:read']) }) });
  const query = '{ people(first: 10) { nodes { friends(first: 5) { nodes { id } } priceless } } }';
  const { body } = await auditing.ask({ query });
  // people 1 + 10 x (person 1 + friends 1 + 5 x 1 + priceless 40), and then 3 people of 3 friends
  assert.deepEqual(body.extensions, { cost: { estimate: 471, actual: 1 + 3 * (1 + 1 + 3 + 40) } });
  assert.equal((await server.ask({ query })).body.extensions, undefined);
  await auditing.close();
});

test('trusted documents are executed by hash or text, and nothing else is', async () => {
  const trusted = 'query Hello { hello }';
  const hash = sha256(trusted);
  const closed = await startServer({ trustedDocuments: new Map([[hash, trusted]]) });
  const expected = { hello: 'Hello world' };
  for (const body of [
    { documentId: hash },
    { documentId: `sha256:${hash}` },
    { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } },
    { query: trusted },
  ]) {
    assert.deepEqual((await closed.ask(body)).body.data, expected, JSON.stringify(body));
  }
  const get = await fetch(`${closed.graphql}?documentId=${hash}`, { headers: { 'apollo-require-preflight': '1' } });
  assert.deepEqual(((await get.json()) as { data: unknown }).data, expected);
  assert.equal((await closed.ask({ query: '{ hello }' })).body.errors?.[0]?.extensions.code, 'DOCUMENT_NOT_TRUSTED');
  assert.equal((await closed.ask({ documentId: 'f'.repeat(64) })).body.errors?.[0]?.extensions.code, 'DOCUMENT_NOT_TRUSTED');
  const registered = sha256('{ hello }');
  const registration = await closed.ask({ query: '{ hello }', extensions: { persistedQuery: { version: 1, sha256Hash: registered } } });
  assert.equal(registration.body.data, undefined);

  const socket = await connectSocket(closed.graphql);
  await socket.init();
  socket.send({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } });
  assert.equal(((await socket.next()).payload as { extensions: { code: string } }[])[0]?.extensions.code, 'DOCUMENT_NOT_TRUSTED');
  socket.send({ type: 'subscribe', id: '2', payload: { query: '', extensions: { persistedQuery: { sha256Hash: hash } } } });
  assert.deepEqual(((await socket.next()).payload as { data: unknown }).data, expected);
  socket.close();
  await closed.close();
});
