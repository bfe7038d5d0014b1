import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { type Caller, credential, startFederated, vendorCalls } from '../../federation/federated.ts';

interface PlanNode {
  kind: string;
  serviceName?: string;
  node?: PlanNode;
  nodes?: PlanNode[];
}

/** The services that a plan fetches from, in order. */
const fetchesOf = ({ kind, serviceName, node, nodes = [] }: PlanNode): string[] =>
  kind === 'Fetch' ? [serviceName!] : [...(node ? [node] : []), ...nodes].flatMap(fetchesOf);

/** Apollo's gateway in this process; it leaves scopes to the subgraphs, and says so by refusing a supergraph that asks it to hold them. */
const startGateway = async (context: TestContext, supergraph: string) => {
  let planned: string[] = [];
  const sent: string[] = [];
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph.replaceAll(', for: SECURITY', ''),
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource<{ caller: Caller }>({
        url: url!,
        willSendRequest: ({ request, context: { caller } }) => {
          sent.push(name);
          if (caller) request.http?.headers.set('authorization', credential(caller).authorization);
        },
      }),
    experimental_didResolveQueryPlan: ({ queryPlan }) => {
      planned = queryPlan.node ? fetchesOf(queryPlan.node as PlanNode) : [];
    },
  });
  const server = new ApolloServer<{ caller: Caller }>({ gateway, stopOnTerminationSignals: false });
  await server.start();
  context.after(() => server.stop());
  return async (query: string, variables: Record<string, unknown> = {}, caller: Caller = 'everything') => {
    sent.length = 0;
    const { body } = await server.executeOperation({ query, variables }, { contextValue: { caller } });
    assert.equal(body.kind, 'single');
    const { data, errors } = (body as Extract<typeof body, { kind: 'single' }>).singleResult;
    return { data: data as Record<string, unknown>, errors, planned, sent: [...sent] };
  };
};

test('a page of ours with fields of both neighbours is one fetch to each subgraph', async (context) => {
  const { supergraph, simulator } = await startFederated(context, { settings: { pollSeconds: 0.1 } });
  for (const id of [1, 2, 3]) simulator.contactCenter.takeCall(simulator.agent(id));
  const ask = await startGateway(context, supergraph);
  const { data, errors, planned, sent } = await ask(`{
    agents { nodes { externalId team { name } activeCall { caller customer { name } recordings { kind score } } } }
  }`);
  assert.equal(errors, undefined);
  assert.deepEqual(planned.sort(), ['crm', 'crm', 'quality', 'tapegraph']);
  assert.deepEqual(sent.sort(), planned);
  const nodes = (data.agents as { nodes: Record<string, unknown>[] }).nodes;
  assert.equal(nodes.length, 12);
  assert.ok(nodes.every(({ team }) => (team as { name: string }).name));
  const calls = nodes.flatMap(({ activeCall }) => (activeCall ? [activeCall as { customer: { name: string }; recordings: object[] }] : []));
  assert.equal(calls.length, 3);
  assert.ok(calls.every(({ customer, recordings }) => customer.name && recordings.every((recording) => 'score' in recording)));
});

test('agents that a neighbour lists by vendor id are one fetch to us and one vendor call', async (context) => {
  const { supergraph, simulator } = await startFederated(context, { agents: 50 });
  const ask = await startGateway(context, supergraph);
  const calls = await vendorCalls(simulator, async () => {
    const { data, errors, planned, sent } = await ask('{ teams { name agents { externalId status phone } } }');
    assert.equal(errors, undefined);
    assert.deepEqual(planned, ['crm', 'tapegraph']);
    assert.deepEqual(sent, planned);
    const agents = (data.teams as { agents: { status: string }[] }[]).flatMap((team) => team.agents);
    assert.equal(agents.length, 50);
    assert.ok(agents.every(({ status }) => status === 'IDLE'));
  });
  assert.deepEqual(calls, ['GET /api/Agent/GetAll']);
});

test('mutations are one fetch to us, and what they answer is extended by the neighbours', async (context) => {
  const { supergraph, simulator } = await startFederated(context);
  simulator.contactCenter.takeCall(simulator.agent(4));
  const ask = await startGateway(context, supergraph);
  const { data, errors, planned, sent } = await ask(
    `mutation ($input: StartBlackoutInput!) {
      startBlackout(input: $input) { __typename ... on BlackoutSuccess { blackout { state agent { externalId team { name } } } } ... on Problem { code message } }
    }`,
    { input: { agent: { key: { source: 'hq', identifier: 'ID', value: '4' } } } },
  );
  assert.equal(errors, undefined);
  assert.deepEqual(planned, ['tapegraph', 'crm']);
  assert.deepEqual(sent, planned);
  const { __typename, blackout } = data.startBlackout as { __typename: string; blackout: { agent: { team: { name: string } } } };
  assert.equal(__typename, 'BlackoutSuccess');
  assert.ok(blackout.agent.team.name);
  assert.ok(simulator.isMasked(4));
});

test('what a caller may not see stays unseen behind a gateway', async (context) => {
  const { supergraph, simulator } = await startFederated(context, { settings: { pollSeconds: 0.1 } });
  simulator.contactCenter.takeCall(simulator.agent(1));
  const ask = await startGateway(context, supergraph);
  const callOf = async (caller: Caller) => {
    const { data } = await ask('{ agents { nodes { activeCall { caller customer { name } } } } }', {}, caller);
    const { nodes } = data.agents as { nodes: { activeCall: { caller: string; customer: object | null } | null }[] };
    return nodes.find(({ activeCall }) => activeCall !== null)!.activeCall!;
  };
  assert.notEqual((await callOf('everything')).customer, null);
  const masked = await callOf('reader');
  assert.match(masked.caller, /^•••/);
  assert.equal(masked.customer, null);

  const refused = await ask('{ agents { nodes { id } } }', {}, 'outsider');
  assert.equal(refused.data?.agents ?? null, null);
  assert.equal(refused.errors?.[0]?.extensions?.code, 'FORBIDDEN');
});

test('a missing scope, and our outage, blank our fields and no neighbour\u2019s', async (context) => {
  const { supergraph, tapegraph } = await startFederated(context);
  const ask = await startGateway(context, supergraph);
  const query = '{ agents { nodes { id } } passMark teams { name } }';
  const expected = { agents: null, passMark: 70, teams: ['Claims', 'Sales', 'Service'].map((name) => ({ name })) };
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const scopeless = await ask(query, {}, 'outsider');
  assert.deepEqual(plain(scopeless.data), expected);
  assert.deepEqual(
    scopeless.errors?.map(({ extensions }) => extensions?.code),
    ['FORBIDDEN'],
  );
  await tapegraph.close(1000);
  const { data, errors } = await ask(query);
  assert.deepEqual(plain(data), expected);
  assert.ok(errors!.length > 0);
});
