/** An operation that comes often is compiled; its answers stay the same, whatever union or interface they are of. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { startPair } from '../support/tapegraph.ts';

it('unions and interfaces are distinguished the fifth time as the first', async (test) => {
  const { ask } = await startPair(test, { agents: [sampleAgent()] }, { maxStalenessSeconds: 60 });
  const ref = '{ key: { source: "hq", identifier: ID, value: "2" } }';
  const { data } = await ask(`{ source(name: "hq") { id } agent(ref: ${ref}) { id activeCall { id } recordings { nodes { id } } } }`);
  const ids = [data.source.id, data.agent.id, data.agent.activeCall.id, data.agent.recordings.nodes[0].id];
  const media = `{ agent(ref: ${ref}) { recordings { nodes { media { ... on RecordingMedia { url } ... on Problem { code } } } } } }`;
  const node =
    'query ($id: ID!) { node(id: $id) { id ... on RecordingSource { name } ... on Agent { phone } ... on Call { called } ... on Recording { kind } } }';
  const entities =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on RecordingSource { name } ... on Agent { phone } } }';
  const representations = [
    { __typename: 'Agent', id: ids[1] },
    { __typename: 'RecordingSource', name: 'hq' },
    { __typename: 'Agent', sourceName: 'hq', externalId: '2' },
  ];
  const update = `mutation { updateRecording(input: { agent: ${ref}, metadata: [{ key: "user1", value: "x" }] }) { ... on ControlSuccess { command { operation } } ... on Problem { code } } }`;
  const refused = `mutation { signInAgent(input: { agent: ${ref} }) { ... on ControlSuccess { replayed } ... on Problem { code } } }`;
  const blackout = `mutation { stopBlackout(input: { agent: ${ref} }) { ... on BlackoutSuccess { replayed } ... on Problem { code } } }`;
  const counts =
    '{ agents { totalCount } calls { totalCount } recordings { totalCount } blackouts { totalCount } source(name: "hq") { agents { totalCount } } }';
  const all = async () => ({
    counts: await ask(counts),
    media: await ask(media),
    nodes: await Promise.all(ids.map((id) => ask(node, { id }))),
    entities: await ask(entities, { representations }),
    update: await ask(update),
    refused: await ask(refused),
    blackout: await ask(blackout),
  });
  const first = await all();
  assert.deepEqual(first.counts.data.agents, { totalCount: 1 });
  assert.deepEqual(first.update.data.updateRecording, { command: { operation: 'UPDATE_RECORDING' } });
  assert.deepEqual(first.refused.data.signInAgent, { code: 'UNSUPPORTED' });
  assert.deepEqual(first.blackout.data.stopBlackout, { code: 'NOT_BLACKED_OUT' });
  assert.deepEqual(first.entities.data._entities, [{ phone: '5003' }, { name: 'hq' }, { phone: '5003' }]);
  assert.deepEqual(
    first.nodes.map(({ data: { node } }) => Object.keys(node)[1]),
    ['name', 'phone', 'called', 'kind'],
  );
  assert.equal(first.media.data.agent.recordings.nodes[0].media.code, 'UNSUPPORTED');
  for (let time = 2; time <= 5; time += 1) assert.deepEqual(await all(), first, `time ${time}`);
});
