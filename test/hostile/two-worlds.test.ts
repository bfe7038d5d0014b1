/** Tests that a caller learns nothing of what is masked or out of reach: two servers that differ in it alone give the same answers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scopes } from '../../src/domain/model/enums.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { schemaOf, wholeSelection } from '../security/whole-selections.ts';
import { sha256 } from '../support/sha256.ts';
import { blockOf, type RunningTapegraph, startRecorder, startServer } from '../support/tapegraph.ts';

type Operation = readonly [query: string, variables?: Record<string, unknown>];

const schema = schemaOf(readFileSync(join(import.meta.dirname, '../../schema/subgraph.graphql'), 'utf8'));
/** They tell the time, or list the schema. */
const untold = ['media', 'lastContactAt', 'clockDifference', '_service'];
const lists: readonly Operation[] = Object.values(schema.getQueryType()!.getFields())
  .filter(({ name, args }) => !untold.includes(name) && !args.some(({ type }) => String(type).endsWith('!')))
  .map(({ name, type }) => [`{ ${name} ${wholeSelection(schema, type, 4, untold)} }`]);

const command = (field: string, type: string, input: object): Operation => {
  const result = schema.getType(type.includes('Blackout') ? 'BlackoutResult' : 'ControlResult');
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) ${wholeSelection(schema, result as never, 3, untold)} }`;
  return [query, { input }];
};
const nodeId = (text: string) => Buffer.from(text).toString('base64url');
const agentBy = (identifier: string, value: string, source = 'hq') => ({ key: { source, identifier, value } });

/** Answers without times, and without ids that are made at random. */
const plainAnswer = async ({ ask }: RunningTapegraph, [query, variables]: Operation, key: string): Promise<string> =>
  JSON.stringify(await ask(query, variables, { authorization: `Bearer ${key}` }))
    .replaceAll(/"correlationId":"[^"]*"/g, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|PT[\d.HMS]+|[\w-]{30,}/g, '…');

const assertAlike = async (servers: readonly RunningTapegraph[], operations: readonly Operation[], key: string): Promise<void> => {
  for (const operation of operations) {
    const [one, other] = await Promise.all(servers.map((server) => plainAnswer(server, operation, key)));
    assert.equal(one, other, JSON.stringify(operation));
  }
};

const startKeyed = async (t: TestContext, sources: readonly object[], keys: Record<string, object>): Promise<RunningTapegraph> => {
  const apiKeys = Object.entries(keys).map(([name, key]) => ({ name, keySha256: sha256(name), scopes, ...key }));
  const limits = { cost: 1_000_000, fields: 100_000, tokens: 100_000 };
  const server = await startServer(t, sources, { auth: { mode: 'apiKeys', apiKeys }, limits });
  const health = '{ sources { health { lastContactAt } } }';
  const isPolled = async () => {
    const { data } = await server.ask(health, {}, { authorization: 'Bearer all' });
    return data.sources.every((source: { health: { lastContactAt: string | null } }) => source.health.lastContactAt !== null);
  };
  while (!(await isPolled())) await new Promise((resolve) => setTimeout(resolve, 5));
  return server;
};

const fresh = { maxStalenessSeconds: 3600 };

test('to whom names and numbers are masked, two recorders that differ in them alone look alike', { timeout: 120_000 }, async (t) => {
  const people = [
    {
      agent: { AgentPhone: '4915112345678', SystemUsername: 'jane@one.example', CrmUsername: 'crm-jane', DeviceAlias: 'Desk of Jane' },
      metadata: { ani: '4570203040', dnis: '4580203040', gate: 'Line 4590203040', user1: 'Ada 4560203040' },
    },
    {
      agent: { AgentPhone: '4599876578', SystemUsername: 'john@other.example', CrmUsername: 'crm-john', DeviceAlias: 'Desk of John' },
      metadata: { ani: '4670998840', dnis: '4681993340', gate: 'Row 4690209990', user1: 'Bo 12345678901' },
    },
  ];
  const servers = await Promise.all(
    people.map(async ({ agent, metadata }) => {
      const caller = { ...sampleAgent(), ...agent };
      Object.assign(caller.ActiveCall!.Metadata, metadata);
      const recorder = await startRecorder(t, { agents: [caller] });
      return startKeyed(t, [blockOf(recorder, fresh)], { all: {}, masked: { scopes: scopes.filter((scope) => scope !== 'pii:read') } });
    }),
  );
  const agents = [agentBy('ID', '2'), agentBy('PHONE', '1'), agentBy('CRM_USERNAME', 'nobody')];
  const searches = ['Jane', 'john', '4570', 'Line', 'row', 'crm', 'desk', '@one'].flatMap((search): Operation[] => [
    ['query ($search: String) { agents(filter: { search: $search }) { totalCount nodes { id } } }', { search }],
    [
      'query ($search: String) { calls(filter: { queue: $search }) { totalCount } recordings(filter: { number: $search }) { totalCount } }',
      { search },
    ],
  ]);
  const commands = agents.flatMap((agent) => [
    command('startRecording', 'StartRecordingInput', { agent }),
    command('updateRecording', 'UpdateRecordingInput', { agent, metadata: [{ key: 'user3', value: 'x' }] }),
    command('stopRecording', 'StopRecordingInput', { agent }),
    command('startBlackout', 'StartBlackoutInput', { agent }),
    command('renewBlackout', 'RenewBlackoutInput', { agent }),
    command('stopBlackout', 'StopBlackoutInput', { agent }),
  ]);
  await assertAlike(servers, [...lists, ...commands, ...lists, ...searches], 'masked');
  const names: Operation = ['{ agents { nodes { phone } } }'];
  const [one, other] = await Promise.all(servers.map((server) => plainAnswer(server, names, 'all')));
  assert.notEqual(one, other, 'they do differ');
});

test('a source out of reach changes no answer', { timeout: 120_000 }, async (t) => {
  const recorders = await Promise.all([startRecorder(t, { agents: [sampleAgent()] }), startRecorder(t, { agents: 5 })]);
  const [branch, hq] = [blockOf(recorders[0], { name: 'branch', ...fresh }), blockOf(recorders[1], fresh)];
  const keys = { all: {}, branch: { sources: ['branch'] } };
  const servers = [await startKeyed(t, [branch, hq], keys), await startKeyed(t, [branch], keys)];
  const start = 'startBlackout(input: $input) { ... on BlackoutSuccess { blackout { id } command { id } } }';
  const input = { agent: agentBy('ID', '1'), idempotencyKey: 'k' };
  const made = await servers[0]!.ask(`mutation ($input: StartBlackoutInput!) { ${start} }`, { input }, { authorization: 'Bearer all' });
  const { blackout, command: sent } = made.data.startBlackout;
  const ids = [blackout.id, sent.id, ...['Agent:hq:1', 'Call:hq:1', 'Recording:hq:1', 'RecordingSource:hq'].map(nodeId)];
  const byId = ids.flatMap((id): Operation[] => [
    ['query ($id: ID!) { node(id: $id) { id } blackout(id: $id) { id } call(id: $id) { id } recording(id: $id) { id } }', { id }],
    ...['calls', 'recordings', 'blackouts', 'commands'].map(
      (list): Operation => [`query ($id: ID!) { ${list}(filter: { agent: $id }) { totalCount nodes { id } } }`, { id }],
    ),
    [
      'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
      { of: ['Agent', 'Call', 'Recording', 'Blackout', 'ControlCommand', 'RecordingSource'].map((__typename) => ({ __typename, id })) },
    ],
    command('startBlackout', 'StartBlackoutInput', { agent: { id }, idempotencyKey: 'k' }),
  ]);
  const byName = ['ID', 'PHONE', 'EMAIL'].flatMap((identifier): Operation[] => [
    ['query ($key: AgentKey!) { agent(ref: { key: $key }) { id } }', agentBy(identifier, '1')],
    command('stopBlackout', 'StopBlackoutInput', { agent: agentBy(identifier, '1') }),
  ]);
  const bySource = ['agents', 'calls', 'recordings', 'blackouts', 'commands'].map(
    (list): Operation => [`{ ${list}(filter: { sources: ["hq"] }) { totalCount } source(name: "hq") { id } }`],
  );
  await assertAlike(servers, [...lists, ...byId, ...byName, ...bySource], 'branch');
});
