/** Tests which work subscribers share, and which is each one's own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GraphQLError, type GraphQLObjectType, parse } from 'graphql';
import { createSchema } from '../../src/graphql/schema.ts';
import { namesItsCaller, ofItsCaller } from '../../src/graphql/unshareable.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { createTicks, fixtureSchema, principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const own = {
  'a media link': 'subscription { recordingChanged { recording { media { __typename } } } }',
  'a media link in fragments': `subscription { recordingChanged { ...E } } fragment E on RecordingEvent { recording { ... on Recording { m: media { ... on Problem { code } } } } }`,
  'the problem of a source': 'subscription { agentChanged { agent { source { agents { sourceErrors { problem { code } } } } } } }',
  'a command': 'subscription { blackoutChanged { blackout { commands { id } } } }',
};
const anyones = [
  'subscription { recordingChanged { recording { externalId fileName call { id } } } }',
  'subscription { agentChanged { agent { name activeCall { legs { endpoint } } } } }',
  'subscription { blackoutChanged { blackout { agent { externalId } exposures { __typename } } warning } }',
];

describe('an event', () => {
  test('that names or authorises its caller is recognised by the selection, wherever it stands', async () => {
    const schema = await createSchema(vendorModules);
    for (const [name, query] of Object.entries(own)) assert.equal(namesItsCaller(schema, parse(query)), true, name);
    assert.equal(namesItsCaller(schema, parse('{ callerAccess { name } }')), true);
    for (const query of anyones) assert.equal(namesItsCaller(schema, parse(query)), false, query);
  });

  test('is executed for each of two keys with the same scopes where it does', async (t) => {
    const ticks = createTicks();
    const schema = fixtureSchema(ticks);
    const person = schema.getType('Person')!;
    person.extensions = { ...person.extensions, ...ofItsCaller };
    const callers: string[] = [];
    (person as unknown as { getFields(): Record<string, { resolve: unknown }> }).getFields().name!.resolve = (
      _: unknown,
      __: unknown,
      { principal }: { principal: { name: string } },
    ) => {
      callers.push(principal.name);
      return principal.name;
    };
    const server = await startServer({ schema, authenticate: async (credential) => principalOf({ name: String(credential) }) });
    t.after(() => server.close());
    const reported: Record<string, unknown> = {};
    const clients = await Promise.all(['one', 'two'].map(async (name) => [name, await connectSocket(server.graphql)] as const));
    for (const [name, client] of clients) {
      await client.init({ Authorization: name });
      client.subscribe('s', 'subscription { ticks { person { name } } }');
    }
    await until(() => ticks.listening === 2, 'both listen');
    ticks.send({ id: '1', snapshot: false, at: 1 });
    for (const [name, client] of clients) {
      reported[name] = ((await client.next()).payload as { data: { ticks: { person: { name: string } } } }).data.ticks.person.name;
      client.close();
    }
    assert.deepEqual(reported, { one: 'one', two: 'two' });
    assert.deepEqual(callers.toSorted(), ['one', 'two']);
  });

  test('that fails is reported to all who share it under its own id, which none of their requests has, and logged once', async (t) => {
    const ticks = createTicks();
    const schema = fixtureSchema(ticks);
    const tick = schema.getType('Tick') as unknown as { getFields(): Record<string, { resolve: unknown }> };
    tick.getFields().filler!.resolve = () => {
      throw new Error('no');
    };
    const server = await startServer({ schema });
    t.after(() => server.close());
    const clients = await Promise.all([1, 2].map(() => connectSocket(server.graphql)));
    for (const client of clients) {
      await client.init();
      client.subscribe('s', 'subscription { ticks { id filler } }');
    }
    await until(() => ticks.listening === 2, 'both listen');
    ticks.send({ id: '7', snapshot: false, at: 1 });
    for (const client of clients) {
      const { errors } = (await client.next()).payload as { errors: { extensions: { correlationId: string } }[] };
      assert.deepEqual(
        errors.map(({ extensions }) => extensions.correlationId),
        ['event 7'],
      );
      client.close();
    }
    const bugs = server.log.lines.filter(({ level }) => level === 'error');
    assert.deepEqual(
      bugs.map(({ fields }) => fields?.correlationId),
      ['event 7'],
    );
  });
});

test('each caller of a shared event that lacks a scope for it is written down', async (t) => {
  const ticks = createTicks();
  const schema = fixtureSchema(ticks);
  const resolve = (type: string, field: string, resolver: () => unknown) =>
    Object.assign((schema.getType(type) as GraphQLObjectType).getFields()[field]!, { resolve: resolver });
  const forbid = (type: string, field: string) =>
    resolve(type, field, () => {
      throw new GraphQLError(`${type}.${field} needs the scope media:read.`, { extensions: { code: 'FORBIDDEN' } });
    });
  forbid('Person', 'secret');
  forbid('Tick', 'filler');
  // More errors than an answer lists, before that of the last field.
  resolve('Person', 'friends', () => ({ nodes: Array.from({ length: 101 }, () => ({})) }));
  const refused: unknown[] = [];
  const server = await startServer({
    schema,
    authenticate: async (credential) => principalOf({ name: String(credential) }),
    noteRefused: ({ name }, { lacks, what }) => refused.push([name, lacks, ...what]),
  });
  t.after(() => server.close());
  const clients = await Promise.all(['one', 'two', 'three'].map(async (name) => [name, await connectSocket(server.graphql)] as const));
  for (const [name, client] of clients) {
    await client.init({ Authorization: name });
    client.subscribe('s', 'subscription { ticks { id person { friends { nodes { secret } } } filler } }');
  }
  await until(() => ticks.listening === 3, 'all listen');
  ticks.send({ id: '7', snapshot: false, at: 1 });
  for (const [, client] of clients) {
    await client.next();
    client.close();
  }
  assert.equal(server.http.counts().eventExecutions, 1);
  assert.deepEqual(
    refused.toSorted(),
    ['one', 'three', 'two'].map((name) => [name, 'scope', 'Person.secret', 'Tick.filler']),
  );
});

test("a caller's open subscriptions are bounded by what they cost an event, and those that end make room", async (t) => {
  const server = await startServer({
    limits: { subscriptionCost: 5 },
    authenticate: async (credential) => principalOf({ name: String(credential) }),
  });
  t.after(() => server.close());
  const client = await connectSocket(server.graphql);
  await client.init({ Authorization: 'one' });
  const query = 'subscription { ticks { id person { id } } }';
  client.subscribe('1', query);
  client.subscribe('2', query);
  await until(() => server.ticks.listening === 2, 'two listen');
  const refusal = async (id: string) => {
    client.subscribe(id, query);
    const { payload } = await client.next();
    await client.next();
    return (payload as { errors: { message: string; extensions: { code: string; limit: number } }[] }).errors[0]!;
  };
  const { extensions, message } = await refusal('3');
  assert.deepEqual([extensions.code, extensions.limit], ['SUBSCRIPTION_LIMIT', 5]);
  assert.match(message, /costs 2 for each event and your open subscriptions cost 4; the limit is 5/);
  const other = await connectSocket(server.graphql);
  await other.init({ Authorization: 'two' });
  other.subscribe('1', query);
  await until(() => server.ticks.listening === 3, 'another caller has room');
  other.close();
  client.send({ type: 'complete', id: '1' });
  await until(() => server.ticks.listening === 1, 'one ended');
  client.subscribe('4', query);
  await until(() => server.ticks.listening === 2, 'there is room again');
  client.close();
});
