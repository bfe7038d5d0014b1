import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTapegraphClient, GraphQLAnswerError } from '../../src/client/client.ts';
import { runExample } from '../../src/client/example.ts';
import { AgentByReferenceDocument, AgentChangedDocument } from '../../src/client/generated/graphql.ts';
import { firstLook, startFederated, startSimulator, startSubgraph } from '../federation/federated.ts';
import { startDemo } from '../support/demo.ts';
import { testFolder } from '../support/test-folder.ts';

test('the example queries, controls and subscribes against the demo', async (context) => {
  const demo = await startDemo();
  context.after(demo.close);
  const client = createTapegraphClient({ url: `${demo.url}/graphql` });
  context.after(client.close);
  const said: string[] = [];
  await runExample({ client, source: 'hq', say: (line) => said.push(line) });
  assert.equal(said.filter((line) => / is [A-Z_]+$/.test(line)).length, 12);
  assert.ok(said.some((line) => line.startsWith('nothing of ')));
  assert.ok(said.includes('recording goes on'));
  assert.match(said.at(-1)!, / went from \w+ to \w+$/);
});

test('a refusal is thrown, with its code', async (context) => {
  const { tapegraph } = await startFederated(context, { agents: 1 });
  const client = createTapegraphClient({ url: `${tapegraph.url}/graphql`, key: 'outsider' });
  context.after(client.close);
  const ref = { key: { source: 'hq', identifier: 'ID', value: '1' } } as const;
  await assert.rejects(
    client.request(AgentByReferenceDocument, { ref }),
    (error: unknown) => error instanceof GraphQLAnswerError && error.errors[0]?.extensions?.code === 'FORBIDDEN',
  );
  await assert.rejects(client.subscribe(AgentChangedDocument, {}).next());
  const stranger = createTapegraphClient({ url: `${tapegraph.url}/graphql`, key: 'stranger' });
  context.after(stranger.close);
  await assert.rejects(stranger.subscribe(AgentChangedDocument, {}).next());
});

test('a stream goes on behind the last event when the server has been away', async (context) => {
  const simulator = await startSimulator(3);
  context.after(simulator.close);
  const folder = testFolder(context);
  const storeUrl = `sqlite:${folder}/tapegraph.db`;
  let tapegraph = await startSubgraph(simulator, { pollSeconds: 0.1 }, 0, storeUrl);
  context.after(() => tapegraph.close(1000));
  await firstLook(simulator);
  const client = createTapegraphClient({ url: `${tapegraph.url}/graphql`, key: 'everything' });
  context.after(client.close);
  const events = client.subscribe(AgentChangedDocument, {});
  const next = async () => (await events.next()).value!.agentChanged;
  const seen = new Set<string>();
  while (seen.size < 3) {
    const { snapshot, agent } = await next();
    assert.ok(snapshot);
    seen.add(agent.externalId);
  }
  simulator.contactCenter.takeCall(simulator.agent(1));
  let event = await next();
  while (event.snapshot || event.agent.status !== 'ON_CALL') event = await next();

  await tapegraph.close(1000);
  simulator.contactCenter.takeCall(simulator.agent(2));
  tapegraph = await startSubgraph(simulator, { pollSeconds: 0.1 }, Number(new URL(tapegraph.url).port), storeUrl);
  event = await next();
  assert.ok(!event.snapshot && !event.gap, 'it resumes without a snapshot or a gap');
  while (event.agent.externalId !== '2') event = await next();
  assert.equal(event.agent.status, 'ON_CALL');
  await events.return();
});
