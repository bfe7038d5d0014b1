import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askAs, startFederated, vendorCalls } from './federated.ts';

const agentsQuery = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Agent { id sourceName externalId phone status } }
}`;

const byVendorId = (externalId: string, sourceName = 'hq') => ({ __typename: 'Agent', sourceName, externalId });

for (const count of [50, 500]) {
  test(`${count} agents of one Uptivity source cost one vendor call`, async (context) => {
    const { simulator, tapegraph } = await startFederated(context, { agents: count });
    const representations = Array.from({ length: count }, (_, place) => byVendorId(String(place + 1)));
    let entities: { externalId: string }[] = [];
    const calls = await vendorCalls(simulator, async () => {
      const { data, errors } = await askAs('everything', `${tapegraph.url}/graphql`, agentsQuery, { representations });
      assert.equal(errors, undefined);
      entities = data!._entities as typeof entities;
    });
    assert.deepEqual(calls, ['GET /api/Agent/GetAll']);
    assert.deepEqual(
      entities.map(({ externalId }) => externalId),
      representations.map(({ externalId }) => externalId),
    );
  });
}

test('every key finds its entity, and null stands for the unknown', async (context) => {
  const { simulator, tapegraph } = await startFederated(context, { agents: 3, settings: { pollSeconds: 0.1 } });
  const ask = (query: string, variables: object = {}) => askAs('everything', `${tapegraph.url}/graphql`, query, variables);
  simulator.contactCenter.takeCall(simulator.agent(2));
  const seen = await ask(`{
    source(name: "hq") { __typename id name }
    agents { nodes { __typename id sourceName externalId activeCall { __typename id sourceName externalId recordings { __typename id sourceName externalId } } } }
  }`);
  const { source, agents } = seen.data as never as Record<string, Record<string, string> & { nodes: Record<string, never>[] }>;
  const agent = agents!.nodes.find(({ externalId }) => externalId === '2') as never as Record<string, string> & {
    activeCall: Record<string, string> & { recordings: Record<string, string>[] };
  };
  const rows = [agent, agent.activeCall, agent.activeCall.recordings[0]!];
  const representations: object[] = [
    ...rows.flatMap(({ __typename, id, sourceName, externalId }) => [
      { __typename, id },
      { __typename, sourceName, externalId },
    ]),
    { __typename: 'RecordingSource', id: source!.id },
    { __typename: 'RecordingSource', name: 'hq' },
  ];
  const known = [...rows.flatMap((row) => [row.id, row.id]), source!.id, source!.id];
  const unknown = [
    byVendorId('404'),
    byVendorId('1', 'elsewhere'),
    { __typename: 'Agent', id: 'bm90IGFuIGlk' },
    { __typename: 'Agent', id: agent.activeCall.id },
    { __typename: 'Call', sourceName: 'hq', externalId: 'never' },
    { __typename: 'Recording', sourceName: 'hq', externalId: 'never' },
    { __typename: 'RecordingSource', name: 'elsewhere' },
    { __typename: 'Blackout', id: 'QmxhY2tvdXQ6bmV2ZXI' },
    { __typename: 'ControlCommand', id: 'Q29udHJvbENvbW1hbmQ6bmV2ZXI' },
  ];
  const { data, errors } = await ask(
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Node { id } } }',
    { representations: [...representations, ...unknown] },
  );
  assert.equal(errors, undefined);
  const ids = (data!._entities as ({ id: string } | null)[]).map((entity) => entity?.id ?? null);
  assert.deepEqual(ids, [...known, ...unknown.map(() => null)]);
});

test('a key that is a number counts as its text, and one that can be no text is null', async (context) => {
  const { tapegraph } = await startFederated(context, { agents: 2 });
  const texts = [1, '1', true, false, { name: '1' }, ['1'], [1], null, undefined, '', 1.5, -1];
  for (const __typename of ['Agent', 'Call', 'Recording', 'RecordingSource']) {
    const representations = texts.flatMap((text) => [
      { __typename, sourceName: 'hq', externalId: text, name: text },
      { __typename, sourceName: text, externalId: '1', name: text },
      { __typename, id: text },
    ]);
    const { data, errors } = await askAs('everything', `${tapegraph.url}/graphql`, agentsQuery, { representations });
    assert.equal(errors, undefined, __typename);
    const found = (data!._entities as ({ externalId: string } | null)[]).flatMap((entity, place) =>
      entity === null ? [] : [[place, entity.externalId]],
    );
    const ones = [
      [0, '1'],
      [3, '1'],
    ];
    assert.deepEqual(found, __typename === 'Agent' ? ones : [], __typename);
  }
});

test('a representation of no entity is reported as the caller\u2019s fault', async (context) => {
  const { tapegraph } = await startFederated(context, { agents: 1 });
  for (const wrong of [{ __typename: 'Nobody' }, { __typename: 'constructor' }, {}, 'Agent', 5]) {
    const { errors } = await askAs('everything', `${tapegraph.url}/graphql`, agentsQuery, { representations: [wrong] });
    assert.deepEqual(
      errors?.map(({ extensions }) => extensions.code),
      ['INVALID_INPUT'],
      JSON.stringify(wrong),
    );
  }
});

test('scopes hold for entities too: numbers come masked, and whole types are refused', async (context) => {
  const { tapegraph } = await startFederated(context, { agents: 2 });
  const url = `${tapegraph.url}/graphql`;
  const representations = [byVendorId('1')];
  const phoneOf = async (caller: 'everything' | 'reader') =>
    ((await askAs(caller, url, agentsQuery, { representations })).data!._entities as { phone: string }[])[0]!.phone;
  assert.match(await phoneOf('everything'), /^\d+$/);
  assert.match(await phoneOf('reader'), /^•••/);

  const { data, errors } = await askAs('outsider', url, agentsQuery, { representations });
  assert.deepEqual(data?._entities ?? [null], [null]);
  assert.deepEqual(
    errors?.map(({ extensions }) => extensions.code),
    ['FORBIDDEN'],
  );
});

test('each representation fails by itself', async (context) => {
  const { tapegraph } = await startFederated(context, { agents: 1 });
  const source = { __typename: 'RecordingSource', name: 'hq' };
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on RecordingSource { name } ... on Agent { externalId } } }';
  const r = [source, byVendorId('1'), { __typename: 'Nobody' }, source];
  const { data, errors } = await askAs('outsider', `${tapegraph.url}/graphql`, query, { r });
  assert.deepEqual(data!._entities, [{ name: 'hq' }, null, null, { name: 'hq' }]);
  assert.deepEqual(
    errors?.map((error) => [(error as { path?: unknown }).path, error.extensions.code]),
    [
      [['_entities', 1], 'FORBIDDEN'],
      [['_entities', 2], 'INVALID_INPUT'],
    ],
  );
});
