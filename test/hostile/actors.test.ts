/** Tests that the audit log names who acted and who tried: no caller passes for the server, and refusals for scope or reach have entries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { createRefusedAttempts } from '../../src/domain/control/refused-attempts.ts';
import { scopes } from '../../src/domain/model/enums.ts';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import { callerName } from '../../src/domain/model/principal.ts';
import type { AuditEntry } from '../../src/domain/ports/store.ts';
import { outwardErrors } from '../../src/graphql/outward-errors.ts';
import { createFailures } from '../../src/http/failures.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { openStore } from '../../src/storage/index.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../support/list-log.ts';
import { sha256 } from '../support/sha256.ts';
import { blockOf, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';

const actors = ['tapegraph', 'vendor', 'unknown', 'anonymous'];
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const keyed = (keys: Record<string, { scopes: readonly string[]; sources?: readonly string[] }>) => ({
  mode: 'apiKeys',
  apiKeys: Object.entries(keys).map(([name, key]) => ({ name, keySha256: sha256(name), ...key })),
});

test('no name that a caller may have is that of another kind of actor, and no two names become one', () => {
  const spelled = fc.constantFrom(...actors).chain((actor) => {
    const fullWidth = actor.replaceAll(/./g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0));
    const unseen = ['\u200b', '\u00ad', '\u2060', '\u0000', '\u0007', '\ufe0f'].map(
      (mark) => `${actor.slice(0, 3)}${mark}${actor.slice(3)}`,
    );
    return fc.constantFrom(
      actor,
      actor.toUpperCase(),
      ` ${actor}`,
      `${actor}\t`,
      `${actor}\u00a0`,
      `caller:${actor}`,
      fullWidth,
      ...unseen,
    );
  });
  /** As people read it. */
  const seen = (name: string) =>
    name
      .normalize('NFKC')
      .replaceAll(/[\p{C}\p{M}]/gu, '')
      .trim()
      .toLowerCase();
  fc.assert(
    fc.property(fc.oneof(spelled, fc.string()), fc.oneof(spelled, fc.string()), (left, right) => {
      for (const given of [left, right]) assert.ok(!actors.includes(seen(callerName(given))), given);
      assert.equal(callerName(left) === callerName(right), left === right);
    }),
  );
  assert.equal(callerName('crm'), 'crm');
});

test('keys that are called like the server act as callers, in the ledger and in the audit trail', async (t) => {
  const url = await storeFile(t);
  const simulator = await startRecorder(t, { agents: [sampleAgent()] });
  const auth = keyed(Object.fromEntries(actors.map((name) => [name, { scopes }])));
  const server = await startServer(t, [blockOf(simulator)], { auth, store: { url } });
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } } };
  for (const name of actors)
    await server.ask('mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }', { input }, bearer(name));
  const { data } = await server.ask('{ commands { nodes { requestedBy } } }', {}, bearer('vendor'));
  const requesters = new Set((data.commands.nodes as { requestedBy: string }[]).map(({ requestedBy }) => requestedBy));
  assert.deepEqual(
    [...requesters].filter((name) => actors.includes(name)),
    [],
  );
  assert.ok(requesters.has('caller:tapegraph'), [...requesters].join());
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const rows = (await store.audit.rows(0, 100)).filter(({ action }) => action === 'command.requested' || action === 'ledger.read');
  assert.ok(rows.length >= 2);
  for (const { actor, action } of rows) assert.match(actor, /^caller:/, action);
});

test('attempts without the scope or the reach are in the audit trail, once a minute a caller and kind', async (t) => {
  const url = await storeFile(t);
  const simulator = await startRecorder(t, { agents: [sampleAgent()] });
  const auth = keyed({ reader: { scopes: ['agents:read'] }, branch: { scopes, sources: ['branch'] } });
  const sources = [blockOf(simulator), blockOf(simulator, { name: 'branch' }), blockOf(simulator, { name: 'depot' })];
  const server = await startServer(t, sources, { auth, store: { url } });
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } } };
  const start = 'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { ... on Problem { code } } }';
  const renamed = (name: string) => start.replace('{ startBlackout', `{ ${name}: startBlackout`);
  const record = 'mutation ($input: StartRecordingInput!) { startRecording(input: $input) { ... on Problem { code } } }';
  for (let attempt = 0; attempt < 20; attempt += 1) {
    // A refused read hides no refused command.
    const refusedRead = await server.ask('{ recordings(first: 1) { nodes { id } } }', {}, bearer('reader'));
    assert.equal(refusedRead.errors![0]!.extensions.code, 'FORBIDDEN');
    // No name of the caller's own stands for what was tried.
    const refused = await server.ask(renamed(`a4111111111111111${attempt}`), { input }, bearer('reader'));
    assert.equal(refused.errors![0]!.extensions.code, 'FORBIDDEN');
    const unreached = await server.ask(attempt % 2 === 0 ? start : record, { input }, bearer('branch'));
    assert.equal(Object.values<{ code: string }>(unreached.data)[0]!.code, 'NOT_FOUND');
    // One source that is out of reach hides no other.
    for (const source of ['hq', 'depot']) await server.ask(`{ source(name: "${source}") { id } }`, {}, bearer('branch'));
  }
  const nowhere = { agent: { key: { source: 'nowhere', identifier: 'ID', value: '2' } } };
  await server.ask(start, { input: nowhere }, bearer('reader'));
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const rows = (await store.audit.rows(0, 1000)).filter(({ action }) => action === 'access.refused');
  assert.deepEqual(
    rows.map(({ actor, subject: { correlationId: _, ...subject } }) => [actor, subject]),
    [
      ['reader', { lacks: 'scope', what: 'Query.recordings' }],
      ['reader', { lacks: 'scope', what: 'Mutation.startBlackout' }],
      ['branch', { lacks: 'reach', what: 'START_BLACKOUT', source: 'hq' }],
      ['branch', { lacks: 'reach', what: 'read', source: 'hq' }],
      ['branch', { lacks: 'reach', what: 'read', source: 'depot' }],
      ['branch', { lacks: 'reach', what: 'START_RECORDING', source: 'hq' }],
    ],
  );
});

test('no attempt is left out of the entry because one document makes many', async (t) => {
  const url = await storeFile(t);
  const simulator = await startRecorder(t, { agents: [sampleAgent()] });
  const server = await startServer(t, [blockOf(simulator)], { auth: keyed({ nobody: { scopes: [] } }), store: { url } });
  const lists = ['agents', 'calls', 'recordings', 'blackouts', 'commands'];
  const rows = ['call', 'recording', 'blackout'];
  const types = ['Agent', 'Call', 'Recording', 'Blackout'];
  const query = `query ($id: ID!, $of: [_Any!]!) {
    ${lists.map((list) => `${list} { nodes { id } }`).join(' ')} ${rows.map((row) => `${row}(id: $id) { id }`).join(' ')}
    agent(ref: { id: $id }) { id } source(name: "hq") { recordings { nodes { id } } }
    again: source(name: "hq") { agents { nodes { id } } } _entities(representations: $of) { __typename }
  }`;
  const of = types.map((__typename) => ({ __typename, sourceName: 'hq', externalId: '2' }));
  const { errors } = await server.ask(query, { id: 'x', of }, bearer('nobody'));
  const fields = [
    ...[...lists, ...rows, 'agent'].map((field) => `Query.${field}`),
    'RecordingSource.recordings',
    'RecordingSource.agents',
    ...types,
  ];
  assert.ok(fields.join(' ').length > 200);
  assert.deepEqual([...new Set(errors!.map(({ message }) => message.split(' ')[0]!))].sort(), fields.toSorted());
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const noted = (await store.audit.rows(0, 100)).filter(({ action }) => action === 'access.refused');
  assert.deepEqual(noted.flatMap(({ subject }) => String(subject.what).split(' ')).sort(), fields.toSorted());
});

test('a vendor that refuses this server makes no entry about the caller', () => {
  const noted: (readonly string[])[] = [];
  const options = {
    log: createListLog().log,
    suggestions: true,
    correlationId: 'c',
    noteForbidden: (fields: readonly string[]) => noted.push(fields),
  };
  const fieldError = (originalError: Error) => new GraphQLError(originalError.message, { path: ['agent'], originalError });
  outwardErrors([fieldError(new ExpectedError('FORBIDDEN', 'hq: the gateway refuses it.', { vendorCode: '000-003' }))], options);
  outwardErrors([fieldError(new ExpectedError('FORBIDDEN', 'ref.key by PHONE needs the scope pii:read.'))], options);
  assert.deepEqual(noted, [['ref.key']]);
});

const nodeId = (text: string) => Buffer.from(text).toString('base64url');

/** Every way to read by the name of a source, or by an id that holds one. */
const outOfReach: readonly [what: string, query: string, variables?: Record<string, unknown>][] = [
  ['a source', '{ source(name: "hq") { name } }'],
  ['the filter of a list', '{ agents(filter: { sources: ["hq"] }) { nodes { id } } }'],
  ['the filter of calls', '{ calls(filter: { sources: ["hq"] }) { nodes { id } } }'],
  ['the filter of the ledger', '{ commands(filter: { sources: ["hq"] }) { nodes { id } } }'],
  ...['calls', 'recordings', 'blackouts', 'commands'].map((list): [string, string, Record<string, unknown>] => [
    `an agent in the filter of ${list}`,
    `query ($id: ID!) { ${list}(filter: { agent: $id }) { nodes { id } } }`,
    { id: nodeId('Agent:hq:2') },
  ]),
  [
    'a call in the filter of recordings',
    'query ($id: ID!) { recordings(filter: { call: $id }) { nodes { id } } }',
    { id: nodeId('Call:hq:1') },
  ],
  ['an agent by its identifier', '{ agent(ref: { key: { source: "hq", identifier: ID, value: "2" } }) { id } }'],
  ...['Agent:hq:2', 'Call:hq:1', 'Recording:hq:1', 'RecordingSource:hq'].map((id): [string, string, Record<string, unknown>] => [
    id,
    'query ($id: ID!) { node(id: $id) { id } }',
    { id: nodeId(id) },
  ]),
  ...['Agent', 'Call', 'Recording'].map((type): [string, string, Record<string, unknown>] => [
    `a representation of ${type}`,
    'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }',
    { of: [{ __typename: type, sourceName: 'hq', externalId: '2' }] },
  ]),
];

const streamsOutOfReach: readonly [what: string, query: string, id: string][] = [
  ['agents', 'subscription ($id: ID!) { agentChanged(agents: [$id]) { id } }', 'Agent:hq:2'],
  ['calls of an agent', 'subscription ($id: ID!) { callChanged(filter: { agent: $id }) { id } }', 'Agent:hq:2'],
  ['recordings of a call', 'subscription ($id: ID!) { recordingChanged(filter: { call: $id }) { id } }', 'Call:hq:1'],
  ['blackouts of an agent', 'subscription ($id: ID!) { blackoutChanged(filter: { agent: $id }) { id } }', 'Agent:hq:2'],
];

test('a read out of reach is in the audit trail, by whatever it names its source', async (t) => {
  const url = await storeFile(t);
  const simulator = await startRecorder(t, { agents: [sampleAgent()] });
  const names = [...outOfReach.keys(), ...streamsOutOfReach.map(([what]) => what), 'blackout', 'command'].map((key) => `branch-${key}`);
  const auth = keyed({ all: { scopes }, ...Object.fromEntries(names.map((name) => [name, { scopes, sources: ['branch'] }])) });
  const server = await startServer(t, [blockOf(simulator), blockOf(simulator, { name: 'branch' })], { auth, store: { url } });
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } } };
  const ids = 'startBlackout(input: $input) { ... on BlackoutSuccess { blackout { id } command { id } } }';
  const { data } = await server.ask(`mutation ($input: StartBlackoutInput!) { ${ids} }`, { input }, bearer('all'));
  const rows = [data.startBlackout.blackout.id, data.startBlackout.command.id] as string[];
  for (const [index, [what, query, variables]] of outOfReach.entries()) {
    const answer = await server.ask(query, variables, bearer(names[index]!));
    assert.doesNotMatch(JSON.stringify(answer.data ?? null), /hq|aHE/, what);
    await server.ask('{ sources { name } agents { nodes { id } } calls { nodes { id } } }', {}, bearer('all'));
  }
  for (const [what, query, id] of streamsOutOfReach) {
    const opened = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(`branch-${what}`) },
      body: JSON.stringify({ query, variables: { id: nodeId(id) } }),
    });
    assert.equal(opened.status, 200, what);
    await opened.body!.cancel();
  }
  for (const [index, id] of rows.entries()) {
    const { data } = await server.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, bearer(names.at(index - 2)!));
    assert.equal(data.node, null);
  }
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const noted = (await store.audit.rows(0, 1000)).filter(({ action }) => action === 'access.refused');
  assert.deepEqual(
    noted.map(({ actor, subject: { correlationId: _, ...subject } }) => [actor, subject]).sort(),
    names.map((name) => [name, { lacks: 'reach', what: 'read', source: 'hq' }]).sort(),
  );
});

test('however often a caller asks, it makes an entry a minute a field and source, which say how many there were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom('scope', 'reach'),
          fc.constantFrom('Query.agents', 'read', 'x'.repeat(1000)),
          fc.constantFrom('hq', 'depot', undefined),
        ),
        { minLength: 1, maxLength: 300 },
      ),
      async (tries) => {
        const clock = createManualClock();
        const written: AuditEntry[] = [];
        const store = { audit: { append: async (entries: readonly AuditEntry[]) => void written.push(...entries) } };
        const note = createRefusedAttempts({ store: store as never, clock, log: createListLog().log });
        const kinds = new Set(tries.map((one) => JSON.stringify(one)));
        const tryAll = () => {
          for (const [lacks, what, source] of tries)
            note(
              { name: 'reader' },
              { lacks: lacks as 'scope', what: [what], ...(source === undefined ? {} : { source }), correlationId: 'c' },
            );
        };
        tryAll();
        assert.equal(written.length, kinds.size);
        await clock.advance(60_001);
        tryAll();
        assert.equal(written.length, kinds.size * 2);
        const others = written.slice(kinds.size).reduce((sum, { subject }) => sum + Number(subject.othersSinceTheLast ?? 0), 0);
        assert.equal(others, tries.length - kinds.size);
        for (const { subject } of written) assert.ok(String(subject.what).length <= 200);
      },
    ),
    { numRuns: 30 },
  );
});

test('a clock that was a day ahead and is set right hides no attempt', async () => {
  const clock = createManualClock();
  const written: AuditEntry[] = [];
  const append = async (entries: readonly AuditEntry[]) => void written.push(...entries);
  const noteRefused = createRefusedAttempts({ store: { audit: { append } } as never, clock, log: createListLog().log });
  const failures = createFailures(append, clock, createSlices(clock));
  const tryBoth = async () => {
    noteRefused({ name: 'reader' }, { lacks: 'scope', what: ['Query.agents'], correlationId: 'c' });
    await failures.record({ kind: 'push.refused desk', client: '203.0.113.9', actor: 'unknown', action: 'push.refused', subject: {} });
  };
  clock.set(86_400_000);
  await tryBoth();
  clock.set(-86_400_000);
  await clock.advance(60_000);
  await tryBoth();
  assert.deepEqual(
    written.map(({ action }) => action),
    ['access.refused', 'push.refused', 'access.refused', 'push.refused'],
  );
});
