/** Compares observations that live state may skip or apply together with the same ones applied one by one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { fuzzRuns } from '../../fuzz/runs.ts';
import { reportedAgent, startObserving } from '../support/observing.ts';

describe('a complete answer of the same bytes as one that live state says already', () => {
  const lists: readonly (readonly Observation[])[] = [
    [...reportedAgent('1', 'a'), ...reportedAgent('2', null)],
    [...reportedAgent('1', null), ...reportedAgent('2', 'a')],
    [{ type: 'unreadable', agent: '1' }, ...reportedAgent('2', 'a')],
    reportedAgent('2', 'b'),
  ];
  const others: readonly (readonly Observation[])[] = [
    reportedAgent('1', 'a'),
    reportedAgent('1', null),
    [{ type: 'call', call: { externalId: 'a', state: 'ENDED', agents: ['1'] } }],
    [{ type: 'agent', agent: { externalId: '2', status: 'BREAK' } }],
  ];

  it('changes nothing else than the same answer in full would, whatever others show in between and as late as it comes', async () => {
    const step = fc.record({
      list: fc.nat({ max: lists.length - 1 }),
      stays: fc.boolean(),
      other: fc.option(fc.nat({ max: others.length - 1 })),
      passMs: fc.nat({ max: 2 }),
      lateMs: fc.nat({ max: 3 }),
      contact: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const [marked, full] = [await startObserving(), await startObserving()];
        let last: number | null = null;
        for (const { list, stays, other, passMs, lateMs, contact } of steps) {
          const next: number = stays && last !== null ? last : list;
          for (const harness of [marked, full]) {
            await harness.clock.advance(passMs);
            const asOfMs = harness.clock.now() - lateMs;
            if (other !== null) await harness.observe('hq', { observations: others[other]!, asOfMs });
            else {
              const batch = { observations: lists[next]!, asOfMs, complete: true, contact };
              await harness.observe('hq', harness === marked ? { ...batch, unchanged: next === last } : batch);
            }
          }
          if (other === null) last = next;
        }
        assert.deepEqual(marked.reported, full.reported);
        assert.deepEqual(marked.liveState.agentsOf('hq'), full.liveState.agentsOf('hq'));
        assert.deepEqual(marked.liveState.liveCallsOf('hq'), full.liveState.liveCallsOf('hq'));
        await Promise.all([marked.store.close(), full.store.close()]);
      }),
      fuzzRuns(0.8),
    );
  });
});

interface Push {
  observations: readonly Observation[];
  lateMs: number;
  receipt: string | undefined;
}

describe('a storm of pushes', () => {
  const pushes: readonly (readonly Observation[])[] = [
    [{ type: 'recording', recording: { externalId: 't1', state: 'RECORDING', agent: '1', call: 'a' } }],
    [{ type: 'recording', recording: { externalId: 'r1', formerId: 't1', state: 'AVAILABLE', agent: '1', call: 'a' } }],
    [{ type: 'recording', recording: { externalId: 'r1', state: 'EXPIRED' } }],
    [{ type: 'recording', recording: { externalId: 'r2', state: 'AVAILABLE', agent: '2', call: 'a' } }],
    [{ type: 'call', call: { externalId: 'a', state: 'ENDED', agents: ['1'], endedAt: instant(1) } }],
    [
      { type: 'agent', agent: { externalId: '1', status: 'ON_CALL', activeCall: 'a', inactiveCalls: [] } },
      { type: 'call', call: { externalId: 'a', state: 'ACTIVE', agents: ['1', '2'] } },
    ],
    [{ type: 'agent', agent: { externalId: '1', status: 'IDLE', activeCall: null, inactiveCalls: [] } }],
    reportedAgent('1', 'b'),
    [],
  ];

  const push = fc.record({
    observations: fc.constantFrom(...pushes),
    lateMs: fc.nat({ max: 3 }),
    receipt: fc.option(fc.constantFrom('one', 'two', 'three', 'four'), { nil: undefined }),
  });
  const storms = fc.array(fc.array(push, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 });

  /** Returns the rows and the events after the storms, each with its pushes together or one after another. */
  const rowsAfter = async (all: readonly (readonly Push[])[], together: boolean, maxTransactions: number) => {
    const { clock, store, reported, observe } = await startObserving((opened) => ({ ...opened, maxTransactions }));
    for (const storm of all) {
      await clock.advance(2);
      const observing: Promise<void>[] = [];
      for (const { observations, lateMs, receipt } of storm) {
        const one = observe('desk', { observations, asOfMs: clock.now() - lateMs, ...(receipt === undefined ? {} : { receipt }) });
        observing.push(one);
        if (!together) await one;
      }
      await Promise.all(observing);
    }
    const page = { filter: {}, first: 50, after: null };
    const [calls] = await store.calls.pages([page]);
    const [recordings] = await store.recordings.pages([page]);
    const kept = { reported, agents: await store.agents.all(['desk']), calls: calls!.items, recordings: recordings!.items };
    await store.close();
    return kept;
  };

  it('leaves what each of them leaves by itself, and tells the same', async () => {
    await fc.assert(
      fc.asyncProperty(storms, async (all) => assert.deepEqual(await rowsAfter(all, true, 1), await rowsAfter(all, false, 1))),
      fuzzRuns(0.6),
    );
  });

  it('leaves the same, and tells the same of each row, where transactions are open side by side', async () => {
    const byRow = ({ reported, ...rows }: Awaited<ReturnType<typeof rowsAfter>>) => ({
      ...rows,
      reported: Map.groupBy(
        reported.map(({ id: _, ...event }) => event),
        ({ entityType, key }) => `${entityType} ${key}`,
      ),
    });
    await fc.assert(
      fc.asyncProperty(storms, async (all) =>
        assert.deepEqual(byRow(await rowsAfter(all, true, 4)), byRow(await rowsAfter(all, false, 4))),
      ),
      fuzzRuns(0.6),
    );
  });
});
