import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomIds, systemClock } from '../../src/clock.ts';
import { createExecution } from '../../src/graphql/execution.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createListLog, createTicks, fixtureSchema, principalOf } from '../support/graphql-server.ts';

const schema = fixtureSchema(createTicks());
const create = (compiled: boolean) =>
  createExecution({
    schema,
    limits: defaultLimits,
    introspection: true,
    compiled,
    createContext: (principal) => ({ principal, executed: { ticks: 0 } }),
    clock: systemClock,
    log: createListLog(),
  });
const caller = { principal: principalOf(), correlationId: randomIds.next() };

const cases: [string, Record<string, unknown>?][] = [
  ['{ hello }'],
  ['{ a: hello(name: "x") b: hello __typename }'],
  ['query($n: String) { hello(name: $n) }', { n: 'you' }],
  ['query($n: String) { hello(name: $n) }', {}],
  ['query($n: String = "d") { hello(name: $n) }'],
  ['query($n: String) { hello(name: $n) }', { n: null }],
  ['query($n: String!) { hello(name: $n) }', {}],
  ['query($n: String!) { hello(name: $n) }', { n: 7 }],
  ['query($n: Int) { people(first: $n) { nodes { id } } }', { n: 'many' }],
  [
    'query($i: ID!) { person(id: $i) { id name mood boss { id } friends(first: 2) { nodes { id ...F } totalCount } } } fragment F on Person { mood }',
    { i: '4' },
  ],
  ['{ person(id: 0) { id } }'],
  ['{ node(id: 3) { __typename id ... on Person { name } } }'],
  ['mutation { save(name: "x") { __typename ... on Person { name } ... on Problem { code } } }'],
  ['{ broken expected hello }'],
  ['{ nonNull }'],
  ['query($s: Boolean!) { hello @skip(if: $s) person(id: 1) { id @include(if: $s) name } }', { s: true }],
  ['query($s: Boolean!) { hello @skip(if: $s) ...Q @include(if: $s) } fragment Q on Query { b: hello }', { s: false }],
  ['{ __schema { queryType { name } } __type(name: "Mood") { enumValues { name } } }'],
  ['query($r: [_Any!]!) { _entities(representations: $r) { __typename } }', { r: [{ __typename: 'Person', id: '1' }] }],
];

describe('compiled operations answer as interpreted ones do', () => {
  for (const [query, variables] of cases) {
    test(`${query.slice(0, 70)} ${JSON.stringify(variables ?? {})}`, async () => {
      const answers = [];
      for (const execution of [create(false), create(true)]) {
        let last: unknown;
        // Often enough to be compiled.
        for (let n = 0; n < 5; n += 1) {
          const admission = execution.admit({ query, variables: variables ?? null });
          assert.ok(admission.admitted, JSON.stringify(admission));
          last = JSON.parse(JSON.stringify(await execution.execute(admission, caller)));
        }
        answers.push(last);
      }
      assert.deepEqual(answers[1], answers[0]);
    });
  }
});
