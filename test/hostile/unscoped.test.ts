/** Tests that a caller without the scope of a type is not told which of its rows there are, by any key or field, and that refusals cost little. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphQLError } from 'graphql';
import { type Scope, scopes } from '../../src/domain/model/enums.ts';
import type { GraphContext } from '../../src/graphql/context.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { typeScopeCheck } from '../../src/graphql/scopes.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { sha256 } from '../support/sha256.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

const nodeId = (text: string) => Buffer.from(text).toString('base64url');
const idOf = (globalId: string) => Buffer.from(globalId, 'base64url').toString();

/** The scope that reads each type. */
const types: Readonly<Record<string, Scope>> = {
  Agent: 'agents:read',
  Call: 'agents:read',
  Blackout: 'agents:read',
  Recording: 'recordings:read',
};

/** Every way to name one row, given its global id. */
const waysTo = (id: string): Readonly<Record<string, readonly [query: string, variables: Record<string, unknown>]>> => {
  const [, source, externalId] = /^\w+:([^:]*):?(.*)$/s.exec(idOf(id))!;
  const type = idOf(id).split(':')[0]!;
  const entity = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
  return {
    node: ['query ($id: ID!) { node(id: $id) { __typename id } }', { id }],
    'two nodes': ['query ($id: ID!) { node(id: $id) { __typename } b: node(id: $id) { id } }', { id }],
    'entity by id': [entity, { of: [{ __typename: type, id }] }],
    'entity by its vendor’s id': [entity, { of: [{ __typename: type, sourceName: source, externalId }] }],
    'its own field': [
      type === 'Agent'
        ? 'query ($id: ID!) { agent(ref: { id: $id }) { id } }'
        : `query ($id: ID!) { ${type.toLowerCase()}(id: $id) { id } }`,
      { id },
    ],
  };
};

test('without the scope of a type, a row that is there is answered like one that is not', async (t) => {
  const simulator = await startRecorder(t, { agents: [sampleAgent()] });
  const keys = {
    all: [...scopes],
    none: [],
    ...Object.fromEntries(scopes.map((without) => [`no ${without}`, scopes.filter((scope) => scope !== without)])),
  };
  const apiKeys = Object.entries(keys).map(([name, granted]) => ({ name, keySha256: sha256(name), scopes: granted }));
  const server = await startServer(t, [blockOf(simulator)], { auth: { mode: 'apiKeys', apiKeys } });
  const ask = (name: string, query: string, variables: Record<string, unknown> = {}) =>
    server.ask(query, variables, { authorization: `Bearer ${name}` });
  await ask('all', 'mutation { startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) { __typename } }');
  const { data } = await ask(
    'all',
    '{ agents { nodes { id } } calls { nodes { id } } recordings { nodes { id } } blackouts { nodes { id } } }',
  );
  const there = Object.values(data as Record<string, { nodes: { id: string }[] }>).map(({ nodes }) => nodes[0]!.id);
  assert.deepEqual(there.map((id) => idOf(id).split(':')[0]).sort(), Object.keys(types).sort());
  for (const id of there) {
    const type = idOf(id).split(':')[0]!;
    const nowhere = nodeId(type === 'Blackout' ? 'Blackout:none' : `${type}:hq:none`);
    for (const name of ['none', `no ${types[type]}`]) {
      for (const [way, [query, variables]] of Object.entries(waysTo(id))) {
        const answers = [await ask(name, query, variables), await ask(name, ...waysTo(nowhere)[way]!)];
        const [known, unknown] = answers.map(({ data: shown, errors }) => [shown, errors?.map(({ message, path }) => [message, path])]);
        assert.deepEqual(known, unknown, `${type} by ${way} without its scope`);
      }
    }
  }
});

test('one error stands for all rows of an operation that are refused', async () => {
  const check = typeScopeCheck(await createSchema(vendorModules), 'Recording');
  const contextOf = (correlationId: string) =>
    ({ principal: { name: 'x', scopes: new Set<Scope>() }, correlationId }) as unknown as GraphContext;
  const refusedIn = (context: GraphContext): unknown => {
    try {
      return check(context);
    } catch (error) {
      return error;
    }
  };
  const [one, other] = [contextOf('one'), contextOf('other')];
  const errors = Array.from({ length: 1000 }, () => refusedIn(one));
  assert.equal(new Set(errors).size, 1);
  assert.ok(errors[0] instanceof GraphQLError);
  assert.equal((errors[0] as GraphQLError).extensions.correlationId, 'one');
  assert.equal((refusedIn(other) as GraphQLError).extensions.correlationId, 'other');
});
