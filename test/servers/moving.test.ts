import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestDatabase } from '../support/services.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';
import { createCluster } from './cluster.ts';

const agentRef = { key: { source: 'hq', identifier: 'ID', value: '1' } };
const everything = `{
  agents { nodes { externalId status } }
  blackouts { totalCount nodes { id state reason note requestedBy startsAt deadline } }
  commands { totalCount nodes { id operation status requestedBy requestedAt } }
  calls { totalCount nodes { externalId state startedAt } }
  recordings { totalCount nodes { externalId state } }
}`;
const start = `mutation ($input: StartBlackoutInput!) {
  startBlackout(input: $input) { __typename ... on BlackoutSuccess { replayed blackout { id } } ... on Problem { code message } } }`;

test('one command moves a database from SQLite to PostgreSQL and back, with all that clients had', async (context) => {
  const cluster = await createCluster(context);
  const there = await createTestDatabase();
  context.after(there.drop);
  const folder = await mkdtemp(join(tmpdir(), 'tapegraph-move-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const [first, last] = ['first', 'last'].map((name) => `sqlite:${join(folder, `${name}.db`)}`);
  const simulator = await startRecorder(context, { agents: 2 });
  const sources = [blockOf(simulator)];
  simulator.contactCenter.takeCall(simulator.agent(1));
  const input = { agent: agentRef, reason: 'CARD_PAYMENT', note: 'Überweisung, 付款', maxDuration: 'PT4M', idempotencyKey: 'once' };

  const before = await startServer(context, sources, { store: { url: first } });
  const begun = await before.ask(start, { input });
  assert.equal(begun.data.startBlackout.__typename, 'BlackoutSuccess', JSON.stringify(begun));
  const had = await before.ask(everything);
  assert.equal(had.data.calls.totalCount, 1);
  assert.equal(had.data.blackouts.nodes[0].state, 'ACTIVE');
  await before.stop();

  for (const [from, to] of [
    [first, there.url],
    [there.url, last],
  ]) {
    const moved = await cluster.run(['migrate', '--to', to!], { store: { url: from }, sources });
    assert.equal(moved.code, 0, moved.output);
    assert.match(moved.output, /everything is copied; now set store\.url to the target/);
    const twice = await cluster.run(['migrate', '--to', to!], { store: { url: from }, sources });
    assert.equal(twice.code, 1, 'a database that is in use already is not written over');
    assert.match(twice.output, /The target is the source itself, or a copy of it/);

    const server = await startServer(context, sources, { store: { url: to } });
    assert.deepEqual((await server.ask(everything)).data, had.data);
    const again = await server.ask(start, { input });
    assert.deepEqual(again.data.startBlackout, { ...begun.data.startBlackout, replayed: true }, 'the key is known here too');
    await server.stop();
    const audit = await cluster.run(['audit', 'verify'], { store: { url: to }, sources });
    assert.equal(audit.code, 0, audit.output);
  }
  assert.equal(simulator.callsMade('POST /api/Blackout/StartForAgent'), 1);
});
