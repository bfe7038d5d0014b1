/** Rows that an earlier version stored under other ids, at the next start. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { renewRows } from '../../../src/domain/observe/renew-rows.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { createDomainHarness } from '../support/domain-harness.ts';

const harness = await createDomainHarness();
after(() => harness.close());
const key = (externalId: string) => ({ source: 'hq', externalId });

test('agents get the id of now in their rows, calls and recordings, and two that are one become one', async () => {
  const { store, server, recorder, clock } = harness;
  const call = (externalId: string, agent: string) => ({
    type: 'call' as const,
    call: {
      externalId,
      agents: [agent, 'ada@example.com'],
      legs: [{ party: 'AGENT' as const, agent, endpoint: null, startedAt: null, endedAt: null }],
    },
  });
  await server.observe.observe('hq', {
    observations: [
      { type: 'agent', agent: { externalId: 'Ada@Example.com', name: 'older' } },
      { type: 'agent', agent: { externalId: 'ada@example.com', name: 'Ada' } },
      { type: 'agent', agent: { externalId: 'Bob@Example.com', name: 'Bob' } },
      { type: 'agent', agent: { externalId: 'sip:70102030@pbx' } },
      call('a', 'Ada@Example.com'),
      call('b', 'Bob@Example.com'),
      call('c', 'sip:70102030@pbx'),
      { type: 'recording', recording: { externalId: 'r', agent: 'Bob@Example.com' } },
    ],
    asOfMs: clock.now(),
  });
  const source: VendorSource = {
    ...recorder.source,
    renewAgentId: (id) => (id.startsWith('sip:') ? null : id.toLowerCase()),
    renewRecording: async (row) => (row.agent === row.agent?.toLowerCase() ? null : { ...row, agent: row.agent!.toLowerCase() }),
  };
  await renewRows(store, [source]);

  const named = (await store.agents.all(['hq'])).map(({ externalId, name }) => [externalId, name]).filter(([id]) => id!.includes('@'));
  assert.deepEqual(named, [
    ['ada@example.com', 'Ada'],
    ['bob@example.com', 'Bob'],
  ]);
  const calls = await store.calls.byKeys(['a', 'b', 'c'].map(key));
  assert.deepEqual(
    calls.map((one) => [one?.agents, one?.legs[0]?.agent]),
    [
      [['ada@example.com'], 'ada@example.com'],
      [['bob@example.com', 'ada@example.com'], 'bob@example.com'],
      [['ada@example.com'], null],
    ],
  );
  const callsOf = async (agent: string) => {
    const [page] = await store.calls.pages([{ filter: { agent: key(agent) }, first: 10, after: null }]);
    return page!.items.map(({ externalId }) => externalId).sort();
  };
  assert.deepEqual(await callsOf('bob@example.com'), ['b']);
  for (const former of ['Bob@Example.com', 'Ada@Example.com', 'sip:70102030@pbx']) assert.deepEqual(await callsOf(former), []);
  assert.equal((await store.recordings.byKeys([key('r')]))[0]?.agent, 'bob@example.com');
});

test('a store is gone through once', async () => {
  const { store, recorder } = harness;
  let renewed = 0;
  const renewAgentId = (id: string) => {
    renewed += 1;
    return id;
  };
  await renewRows(store, [{ ...recorder.source, renewAgentId }]);
  assert.equal(renewed, 0);
});
