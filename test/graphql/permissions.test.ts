/** Tests that a caller sees fields by scope, and entities by the sources within reach. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Scope } from '../../src/domain/model/enums.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

const callers: Record<string, { scopes: Scope[]; sources?: string[] }> = {
  everything: {
    scopes: [
      'agents:read',
      'recordings:read',
      'recordings:control',
      'blackouts:control',
      'sessions:control',
      'media:read',
      'audit:read',
      'pii:read',
    ],
  },
  board: { scopes: ['agents:read', 'recordings:read'] },
  agents: { scopes: ['agents:read'] },
  nothing: { scopes: [] },
  branch: { scopes: ['agents:read', 'recordings:read', 'recordings:control', 'pii:read'], sources: ['branch'] },
};

const as = (name: string) => ({ authorization: `Bearer key-of-${name}` });

const start = async (test: TestContext) => {
  const caller = { ...sampleAgent(), AgentPhone: '4915112345678', SystemUsername: 'me@company.example', DeviceAlias: 'Desk of Jane Doe' };
  caller.ActiveCall!.Metadata.ani = '4915112345678';
  caller.ActiveCall!.Metadata.user1 = 'card 4111111111111111';
  const simulator = await startRecorder(test, { agents: [caller] });
  const apiKeys = Object.entries(callers).map(([name, grants]) => ({
    name,
    keySha256: sha256(`key-of-${name}`),
    ...grants,
  }));
  const server = await startServer(test, [blockOf(simulator), blockOf(simulator, { name: 'branch' })], {
    auth: { mode: 'apiKeys', apiKeys },
  });
  return { ...server, simulator };
};

const agents =
  '{ agents { nodes { sourceName externalId phone systemUsername deviceId deviceAlias activeCall { caller legs { endpoint } metadata { key value } } } } }';
const personal = ['4915112345678', 'me@company.example', 'Jane', '4111111111111111'];

describe('without pii:read', () => {
  it('numbers and names are masked in queries, searched for in vain, and refused as filters', async (test) => {
    const { ask } = await start(test);
    const masked = await ask(agents, {}, as('board'));
    for (const secret of personal) assert.ok(!JSON.stringify(masked).includes(secret), secret);
    const [agent] = masked.data.agents.nodes;
    assert.equal(agent.externalId, '2');
    assert.equal(agent.phone, '•••78');
    const whole = await ask(agents, {}, as('everything'));
    assert.equal(whole.data.agents.nodes[0].phone, '4915112345678');
    assert.equal(whole.data.agents.nodes[0].activeCall.caller, '4915112345678');
    const found = async (search: string, caller: string) =>
      (await ask('query ($search: String) { agents(filter: { search: $search }) { totalCount } }', { search }, as(caller))).data.agents
        .totalCount;
    for (const search of ['491511', 'me@comp', 'jane']) {
      assert.equal(await found(search, 'board'), 0, search);
      assert.equal(await found(search, 'everything'), 2, search);
    }
    const filtered = await ask('{ calls(filter: { number: "4915112345678" }) { nodes { id } } }', {}, as('board'));
    assert.equal(filtered.errors![0]!.extensions.code, 'FORBIDDEN');
    assert.ok(!JSON.stringify(filtered).includes('4915112345678'));
  });

  it('numbers are masked in events and in errors', async (test) => {
    const { url, ask } = await start(test);
    await ask(agents, {}, as('everything'));
    const socket = await connectSocket(`${url}/graphql`);
    test.after(socket.close);
    await socket.init({ Authorization: as('board').authorization });
    for (const [id, fields] of [
      ['agents', 'agentChanged { agent { externalId phone systemUsername deviceAlias activeCall { caller } } }'],
      ['calls', 'callChanged { call { externalId caller legs { endpoint } metadata { value } agents { phone } } }'],
      ['recordings', 'recordingChanged { recording { externalId endpoint agent { phone } call { caller } } }'],
    ] as const) {
      socket.subscribe(id, `subscription { ${fields} }`);
      const message = await socket.next();
      assert.equal(message.type, 'next', JSON.stringify(message));
      for (const secret of personal) assert.ok(!JSON.stringify(message).includes(secret), `${id}: ${secret}`);
    }
    const error = await ask(
      '{ agent(ref: { key: { source: "hq", identifier: EMAIL, value: "me@company.example" } }) { id } }',
      {},
      as('board'),
    );
    assert.equal(error.errors![0]!.extensions.code, 'FORBIDDEN');
    assert.ok(!JSON.stringify(error).includes('me@company.example'));
  });
});

describe('scopes', () => {
  it('are required per field: the rest of the answer stays good', async (test) => {
    const { ask } = await start(test);
    const { data, errors } = await ask(
      '{ agents { nodes { externalId recordings { nodes { id } } } } sources { name } }',
      {},
      as('agents'),
    );
    const nobodys = { externalId: '2', recordings: null };
    assert.deepEqual(data, { agents: { nodes: [nobodys, nobodys] }, sources: [{ name: 'hq' }, { name: 'branch' }] });
    assert.equal(errors![0]!.extensions.code, 'FORBIDDEN');
    assert.match(errors![0]!.message, /Agent\.recordings needs the scope recordings:read/);
    const rest = await ask(
      '{ agent(ref: { key: { source: "hq", identifier: ID, value: "2" } }) { externalId } sources { name } }',
      {},
      as('nothing'),
    );
    assert.equal(rest.data.agent, null);
    assert.equal(rest.data.sources.length, 2);
    assert.match(rest.errors![0]!.message, /agents:read/);
  });

  it('guard every transport to a type: lists, ids, entities, commands, the ledger and media', async (test) => {
    const { ask, simulator } = await start(test);
    const ids = await ask('{ agents { nodes { id recordings { nodes { id } } activeCall { id } } } }', {}, as('everything'));
    const agent = ids.data.agents.nodes[0];
    const recording = agent.recordings.nodes[0].id;
    simulator.forgetRequests();
    const refused: [string, string, string][] = [
      ['{ recordings { nodes { id } } }', 'agents', 'recordings:read'],
      [`{ node(id: "${recording}") { id } }`, 'agents', 'recordings:read'],
      [`{ node(id: "${agent.id}") { id } }`, 'nothing', 'agents:read'],
      [`{ _entities(representations: [{ __typename: "Recording", id: "${recording}" }]) { __typename } }`, 'agents', 'recordings:read'],
      [
        '{ _entities(representations: [{ __typename: "Agent", sourceName: "hq", externalId: "2" }]) { __typename } }',
        'nothing',
        'agents:read',
      ],
      [`{ recording(id: "${recording}") { media { ... on RecordingMedia { url } } } }`, 'board', 'media:read'],
      ['{ commands { nodes { id } } }', 'board', 'audit:read'],
      [
        'mutation { stopRecording(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) { __typename } }',
        'board',
        'recordings:control',
      ],
      [
        'mutation { startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) { __typename } }',
        'board',
        'blackouts:control',
      ],
      [
        'mutation { signInAgent(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) { __typename } }',
        'board',
        'sessions:control',
      ],
    ];
    for (const [query, caller, scope] of refused) {
      const { errors } = await ask(query, {}, as(caller));
      assert.equal(errors?.[0]?.extensions.code, 'FORBIDDEN', `${query}: ${JSON.stringify(errors)}`);
      assert.ok(errors![0]!.message.includes(scope), errors![0]!.message);
    }
    assert.equal(simulator.requests.filter(({ method }) => method === 'POST').length, 0);
    const stranger = await ask('{ sources { name } }', {}, { authorization: 'Bearer nobody' });
    assert.equal(stranger.errors![0]!.extensions.code, 'UNAUTHENTICATED');
  });

  it('do not reach a source that the key does not name: it is as if it were not there', async (test) => {
    const { ask, simulator } = await start(test);
    const everything = await ask('{ agents { nodes { id sourceName } } }', {}, as('everything'));
    const foreign = everything.data.agents.nodes.find(({ sourceName }: { sourceName: string }) => sourceName === 'hq').id;
    const { data } = await ask(
      'query ($id: ID!) { sources { name } agents { nodes { sourceName } } source(name: "hq") { name } node(id: $id) { id } agent(ref: { id: $id }) { id } _entities(representations: [{ __typename: "Agent", sourceName: "hq", externalId: "2" }]) { __typename } }',
      { id: foreign },
      as('branch'),
    );
    assert.deepEqual(data, {
      sources: [{ name: 'branch' }],
      agents: { nodes: [{ sourceName: 'branch' }] },
      source: null,
      node: null,
      agent: null,
      _entities: [null],
    });
    const named = await ask('{ agents(filter: { sources: ["hq"] }) { totalCount } }', {}, as('branch'));
    assert.deepEqual(
      [named.errors![0]!.extensions.code, named.errors![0]!.message],
      ['NOT_FOUND', 'There is no source named "hq"; the sources are branch.'],
    );
    const command = await ask(
      'mutation { stopRecording(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) { ... on Problem { code } } }',
      {},
      as('branch'),
    );
    assert.equal(command.data.stopRecording.code, 'NOT_FOUND');
    assert.equal(simulator.callsMade('POST /api/Record/StopForAgent'), 0);
  });
});
