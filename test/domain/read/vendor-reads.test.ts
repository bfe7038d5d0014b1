/** Tests reads that may go to a vendor: which calls it gets, how often, and what is reported when it cannot answer. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Agent } from '../../../src/domain/model/entities.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import type { LiveEvent } from '../../../src/domain/model/events.ts';
import type { AgentSnapshot, ObservationBatch } from '../../../src/domain/model/observation.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { reduce } from '../../../src/domain/observe/reduce.ts';
import type { AgentLookup, VendorSource } from '../../../src/domain/ports/vendor.ts';
import { createVendorReadState } from '../../../src/domain/read/context.ts';
import { findAgents } from '../../../src/domain/read/find-agents.ts';
import { refreshRecordings, refreshSource } from '../../../src/domain/read/refresh.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

const agentSnapshotOf = (agent: string): AgentSnapshot => ({
  agent,
  observations: [{ type: 'agent', agent: { externalId: agent, status: 'IDLE', phone: `500${agent}` } }],
});

const create = (maxStalenessMs: number) => {
  const clock = createManualClock();
  const liveState = createLiveState();
  const vendorCalls: (readonly AgentLookup[] | 'all')[] = [];
  let failure: Error | null = null;
  const answer = async <T>(question: readonly AgentLookup[] | 'all', answers: () => T): Promise<T> => {
    vendorCalls.push(question);
    await new Promise((resolve) => setImmediate(resolve));
    if (failure) throw failure;
    return answers();
  };
  const listed: (readonly string[] | null)[] = [];
  const source = {
    name: 'hq',
    maxStalenessMs,
    recordings: {
      list: async ({ agents }: { agents: readonly string[] | null }) => {
        listed.push(agents);
        await new Promise((resolve) => setImmediate(resolve));
        return [];
      },
    },
    agents: {
      identifiers: ['ID', 'PHONE'],
      byIdentifiers: (lookups: readonly AgentLookup[]) =>
        answer(lookups, () => lookups.map(({ value }) => (value.startsWith('9') ? null : agentSnapshotOf(value.at(-1)!)))),
      list: () => answer('all', () => ['1', '2', '3'].map(agentSnapshotOf)),
    },
  } as unknown as VendorSource;
  let next = 1;
  const observe = async (name: string, batch: ObservationBatch) => {
    const known = {
      agent: (externalId: string) => liveState.agent({ source: name, externalId }),
      call: () => null,
      recording: () => null,
      liveAt: () => ({ calls: [], recordings: [] }),
    };
    const { agents } = reduce(known, name, batch);
    liveState.apply(
      agents.map(
        ({ after }): LiveEvent => ({
          id: next++,
          at: '',
          entityType: 'agent',
          source: name,
          key: after.externalId,
          previous: null,
          warning: null,
          state: after,
        }),
      ),
    );
    for (const one of batch.observations)
      if (one.type === 'agent') liveState.touch(name, [one.agent.externalId], new Date(batch.asOfMs).toISOString());
    if (batch.complete) liveState.recordContact(name, batch.asOfMs);
  };
  const shared = { clock, liveState, sources: new Map([['hq', source]]), observe, vendorReads: createVendorReadState() };
  const reads = {
    agents: (name: string, lookups: readonly AgentLookup[], sinceMs?: number) => findAgents({ ...shared, sinceMs }, name, lookups),
    refresh: (name: string, sinceMs?: number) => refreshSource({ ...shared, sinceMs }, name),
    refreshRecordings: (name: string, agents: readonly string[] | null) =>
      refreshRecordings({ ...shared, sinceMs: undefined }, name, agents),
  };
  const ids = (answers: readonly (Agent | null | Error)[]) =>
    answers.map((one) => (one === null || one instanceof Error ? one : one.externalId));
  const id = (value: string): AgentLookup => ({ identifier: 'ID', value });
  return { clock, vendorCalls, listed, reads, ids, id, fail: (error: Error | null) => (failure = error) };
};

describe('reading agents', () => {
  it('asks for what is not known, together, and answers in order', async () => {
    const { reads, vendorCalls, ids, id } = create(5000);
    assert.deepEqual(ids(await reads.agents('hq', [id('2'), id('9'), { identifier: 'PHONE', value: '5001' }, id('2')])), [
      '2',
      null,
      '1',
      '2',
    ]);
    assert.equal(vendorCalls.length, 1);
    assert.deepEqual(ids(await reads.agents('hq', [id('1'), id('2')])), ['1', '2']);
    assert.equal(vendorCalls.length, 1, 'both are fresh');
  });

  it('asks again once it is too old, unless it was contact since the request began', async () => {
    const { reads, vendorCalls, id, clock } = create(5000);
    await reads.refresh('hq');
    await clock.advance(5000);
    await reads.agents('hq', [id('1')]);
    await reads.refresh('hq');
    assert.equal(vendorCalls.length, 1);
    await clock.advance(1);
    await reads.agents('hq', [id('1')]);
    await reads.refresh('hq');
    assert.deepEqual(
      vendorCalls.slice(1).map((one) => (one === 'all' ? one : one.length)),
      [1, 'all'],
    );
    const always = create(0);
    const sinceMs = always.clock.now();
    await always.reads.refresh('hq', sinceMs);
    await always.reads.refresh('hq', sinceMs);
    await always.reads.agents('hq', [id('1'), id('2')], sinceMs);
    assert.equal(always.vendorCalls.length, 1);
    await always.reads.refresh('hq');
    assert.equal(always.vendorCalls.length, 2);
  });

  it('shares one call among those who ask at the same time, and asks only for the rest', async () => {
    const { reads, vendorCalls, ids, id } = create(0);
    const answers = await Promise.all([
      reads.agents('hq', [id('1'), id('2')]),
      reads.agents('hq', [id('2'), id('3')]),
      reads.agents('hq', [id('1')]),
    ]);
    assert.deepEqual(answers.map(ids), [['1', '2'], ['2', '3'], ['1']]);
    assert.deepEqual(vendorCalls, [[id('1'), id('2')], [id('3')]]);
    await Promise.all(Array.from({ length: 10 }, () => reads.refresh('hq')));
    assert.equal(vendorCalls.length, 3);
  });

  it('tells what was last seen when the vendor fails, the failure where nothing was, and recovers', async () => {
    const { reads, vendorCalls, ids, id, fail } = create(0);
    await reads.agents('hq', [id('1')]);
    const down = new ExpectedError('VENDOR_UNAVAILABLE', 'hq does not answer.');
    fail(down);
    assert.deepEqual(ids(await reads.agents('hq', [id('1'), { identifier: 'PHONE', value: '5001' }, id('2')])), ['1', '1', down]);
    await assert.rejects(reads.refresh('hq'), down);
    fail(null);
    const before = vendorCalls.length;
    await reads.refresh('hq');
    assert.deepEqual(ids(await reads.agents('hq', [id('2')])), ['2']);
    assert.equal(vendorCalls.length, before + 2, 'a failure is not kept');
  });

  it('refuses an identifier that the vendor does not find by, and says which it does', async () => {
    const { reads, vendorCalls } = create(0);
    const [answer] = await reads.agents('hq', [{ identifier: 'EMAIL', value: 'x' }]);
    assert.ok(answer instanceof ExpectedError);
    assert.equal(answer.code, 'INVALID_INPUT');
    assert.equal(answer.message, 'Source hq does not find agents by EMAIL; it finds them by ID, PHONE.');
    assert.equal(vendorCalls.length, 0);
  });
});

describe('listing recordings', () => {
  it('asks for whom it is too old, once for all who ask the same', async () => {
    const { reads, listed, clock } = create(5000);
    await Promise.all([reads.refreshRecordings('hq', ['1', '2']), reads.refreshRecordings('hq', ['1', '2'])]);
    await reads.refreshRecordings('hq', ['2', '3']);
    await reads.refreshRecordings('hq', null);
    await reads.refreshRecordings('hq', ['4']);
    assert.deepEqual(listed, [['1', '2'], ['3'], null]);
    await clock.advance(5001);
    await reads.refreshRecordings('hq', ['1']);
    assert.deepEqual(listed.slice(3), [['1']]);
  });

  it('of an agent whose id is empty asks nobody, and leaves the listing of everyone as it was', async () => {
    const { reads, listed } = create(5000);
    const everyone = [reads.refreshRecordings('hq', ['']), reads.refreshRecordings('hq', null)];
    await Promise.all(everyone);
    assert.deepEqual(listed, [null]);
  });
});
