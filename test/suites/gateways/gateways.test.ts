/** Gateways and composers of other makes, on the configurations of src/docs/federation.md, before the real server and two neighbours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { buildSchema, GraphQLObjectType } from 'graphql';
import { servicesOf } from '../../../src/gateway/compose.ts';
import { type Answer, agentEvents, askAs, type Caller, credential, startFederated, subgraphSdl } from '../../federation/federated.ts';
import { connectSocket } from '../../support/socket-client.ts';
import { installSuite } from '../installed-suite.ts';
import {
  composeByMesh,
  composeByWgc,
  createFolder,
  hasGrafbase,
  makeUnscoped,
  type ServedGateway,
  startGrafbase,
  startHive,
  typeFaults,
} from './programs.ts';

let installed: string;
before(
  async () => {
    installed = await installSuite('gateways');
  },
  { timeout: 600_000 },
);

test('wgc composes the documented graph, alone and with two neighbours', async (context) => {
  const all = servicesOf(subgraphSdl);
  for (const services of [all.slice(0, 1), all]) {
    const path = await composeByWgc(installed, createFolder(context, installed, services), services);
    const { engineConfig } = JSON.parse(readFileSync(path, 'utf8'));
    assert.equal(engineConfig.datasourceConfigurations.length, services.length);
    const { subscription } = engineConfig.datasourceConfigurations[0].customGraphql;
    assert.deepEqual(
      [subscription.enabled, subscription.protocol, subscription.websocketSubprotocol],
      [true, 'GRAPHQL_SUBSCRIPTION_PROTOCOL_WS', 'GRAPHQL_WEBSOCKET_SUBPROTOCOL_TRANSPORT_WS'],
    );
  }
});

test("wgc composes the documented copy of the schema without scopes, so that Cosmo's router enforces none", async (context) => {
  const services = servicesOf(subgraphSdl).slice(0, 1);
  const folder = createFolder(context, installed, services);
  makeUnscoped(folder);
  const { engineConfig } = JSON.parse(
    readFileSync(await composeByWgc(installed, folder, services, 'schema/without-scopes.graphql'), 'utf8'),
  );
  assert.ok(engineConfig.fieldConfigurations.length > 0);
  assert.deepEqual(
    engineConfig.fieldConfigurations.filter((field: object) => 'authorizationConfiguration' in field),
    [],
  );
});

test('the documented TypeScript configurations are of the types of their programs', (context) => {
  const folder = createFolder(context, installed, servicesOf(subgraphSdl).slice(0, 1));
  for (const file of ['gateway.config.ts', 'mesh.config.ts']) assert.equal(typeFaults(folder, file), '');
});

test('mesh-compose composes the documented graph, alone and with two neighbours', async (context) => {
  const all = servicesOf(subgraphSdl);
  for (const services of [all.slice(0, 1), all]) {
    const path = await composeByMesh(installed, createFolder(context, installed, services), services);
    const agent = buildSchema(readFileSync(path, 'utf8'), { assumeValid: true }).getType('Agent');
    assert.ok(agent instanceof GraphQLObjectType);
    const fields = Object.keys(agent.getFields());
    assert.deepEqual([fields.includes('status'), fields.includes('team')], [true, services.length > 1]);
  }
});

const startOfTeams = '{ teams { name agents { externalId status } } }';
const subscription = 'subscription { agentChanged { snapshot agent { externalId status team { name agents { status } } } } }';

type Federated = Awaited<ReturnType<typeof startFederated>>;

/** Holds a gateway to what any gateway must do with our subgraph. */
const holdGateway = async (
  context: TestContext,
  start: (test: TestContext, installed: string, services: Federated['services']) => Promise<ServedGateway>,
): Promise<void> => {
  const { simulator, tapegraph, services } = await startFederated(context, { settings: { pollSeconds: 0.1 } });
  const { url, socketUrl, socketHeaders } = await start(context, installed, services);
  const ask = (query: string, variables: object = {}, caller: Caller = 'everything'): Promise<Answer> =>
    askAs(caller, url, query, variables);

  await context.test('a query of ours takes a field of a neighbour', async () => {
    const { data, errors } = await ask('{ agents { nodes { externalId status team { name } } } }');
    assert.equal(errors, undefined);
    const { nodes } = data!.agents as { nodes: { status: string; team: { name: string } }[] };
    assert.equal(nodes.length, 12);
    assert.ok(nodes.every(({ team }) => team.name));
  });

  await context.test('a query of a neighbour takes entities of ours, by the vendor\u2019s ids', async () => {
    const { data, errors } = await ask(startOfTeams);
    assert.equal(errors, undefined);
    const agents = (data!.teams as { agents: { externalId: string; status: string }[] }[]).flatMap((team) => team.agents);
    assert.equal(agents.length, 12);
    assert.ok(agents.every(({ status }) => status === 'IDLE'));
  });

  await context.test('a mutation reaches the recorder', async () => {
    simulator.contactCenter.takeCall(simulator.agent(4));
    const { data, errors } = await ask(
      `mutation ($input: StartBlackoutInput!) {
        startBlackout(input: $input) { __typename ... on BlackoutSuccess { blackout { agent { externalId team { name } } } } }
      }`,
      { input: { agent: { key: { source: 'hq', identifier: 'ID', value: '4' } } } },
    );
    assert.equal(errors, undefined);
    const { __typename, blackout } = data!.startBlackout as { __typename: string; blackout: { agent: { team: { name: string } } } };
    assert.equal(__typename, 'BlackoutSuccess');
    assert.ok(blackout.agent.team.name);
    assert.ok(simulator.isMasked(4));
  });

  await context.test('a subscription reaches a client of server-sent events, with fields of a neighbour and of ours again', async () => {
    const events = agentEvents(url, subscription);
    const statuses = new Set<string>();
    while (statuses.size < 12) statuses.add((await events.next()).value!.agent.externalId);
    simulator.contactCenter.takeCall(simulator.agent(1));
    for await (const { snapshot, agent } of events) if (!snapshot && agent.externalId === '1' && agent.status === 'ON_CALL') break;
  });

  for (const spelling of ['authorization', 'Authorization'])
    await context.test(`a subscription reaches a client of graphql-transport-ws that names ${spelling} in connection_init`, async () => {
      const client = await connectSocket(socketUrl, { headers: socketHeaders });
      await client.init({ [spelling]: credential('everything').authorization });
      client.subscribe('1', subscription);
      const { type, payload } = await client.next();
      client.socket.terminate();
      assert.equal(type, 'next', JSON.stringify(payload));
      const { data, errors } = payload as { data: { agentChanged: { agent: { team: { agents: object[] } } } }; errors?: object[] };
      assert.equal(errors, undefined);
      assert.equal(data.agentChanged.agent.team.agents.length, 4);
    });

  await context.test('a credential that is not good ends the stream of a client of graphql-transport-ws', async () => {
    const client = await connectSocket(socketUrl);
    await client.init({ authorization: 'Bearer nobody' });
    client.subscribe('1', subscription);
    const { type, payload } = await client.next();
    client.socket.terminate();
    assert.ok(type === 'error' || (type === 'next' && (payload as { errors?: object[] }).errors), JSON.stringify({ type, payload }));
  });

  await context.test('a missing scope blanks our field and no neighbour\u2019s', async () => {
    const { data, errors } = await ask('{ agents { nodes { id } } passMark teams { name } }', {}, 'outsider');
    assert.equal(data?.agents, null);
    assert.equal(data.passMark, 70);
    assert.equal((data.teams as object[]).length, 3);
    assert.ok(errors!.length > 0);
  });

  await context.test('our outage blanks our fields and no neighbour\u2019s', async () => {
    await tapegraph.close(1000);
    const { data, errors } = await ask('{ agents { nodes { id } } passMark teams { name } }');
    assert.equal(data?.agents, null);
    assert.equal(data.passMark, 70);
    assert.equal((data.teams as object[]).length, 3);
    assert.ok(errors!.length > 0);
  });
};

test("Hive's gateway", { timeout: 120_000 }, (context) => holdGateway(context, startHive));

test("Grafbase's gateway", { timeout: 120_000 }, async (context) => {
  if (!hasGrafbase(installed)) {
    context.diagnostic(`Grafbase's gateway is not tested: the suite has no binary for ${process.platform} on ${process.arch}.`);
    return context.skip('no binary for this machine');
  }
  await holdGateway(context, startGrafbase);
});
