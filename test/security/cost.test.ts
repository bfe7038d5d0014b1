/** Tests that the documentation's queries are well within the cost limit; lists within lists multiply. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'schema/operations');
const readme = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)].map(
  ([, text]) => ['README', text!] as const,
);
/** All but the queries to a gateway, which have its neighbours' fields too. */
const documented = [
  ...readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const),
  ...readme.filter(([, text]) => !text.includes('customer')),
];

it('every documented operation is admitted, at less than half of the limit', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  assert.ok(documented.length > 15);
  for (const [name, query] of documented) {
    const admission = policy.admit({ query });
    assert.ok(admission.admitted, `${name}: ${admission.admitted ? '' : admission.errors.map(({ message }) => message).join(' ')}`);
    assert.ok(admission.estimate < defaultLimits.cost / 2, `${name} costs ${admission.estimate}`);
  }
});

it('pages within pages cost their product, and too many are refused', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const cost = (outer: number, inner: number) => {
    const admission = policy.admit({ query: `{ agents(first: ${outer}) { nodes { recordings(first: ${inner}) { nodes { id } } } } }` });
    return admission.admitted ? admission.estimate : admission.errors[0]!.extensions.code;
  };
  assert.equal(Number(cost(10, 40)) - Number(cost(10, 20)), 10 * 20);
  assert.equal(Number(cost(20, 20)) - Number(cost(10, 20)), Number(cost(10, 20)) - 1);
  assert.equal(cost(100, 100), 'COST_LIMIT');
});

it('the largest page of agents with all that a wallboard shows of them is admitted', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const call = `id externalId state direction caller called queue startedAt metadata { key value } legs { endpoint agent { id } }
    recordings { id state kind startedAt }`;
  const query = `{ agents(first: ${defaultLimits.pageSize}) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id name status phone source { name } devices { phone } activeCall { ${call} } inactiveCalls { ${call} } blackout { id state deadline }
      recordings(first: 5) { nodes { id state } } }
    sourceErrors { source { name } problem { code message } }
  } }`;
  const admission = policy.admit({ query });
  assert.ok(admission.admitted, admission.admitted ? '' : admission.errors.map(({ message }) => message).join(' '));
});

it('counts, variables by their defaults, and entities are priced', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const priceOf = (query: string, variables = {}) => {
    const admission = policy.admit({ query, variables });
    return admission.admitted ? admission.estimate : admission.errors[0]!.extensions.code;
  };
  const page = (fields: string) => Number(priceOf(`{ recordings(first: 1) { ${fields} } }`));
  assert.equal(page('totalCount nodes { id }') - page('nodes { id }'), 10);
  const byDefault = 'query($n: Int = 100) { agents(first: $n) { nodes { calls(first: $n) { nodes { id } } } } }';
  assert.equal(priceOf(byDefault), 'COST_LIMIT');
  assert.ok(Number(priceOf(byDefault, { n: 2 })) < 20);
  const entities = 'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
  const representations = (count: number) => ({ r: Array(count).fill({ __typename: 'Agent', id: 'x' }) });
  assert.equal(priceOf(entities, representations(1000)), 1000);
  assert.equal(priceOf(entities, representations(1001)), 'LIST_LIMIT');
  const sources = (count: number) => ({ s: Array(count).fill('hq') });
  const filtered = 'query($s: [String!]) { agents(filter: { sources: $s }) { nodes { id } } }';
  assert.equal(typeof priceOf(filtered, sources(100)), 'number');
  assert.equal(priceOf(filtered, sources(101)), 'LIST_LIMIT');
  assert.equal(priceOf(`{ agents(filter: { sources: ${JSON.stringify(sources(101).s)} }) { nodes { id } } }`), 'LIST_LIMIT');
  assert.equal(
    priceOf(`query($s: [String!] = ${JSON.stringify(sources(101).s)}) { agents(filter: { sources: $s }) { nodes { id } } }`),
    'LIST_LIMIT',
  );
});

it('a refusal names what costs most, and entity fetches have a limit of their own', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const refusalOf = (query: string, variables = {}) => {
    const admission = policy.admit({ query, variables });
    return admission.admitted ? admission.estimate : admission.errors[0]!.message;
  };
  const recordings = 'recordings(first: 15) { nodes { id } }';
  assert.equal(
    refusalOf(`{ agents(first: 100) { nodes { id ${recordings} calls(first: 100) { nodes { id } } } } sources { name } }`),
    "The operation's estimated cost is 11811; the limit is 5000. agents.nodes.calls.nodes.id costs most. Request smaller pages or fewer levels.",
  );
  const representations = (count: number) => ({ r: Array(count).fill({ __typename: 'Agent', id: 'x' }) });
  const entities = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Agent { ${recordings} } } }`;
  assert.equal(refusalOf(entities, representations(500)), 8500);
  assert.match(String(refusalOf(entities, representations(1000 * 2))), /1000/);
  assert.match(
    String(refusalOf(entities.replace('first: 15', 'first: 100'), representations(500))),
    /^The operation's estimated cost is \d+; the limit is 20000\. _entities\.recordings\.nodes\.id costs most\./,
  );
  const together = `query($r: [_Any!]!) { agents(first: 100) { nodes { calls(first: 100) { nodes { id } } } } _entities(representations: $r) { __typename } }`;
  assert.match(String(refusalOf(together, representations(1))), /the limit is 5000/);
});
