/** Tests that a caller to whom a text is masked learns nothing of it by searching with it, by any argument. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { getNamedType, isInputObjectType, isScalarType } from 'graphql';
import { scopes } from '../../src/domain/model/enums.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { sha256 } from '../support/sha256.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

type Way = (value: string) => readonly [query: string, variables: Record<string, unknown>];
const nodeId = (text: string) => Buffer.from(text).toString('base64url');
const by =
  (argument: string, selection: string, type = 'String'): Way =>
  (value) => [`query ($value: ${type}) { ${argument} ${selection} }`, { value }];
const byId =
  (type: string, argument: string, selection: string): Way =>
  (value) => [`query ($value: ID!) { ${argument} ${selection} }`, { value: nodeId(`${type}:hq:${value}`) }];
const list = '{ totalCount nodes { id } pageInfo { endCursor } }';
const identifiers = ['ID', 'PHONE', 'EMAIL', 'SIP_URI', 'SYNC_ID', 'USERNAME', 'SYSTEM_USERNAME', 'CRM_USERNAME'];

/** Every argument of a query that takes text, and how a value is searched by it. Cursors are the server's own. */
const ways: Readonly<Record<string, readonly Way[]>> = {
  'node.id': ['Agent', 'Call', 'Recording', 'Blackout', 'ControlCommand', 'RecordingSource'].map((type) =>
    byId(type, 'node(id: $value)', '{ __typename id }'),
  ),
  'source.name': [by('source(name: $value)', '{ id }', 'String!')],
  'agent.ref.id': [byId('Agent', 'agent(ref: { id: $value })', '{ id }')],
  'agent.ref.key.source': [by('agent(ref: { key: { source: $value, identifier: ID, value: "2" } })', '{ id }', 'String!')],
  'agent.ref.key.value': identifiers.map((identifier) =>
    by(`agent(ref: { key: { source: "hq", identifier: ${identifier}, value: $value } })`, '{ id }', 'String!'),
  ),
  'agents.filter.sources': [by('agents(filter: { sources: [$value] })', list, 'String!')],
  'agents.filter.search': [by('agents(filter: { search: $value })', list)],
  'call.id': [byId('Call', 'call(id: $value)', '{ id }')],
  'calls.filter.sources': [by('calls(filter: { sources: [$value] })', list, 'String!')],
  'calls.filter.agent': [byId('Agent', 'calls(filter: { agent: $value })', list)],
  'calls.filter.number': [by('calls(filter: { number: $value })', list)],
  'calls.filter.queue': [by('calls(filter: { queue: $value })', list)],
  'recording.id': [byId('Recording', 'recording(id: $value)', '{ id }')],
  'recordings.filter.sources': [by('recordings(filter: { sources: [$value] })', list, 'String!')],
  'recordings.filter.agent': [byId('Agent', 'recordings(filter: { agent: $value })', list)],
  'recordings.filter.call': [byId('Call', 'recordings(filter: { call: $value })', list)],
  'recordings.filter.number': [by('recordings(filter: { number: $value })', list)],
  'recordings.filter.queue': [by('recordings(filter: { queue: $value })', list)],
  'blackout.id': [byId('Blackout', 'blackout(id: $value)', '{ id }')],
  'blackouts.filter.sources': [by('blackouts(filter: { sources: [$value] })', list, 'String!')],
  'blackouts.filter.agent': [byId('Agent', 'blackouts(filter: { agent: $value })', list)],
  'commands.filter.sources': [by('commands(filter: { sources: [$value] })', list, 'String!')],
  'commands.filter.agent': [byId('Agent', 'commands(filter: { agent: $value })', list)],
  'commands.filter.requestedBy': [by('commands(filter: { requestedBy: $value })', list)],
  '_entities.representations': ['Agent', 'Call', 'Recording'].map(
    (type): Way =>
      (value) => [
        'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
        { of: [{ __typename: type, sourceName: 'hq', externalId: value }] },
      ],
  ),
};

test('every argument of a query that takes text is among those that are tried', async () => {
  const schema = await createSchema(vendorModules);
  const textual = (type: unknown) => isScalarType(type) && ['String', 'ID', '_Any'].includes(type.name);
  const leavesOf = (named: ReturnType<typeof getNamedType>, path: string): string[] =>
    isInputObjectType(named)
      ? Object.values(named.getFields()).flatMap(({ name, type }) => leavesOf(getNamedType(type), `${path}.${name}`))
      : textual(named)
        ? [path]
        : [];
  const paths = Object.values(schema.getQueryType()!.getFields()).flatMap((field) =>
    field.args.flatMap(({ name, type }) => leavesOf(getNamedType(type), `${field.name}.${name}`)),
  );
  assert.deepEqual(paths.filter((path) => !path.endsWith('.after')).sort(), Object.keys(ways).sort());
});

/** A value of the same shape that nobody bears. */
const twinOf = (value: string): string =>
  value.replaceAll(/[0-9a-zA-Z]/g, (one) =>
    /\d/.test(one) ? String((Number(one) + 3) % 10) : String.fromCharCode(one.charCodeAt(0) + (/[zyx]/i.test(one) ? -23 : 3)),
  );

/** Leaves of the same place in two answers that differ. */
const differing = (whole: unknown, masked: unknown): string[] =>
  typeof whole === 'object' && whole !== null
    ? Object.entries(whole).flatMap(([key, value]) => differing(value, (masked as Record<string, unknown> | null)?.[key]))
    : typeof whole === 'string' && whole !== masked
      ? [whole]
      : [];

test('what is shown masked is answered like what nobody bears, by whichever argument it is searched', async (t) => {
  const caller = {
    ...sampleAgent(),
    ...{ AgentPhone: '4915112345678', Username: 'jdoe', SystemUsername: 'jane@company.example', CrmUsername: 'crm-jane' },
    ...{ DeviceId: '49151', DeviceAlias: 'Desk of Jane Doe', BusinessUnit: 70_102_030 },
  };
  Object.assign(caller.ActiveCall!.Metadata, { ani: '4570203040', dnis: '4580203040', gate: 'Line 4590203040', user1: 'Ada 4560203040' });
  const simulator = await startRecorder(t, { agents: [caller] });
  const writer = 'jane.doe@company.example';
  const callers = { [writer]: [...scopes], '+4550203040': [...scopes], reader: scopes.filter((scope) => scope !== 'pii:read') };
  const apiKeys = Object.entries(callers).map(([name, granted]) => ({
    name,
    keySha256: sha256(name),
    scopes: granted,
  }));
  const server = await startServer(t, [blockOf(simulator, { maxStalenessSeconds: 3600 })], { auth: { mode: 'apiKeys', apiKeys } });
  const ask = (name: string, query: string, variables: Record<string, unknown> = {}) =>
    server.ask(query, variables, { authorization: `Bearer ${name}` });
  const start = 'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }';
  const agent = { key: { source: 'hq', identifier: 'ID', value: '2' } };
  for (const name of [writer, '+4550203040'])
    await ask(name, start, { input: { agent, note: 'call 4540203040 back', idempotencyKey: `pause 4530203040 ${name.length}` } });

  const shown = `{
    agents { nodes { externalId phone username systemUsername crmUsername deviceId deviceAlias businessUnit devices { phone deviceId deviceAlias } } }
    calls { nodes { externalId caller called queue metadata { value } legs { endpoint } } }
    recordings { nodes { endpoint fileName } }
    blackouts { nodes { note requestedBy } }
    commands { nodes { requestedBy idempotencyKey } } }`;
  const [whole, masked] = [await ask(writer, shown), await ask('reader', shown)];
  const open = JSON.stringify(masked.data);
  const personal = [...new Set(differing(whole.data, masked.data))].filter((value) => !open.includes(`"${value}"`));
  for (const value of ['4915112345678', '70102030', 'Line 4590203040', writer, '+4550203040', 'call 4540203040 back'])
    assert.ok(personal.includes(value), `${value} is shown unmasked`);
  assert.ok(personal.some((value) => value.startsWith('pause')));

  const answerTo = async (way: Way, value: string) => {
    const [query, variables] = way(value);
    const { data, errors } = await ask('reader', query, variables);
    return { data, errors: errors?.map(({ message, extensions }) => [message.replaceAll(value, '…'), extensions.code]) };
  };
  /** The whole value, or a part of it, in any case and with spaces around it. */
  const searched = fc
    .tuple(fc.constantFrom(...personal), fc.nat(3), fc.nat(3), fc.constantFrom('', ' '), fc.boolean())
    .map(([value, front, back, space, upper]) => {
      const part = value.length > 8 ? value.slice(front, value.length - back) : value;
      return `${space}${upper ? part.toUpperCase() : part}`;
    });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(ways).flat()),
      fc.oneof(fc.constantFrom(...personal), searched),
      async (way, value) => {
        assert.deepEqual(
          await answerTo(way, value),
          await answerTo(way, twinOf(value)),
          way(value)
            .map((one) => JSON.stringify(one))
            .join(),
        );
      },
    ),
    {
      numRuns: 900,
      examples: Object.values(ways)
        .flat()
        .flatMap((way) => personal.map((value): [Way, string] => [way, value])),
    },
  );
});
