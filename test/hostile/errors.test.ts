/** However many fields of an answer fail, few errors are made, listed and logged, and the place of each is found in few lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildSchema, execute, GraphQLError, parse } from 'graphql';
import type { Scope } from '../../src/domain/model/enums.ts';
import { boundErrors, createErrorAllowance } from '../../src/graphql/error-allowance.ts';
import { outwardErrors } from '../../src/graphql/outward-errors.ts';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { enforceScopes } from '../../src/graphql/scopes.ts';
import { startServer as startGraphQLServer } from '../support/graphql-server.ts';
import { createListLog } from '../support/list-log.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

const listed = 100;

test('of the representations that fail a hundred are reported and the rest counted, at whatever field', async (t) => {
  const server = await startServer(t, [blockOf(await startRecorder(t))]);
  const counts = fc.oneof(
    fc.record({ representations: fc.integer({ min: 0, max: 1000 }), fields: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ representations: fc.integer({ min: 0, max: 100 }), fields: fc.integer({ min: 1, max: 20 }) }),
  );
  await fc.assert(
    fc.asyncProperty(counts, async ({ representations, fields }) => {
      const names = Array.from({ length: fields }, (_, index) => `a${index}`);
      const query = `query($r: [_Any!]!) { ${names.map((name) => `${name}: _entities(representations: $r) { __typename }`).join(' ')} }`;
      const { data, errors = [] } = await server.ask(query, { r: Array(representations).fill({ __typename: 'Nothing' }) });
      for (const name of names) assert.deepEqual(data[name], Array(representations).fill(null));
      const failed = representations * fields;
      assert.equal(errors.length, Math.min(failed, listed + 1));
      for (const { message, path } of errors.slice(0, listed)) {
        assert.match(message, /^A representation names no entity/);
        assert.equal(path?.length, 2);
      }
      if (failed <= listed) return;
      assert.match(errors.at(-1)!.message, new RegExp(`^${failed - listed} more errors are not listed`));
      const { correlationId, ...extensions } = errors.at(-1)!.extensions;
      assert.deepEqual(extensions, { code: 'ERROR_LIMIT', limit: listed });
      assert.equal(correlationId, errors[0]!.extensions.correlationId);
    }),
    { numRuns: 30 },
  );
});

test('each operation of a batch has errors of its own', async (t) => {
  const server = await startServer(t, [blockOf(await startRecorder(t))]);
  const query = 'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
  const operation = (failures: number) => ({ query, variables: { r: Array(failures).fill({ __typename: 'Nothing' }) } });
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([operation(150), operation(120), operation(3)]),
  });
  const answers = (await response.json()) as { errors: { message: string }[] }[];
  assert.deepEqual(
    answers.map(({ errors }) => [errors.length, /^\d+ more/.exec(errors.at(-1)!.message)?.[0]]),
    [
      [101, '50 more'],
      [101, '20 more'],
      [3, undefined],
    ],
  );
});

const items = 2000;
const guarded = () => {
  const schema = buildSchema(/* GraphQL */ `
    directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
    type Item { own: String @requiresScopes(scopes: [["pii:read"]]) late: String failing: String must: String! }
    type Secret @requiresScopes(scopes: [["audit:read"]]) { id: ID }
    type Query { items: [Item]! secret: Secret }
  `);
  let made = 0;
  const fail = () => {
    made += 1;
    throw new GraphQLError('no');
  };
  const { own, late, failing, must } = (schema.getType('Item') as ReturnType<typeof schema.getQueryType>)!.getFields();
  own!.resolve = () => 'never read';
  late!.resolve = async () => fail();
  failing!.resolve = fail;
  must!.resolve = () => 'there';
  const contextValue = { principal: { name: 'x', scopes: new Set<Scope>() }, correlationId: 'c', errors: createErrorAllowance() };
  const ask = (query: string) =>
    execute({
      schema: enforceScopes(boundErrors(schema)),
      document: parse(query),
      contextValue,
      rootValue: { items: Array(items).fill({}), secret: {} },
    });
  return { ask, contextValue, made: () => made };
};

test('what each item refuses or fails at makes a hundred errors, and one of each other field', async () => {
  const { ask, contextValue } = guarded();
  const { data, errors = [] } = await ask('{ items { own late a: own failing must } secret { id } }');
  const answered = data!.items as readonly object[];
  assert.equal(answered.length, items);
  assert.deepEqual({ ...answered.at(-1) }, { own: null, late: null, a: null, failing: null, must: 'there' });
  const fields = new Set(errors.map(({ path }) => path!.filter((step) => typeof step === 'string').join('.')));
  assert.deepEqual([...fields].sort(), ['items.a', 'items.failing', 'items.late', 'items.own', 'secret']);
  assert.ok(errors.length <= listed + 4, `${errors.length}`);
  assert.equal(errors.length + contextValue.errors.omitted, 4 * items + 1);
});

test('errors past a hundred are counted and noted, and not listed', () => {
  const { log } = createListLog();
  const noted: string[] = [];
  let counted = 0;
  const errors = Array.from(
    { length: 250 },
    (_, index) =>
      new GraphQLError(`Item.${index === 249 ? 'last' : 'own'} needs a scope`, {
        path: ['items', index, index === 249 ? 'renamed' : 'own'],
        extensions: { code: 'FORBIDDEN' },
      }),
  );
  const outward = outwardErrors(errors, {
    ...{ log, suggestions: true, correlationId: 'c', omitted: 7 },
    noteForbidden: (fields) => void noted.push(...fields),
    countErrors: ({ length }) => {
      counted += length;
    },
  });
  assert.equal(outward.length, listed + 1);
  assert.match(outward.at(-1)!.message, /^157 more errors/);
  assert.deepEqual(noted, ['Item.own', 'Item.last']);
  assert.equal(counted, 250);
});

test('a document has half as many lines as tokens at most, however they are broken', () => {
  const schema = buildSchema('type Query { hello: String }');
  const limits = { ...defaultLimits, tokens: 100 };
  const policy = createPolicy({ schema, limits, introspection: true });
  const breaks = fc.array(fc.constantFrom('\n', '\r\n', '\r', '\n#\n', ',\n '), { maxLength: 120 });
  fc.assert(
    fc.property(breaks, (parts) => {
      const query = `{${parts.join('')}hello }`;
      const lines = query.split(/\r\n|\n|\r/).length;
      assert.deepEqual(
        policy.refuseText({ query }).map(({ message }) => message),
        lines > 50 ? ['The document has more than 50 lines. Write several fields on a line.'] : [],
      );
      assert.equal(policy.admit({ query }).admitted, lines <= 50);
    }),
    { numRuns: 300 },
  );
});

test('each limit that a text or a request can break is told with what to do instead', async (t) => {
  const server = await startGraphQLServer({
    limits: {
      ...{ tokens: 40, depth: 3, aliases: 2, directives: 2, rootFields: 4, fields: 12, cost: 40, listLength: 2 },
      ...{ batch: 2, bodyBytes: 2000, jsonDepth: 5, jsonValues: 50 },
    },
  });
  t.after(server.close);
  const bodies: Readonly<Record<string, unknown>> = {
    'Write several': { query: `{${'\n'.repeat(30)}hello }` },
    'Split it': { query: `{ ${'hello '.repeat(50)} }` },
    'Split the operation': { query: '{ a: hello b: hello c: hello }' },
    'Use several requests': [{ query: '{ hello }' }, { query: '{ hello }' }, { query: '{ hello }' }],
    'Use several': { query: '{ hello }', variables: { a: Array(60).fill(1) } },
    'Nest it less': { query: '{ hello }', variables: { a: [[[[[1]]]]] } },
    'send it in parts': { query: `{ hello } # ${'x'.repeat(3000)}` },
    'Request smaller pages': { query: '{ people(first: 90) { nodes { id } } }' },
  };
  for (const [remedy, body] of Object.entries(bodies)) {
    const answer = (await server.ask(body)).body;
    const errors = answer.errors ?? [];
    assert.equal(errors.length, 1, remedy);
    assert.ok(errors[0]!.message.includes(remedy), `${remedy}: ${errors[0]!.message}`);
  }
});
