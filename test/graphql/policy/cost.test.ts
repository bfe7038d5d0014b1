import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildSchema, type GraphQLError, type OperationDefinitionNode, parse, validate } from 'graphql';
import { createPolicy } from '../../../src/graphql/policy/admission.ts';
import { priceOperation } from '../../../src/graphql/policy/cost.ts';
import { defaultLimits } from '../../../src/graphql/policy/limits.ts';

const schema = buildSchema(/* GraphQL */ `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
  interface Thing { id: ID! next: Thing }
  type Small implements Thing { id: ID! next: Thing }
  type Large implements Thing @cost(weight: 7) { id: ID! next: Thing parts: [Small!]! }
  union Found = Small | Large
  type Page { items: [Large!]! nodes: [Small!]! total: Int }
  input Window { size: Int }
  type Query {
    number: Int
    dear: Int @cost(weight: 5)
    small: Small
    smalls: [Small!]!
    nested: [[Small]]
    few: [Small!]! @listSize(assumedSize: 3)
    told(limit: Int = 4): Page @listSize(slicingArguments: ["limit"], sizedFields: ["items"])
    usual(first: Int): Page
    window(by: Window): [Small!]! @listSize(slicingArguments: ["by.size"])
    either(first: Int, last: Int): [Small!]!
    keys(representations: [ID!]!): [Thing]!
    thing: Thing
    found: [Found!]! @listSize(assumedSize: 2)
  }
  type Mutation { save: Small }
`);

const price = (query: string) => {
  const document = parse(query);
  assert.deepEqual(validate(schema, document), []);
  return priceOperation({ schema, pageSize: 100 }, document, document.definitions[0] as OperationDefinitionNode);
};
const estimate = (query: string, variables = {}) => price(query).estimate(variables);

describe('the estimate', () => {
  const cases: [number, string, object?][] = [
    [0, '{ number __typename }'],
    [5, '{ dear }'],
    [1, '{ small { id } }'],
    [10, '{ smalls { id } }'],
    [3, '{ few { id } }'],
    [1 + 4 * 7, '{ told { items { id } } }'],
    [1 + 9 * 7, '{ told(limit: 9) { items { id } } }'],
    [1 + 9 * (7 + 10), '{ told(limit: 9) { items { parts { id } } } }'],
    // A page is no longer than the server makes it, whatever is requested.
    [1 + 100 * 7, '{ told(limit: 1000000) { items { id } total } }'],
    [1, '{ told(limit: -5) { items { id } } }'],
    [1 + 20, '{ usual(first: 20) { nodes { id } } }'],
    [1 + 10, '{ usual { nodes { id } } }'],
    [1 + 6, 'query($n: Int) { usual(first: $n) { nodes { id } } }', { n: 6 }],
    [1 + 4 * 7, 'query($n: Int) { told(limit: $n) { items { id } } }', {}],
    [12, '{ window(by: { size: 12 }) { id } }'],
    [8, 'query($by: Window) { window(by: $by) { id } }', { by: { size: 8 } }],
    [7, 'query($s: Int) { window(by: { size: $s }) { id } }', { s: 7 }],
    [15, '{ either(first: 5, last: 15) { id } }'],
    // Keys are answered in full; the dearest type that may answer counts.
    [500 * 7, 'query($r: [ID!]!) { keys(representations: $r) { id } }', { r: Array(500).fill('x') }],
    [7, '{ thing { id } }'],
    [7 + 10, '{ thing { id ... on Large { parts { id } } ... on Small { id } } }'],
    [2 * (7 + 10), '{ found { __typename ... on Large { parts { id } } } }'],
    [11, 'mutation { save { id } }'],
  ];
  for (const [expected, query, variables] of cases) {
    test(`${expected}: ${query}`, () => assert.equal(estimate(query, variables), expected));
  }

  test('counts what execution merges once', () => {
    assert.equal(estimate('{ small { id } small { id } ...F } fragment F on Query { small { id } ... on Query { small { id } } }'), 1);
    assert.equal(estimate('{ a: small { id } b: small { id } }'), 2);
  });

  test('gives up, with the code, on what takes too long to price', () => {
    const nest = (depth: number): string => (depth === 0 ? 'id' : `next { ${nest(depth - 1)} }`);
    assert.ok(estimate(`{ thing { ${nest(11)} } }`) > 0);
    assert.throws(
      () => price(`{ thing { ${nest(30)} } }`),
      (error: GraphQLError) => error.extensions.code === 'COST_LIMIT',
    );
  });
});

test('the actual cost counts what came', () => {
  const query = '{ told { items { id parts { id } } total } dear number thing { id ... on Large { parts { id } } } }';
  const data = {
    told: {
      items: [
        { id: '1', parts: [{ id: 'a' }, { id: 'b' }] },
        { id: '2', parts: [] },
      ],
      total: 2,
    },
    dear: 1,
    number: null,
    thing: { id: '3' },
  };
  assert.equal(price(query).actual(data), 1 + (7 + 2) + 7 + 5 + 1);
  assert.equal(price(query).actual(null), 0);
  assert.equal(price(query).actual({ told: null, dear: null, number: null, thing: null }), 0);
});

test('values are counted by lists and response names, aliases of scalars and `__typename` too', () => {
  const cases: [number, string, object?][] = [
    [2, '{ number __typename }'],
    [1 + 4 * 3, '{ told { items { id a: id } } }'],
    [1 + 100 * 4, 'query($n: Int = 3) { told(limit: $n) { items { id a: __typename b: id } } }', { n: 100 }],
    [1 + 3 * 4, 'query($n: Int = 3) { told(limit: $n) { items { id a: __typename b: id } } }'],
  ];
  for (const [expected, query, variables = {}] of cases) assert.equal(price(query).values({ ...variables }), expected, query);
});

test('a query takes room by its price, and by the values of its answer where they are far more', () => {
  const policy = createPolicy({ schema, limits: { ...defaultLimits, aliases: 50 }, introspection: true });
  const room = (aliases: number) => {
    const fields = Array.from({ length: aliases }, (_, index) => `a${index}: id`).join(' ');
    const admission = policy.admit({ query: `{ usual(first: 100) { nodes { ${fields} } } }` });
    assert.ok(admission.admitted);
    return [admission.estimate, admission.room];
  };
  assert.deepEqual(room(3), [101, 101]);
  assert.deepEqual(room(9), [101, 101]);
  assert.deepEqual(room(50), [101, (1 + 100 * 51) / 10]);
});
