import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeSupergraph } from '../../src/gateway/compose.ts';
import { startHiveGateway } from '../../src/gateway/hive.ts';
import { crm } from '../../src/gateway/neighbours/crm.ts';
import { startNeighbour } from '../../src/gateway/neighbours/subgraph.ts';
import {
  type AgentEvent,
  agentEvents,
  askAs,
  firstLook,
  startFederated,
  startSimulator,
  startSubgraph,
  subgraphSdl,
  vendorCalls,
} from './federated.ts';

const teams = ['Claims', 'Sales', 'Service'].map((name) => ({ name }));

const startGateway = async (context: TestContext, supergraph: string) => {
  const fetches: string[] = [];
  const gateway = await startHiveGateway({
    supergraph,
    streaming: 'tapegraph',
    onFetch: (subgraph) => fetches.push(subgraph),
  });
  context.after(gateway.close);
  return { url: gateway.url, fetches };
};

test('queries: one fetch to us per level, whichever side begins', async (context) => {
  const { supergraph, simulator } = await startFederated(context, { agents: 50, settings: { pollSeconds: 3600 } });
  const { url, fetches } = await startGateway(context, supergraph);

  const ours = await askAs('everything', url, '{ agents(first: 50) { nodes { externalId status team { name } } } }');
  assert.equal(ours.errors, undefined);
  assert.deepEqual(fetches, ['tapegraph', 'crm']);
  assert.equal((ours.data!.agents as { nodes: object[] }).nodes.length, 50);

  fetches.length = 0;
  const calls = await vendorCalls(simulator, async () => {
    const theirs = await askAs('everything', url, '{ teams { name agents { externalId status } } }');
    assert.equal(theirs.errors, undefined);
    const agents = (theirs.data!.teams as { agents: { status: string }[] }[]).flatMap((team) => team.agents);
    assert.deepEqual(new Set(agents.map(({ status }) => status)), new Set(['IDLE']));
    assert.equal(agents.length, 50);
  });
  assert.deepEqual(fetches, ['crm', 'tapegraph']);
  assert.deepEqual(calls, ['GET /api/Agent/GetAll']);
});

test('mutations reach the vendor, and problems come back as data', async (context) => {
  const { supergraph, simulator } = await startFederated(context);
  const { url, fetches } = await startGateway(context, supergraph);
  const start = (caller: 'everything' | 'reader') =>
    askAs(
      caller,
      url,
      `mutation ($input: StartBlackoutInput!) {
        startBlackout(input: $input) { __typename ... on BlackoutSuccess { blackout { agent { externalId team { name } } } } ... on Problem { code } }
      }`,
      { input: { agent: { key: { source: 'hq', identifier: 'ID', value: '4' } } } },
    );
  const first = await start('everything');
  assert.equal(first.errors, undefined);
  assert.equal((first.data!.startBlackout as { __typename: string }).__typename, 'BlackoutSuccess');
  assert.deepEqual(fetches, ['tapegraph', 'crm']);
  assert.ok(simulator.isMasked(4));
  assert.equal(((await start('everything')).data!.startBlackout as { code: string }).code, 'ALREADY_BLACKED_OUT');
  const refused = await start('reader');
  assert.equal((refused.data?.startBlackout as { code?: string } | null)?.code ?? refused.errors?.[0]?.extensions.code, 'FORBIDDEN');
});

test('a missing scope, and our outage, blank our fields and no neighbour\u2019s', async (context) => {
  const { supergraph, tapegraph } = await startFederated(context);
  const { url } = await startGateway(context, supergraph);
  const query = '{ agents { nodes { id } } source(name: "hq") { name } passMark teams { name } }';
  const scopeless = await askAs('outsider', url, query);
  assert.deepEqual(scopeless.data, { agents: null, source: { name: 'hq' }, passMark: 70, teams });
  assert.deepEqual(
    scopeless.errors?.map(({ extensions }) => extensions.code),
    ['FORBIDDEN'],
  );
  await tapegraph.close(1000);
  const { data, errors } = await askAs('everything', url, query);
  assert.deepEqual(data, { agents: null, source: null, passMark: 70, teams });
  assert.ok(errors!.length > 0);
});

test('a subscription goes from our WebSocket to SSE at the client, and lives through a restart of ours', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-'));
  const storeUrl = `sqlite:${folder}/tapegraph.db`;
  const simulator = await startSimulator(3);
  const neighbour = await startNeighbour(crm());
  let tapegraph = await startSubgraph(simulator, { pollSeconds: 0.1 }, 0, storeUrl);
  const { port } = new URL(tapegraph.url);
  const services = [{ name: 'tapegraph', url: `${tapegraph.url}/graphql`, sdl: subgraphSdl }, neighbour];
  const { url } = await startGateway(context, composeSupergraph(services));
  context.after(async () => {
    await neighbour.close();
    await tapegraph.close(1000);
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await firstLook(simulator);
  const events = agentEvents(url, 'subscription { agentChanged { snapshot agent { externalId status team { name } } } }');
  const until = async (isIt: (event: AgentEvent) => boolean): Promise<AgentEvent> => {
    for (;;) {
      const { value, done } = await events.next();
      assert.ok(!done, 'the stream must not end');
      assert.ok(value.agent.team.name);
      if (isIt(value)) return value;
    }
  };
  await until(({ agent, snapshot }) => snapshot && agent.externalId === '3');
  simulator.contactCenter.takeCall(simulator.agent(1));
  await until(({ agent, snapshot }) => !snapshot && agent.externalId === '1' && agent.status === 'ON_CALL');

  await tapegraph.close(1000);
  tapegraph = await startSubgraph(simulator, { pollSeconds: 0.1 }, Number(port), storeUrl);
  await until(({ agent, snapshot }) => snapshot && agent.externalId === '1' && agent.status === 'ON_CALL');
  simulator.contactCenter.takeCall(simulator.agent(2));
  await until(({ agent, snapshot }) => !snapshot && agent.externalId === '2' && agent.status === 'ON_CALL');
  await events.return(undefined);
});

test('attempts to reach our WebSocket end: one where we are away, one with a credential that is not good', async (context) => {
  const { supergraph, tapegraph } = await startFederated(context);
  const { url } = await startGateway(context, supergraph);
  const { port, hostname } = new URL(tapegraph.url);
  await tapegraph.close(1000);
  const recorder = await startSimulator(1);
  context.after(recorder.close);
  const again = await startSubgraph(recorder);
  context.after(() => again.close(1000));

  let connections = 0;
  let isAway = true;
  const between = createServer((socket) => {
    connections += 1;
    if (isAway) return socket.destroy();
    const server = connect(Number(new URL(again.url).port), hostname);
    for (const end of [socket, server]) end.on('error', () => undefined);
    socket.pipe(server).pipe(socket);
  }).listen(Number(port), hostname);
  context.after(() => between.close());
  await once(between, 'listening');

  for (const [authorization, away] of [
    ['Bearer everything', true],
    ['Bearer nobody', false],
  ] as const) {
    isAway = away;
    connections = 0;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify({ query: 'subscription { agentChanged { snapshot } }' }),
    });
    // Resolves at the end of the stream.
    assert.match(await response.text(), /"errors":\[/);
    assert.equal(connections, 1, authorization);
  }
});
