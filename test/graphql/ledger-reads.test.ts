/** Tests that each reader of the ledger has an entry in the audit log, however many read the same at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopes } from '../../src/domain/model/enums.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { openStore } from '../../src/storage/index.ts';
import { sha256 } from '../support/sha256.ts';
import { blockOf, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';

test('every read of the ledger is written down with its request, also where two ask the same in one turn', async (t) => {
  const url = await storeFile(t);
  const server = await startServer(t, [blockOf(await startRecorder(t))], { store: { url } });
  const query = '{ commands { nodes { status } } }';
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-correlation-id': 'ledger-read-1' },
    body: JSON.stringify([{ query }, { query }]),
  });
  assert.deepEqual(
    ((await response.json()) as { data: unknown }[]).map(({ data }) => data),
    [{ commands: { nodes: [] } }, { commands: { nodes: [] } }],
  );
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const rows = await store.audit.rows(0, 10);
  assert.deepEqual(
    rows.map(({ action, subject }) => [action, subject.correlationId]),
    [
      ['ledger.read', 'ledger-read-1'],
      ['ledger.read', 'ledger-read-1'],
    ],
  );
});

test('a command of another caller is read by whoever has audit:read alone, and each read is written down, whichever way it comes', async (t) => {
  const url = await storeFile(t);
  const keys = { crm: [...scopes], auditor: ['agents:read', 'audit:read'], reader: ['agents:read'] };
  const apiKeys = Object.entries(keys).map(([name, granted]) => ({
    name,
    keySha256: sha256(name),
    scopes: granted,
  }));
  const recorder = await startRecorder(t, { agents: [sampleAgent()] });
  const server = await startServer(t, [blockOf(recorder)], { store: { url }, auth: { mode: 'apiKeys', apiKeys } });
  const as = (name: string, query: string, variables: Record<string, unknown> = {}) =>
    server.ask(query, variables, { authorization: `Bearer ${name}` });
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } }, idempotencyKey: 'secret-key' };
  const begun = await as(
    'crm',
    'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { ... on BlackoutSuccess { command { id } blackout { id } } } }',
    { input },
  );
  const { command, blackout } = begun.data.startBlackout;
  const ways = [
    ['node', 'query ($id: ID!) { node(id: $id) { ... on ControlCommand { idempotencyKey } } }', { id: command.id }],
    [
      '_entities',
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ControlCommand { idempotencyKey } } }',
      { r: [{ __typename: 'ControlCommand', id: command.id }] },
    ],
    ['Blackout.commands', 'query ($id: ID!) { node(id: $id) { ... on Blackout { commands { idempotencyKey } } } }', { id: blackout.id }],
    ['commands', '{ commands { nodes { idempotencyKey } } }', {}],
  ] as const;
  for (const [way, query, variables] of ways) {
    const shown = await as('auditor', query, variables);
    assert.ok(JSON.stringify(shown.data).includes('secret-key'), `${way}: ${JSON.stringify(shown)}`);
    const hidden = await as('reader', query, variables);
    assert.ok(!JSON.stringify(hidden).includes('secret-key'), way);
    assert.equal(hidden.errors?.[0]?.extensions.code, 'FORBIDDEN', way);
  }
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const reads = (await store.audit.rows(0, 100)).filter(({ action }) => action === 'ledger.read');
  assert.deepEqual(
    reads.map(({ actor }) => actor),
    ways.map(() => 'auditor'),
  );
});

test('commands that one answer shows, however many and whichever of them again, are one read', async (t) => {
  const url = await storeFile(t);
  const apiKeys = Object.entries({ crm: scopes, auditor: ['agents:read', 'audit:read'] }).map(([name, granted]) => ({
    name,
    keySha256: sha256(name),
    scopes: granted,
  }));
  const server = await startServer(t, [blockOf(await startRecorder(t, { agents: [sampleAgent()] }))], {
    store: { url },
    auth: { mode: 'apiKeys', apiKeys },
  });
  const as = (name: string, query: string, variables: Record<string, unknown> = {}) =>
    server.ask(query, variables, { authorization: `Bearer ${name}` });
  const commands: string[] = [];
  for (const [action, type] of [
    ['startBlackout', 'StartBlackoutInput'],
    ['stopBlackout', 'StopBlackoutInput'],
  ]) {
    const { data } = await as('crm', `mutation ($i: ${type}!) { ${action}(input: $i) { ... on BlackoutSuccess { command { id } } } }`, {
      i: { agent: { key: { source: 'hq', identifier: 'ID', value: '2' } } },
    });
    commands.push(data[action!].command.id);
  }
  const of = Array.from({ length: 1000 }, (_, index) => ({ __typename: 'ControlCommand', id: commands[index % 2] }));
  const entities = await as('auditor', 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on ControlCommand { id } } }', {
    of,
  });
  assert.deepEqual(
    entities.data._entities.map(({ id }: { id: string }) => id),
    of.map(({ id }) => id),
  );
  const ofBlackouts = await as('auditor', '{ blackouts { nodes { commands { id } } } again: blackouts { nodes { commands { id } } } }');
  assert.equal(ofBlackouts.data.again.nodes[0].commands.length, 2, JSON.stringify(ofBlackouts));
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const reads = (await store.audit.rows(0, 100)).filter(({ action }) => action === 'ledger.read');
  assert.deepEqual(
    reads.map(({ actor, subject }) => [actor, (subject.filter as { ids: string[] }).ids.length]),
    [
      ['auditor', 2],
      ['auditor', 2],
    ],
  );
});
