import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import type { AgentSnapshot } from '../../src/domain/model/observation.ts';
import { backOffMs, observationsOf, pollingObserver } from '../../src/vendors/kit/index.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../src/vendors/kit/testing/vendor-context.ts';

const agentSnapshot = (agent: string): AgentSnapshot => ({
  agent,
  observations: [{ type: 'liveness', agent, calls: [], recordings: [] }],
});

/** An observer of a vendor that answers from `answer`, on a clock that the test moves. */
const startPolling = (
  answer: (turn: number) => Promise<readonly AgentSnapshot[]> | readonly AgentSnapshot[],
  observe?: () => Promise<void>,
) => {
  const clock = createManualClock(0);
  const context = createVendorContext({ clock, ...(observe ? { observe } : {}) });
  const polledAt: number[] = [];
  const stopping = new AbortController();
  const observer = pollingObserver(
    {
      source: 'hq',
      everyMs: 2000,
      random: () => 0,
      read: async () => {
        polledAt.push(clock.now());
        return { observations: observationsOf(await answer(polledAt.length)) };
      },
    },
    context,
  );
  return { clock, context, polledAt, stopping, running: observer.run(stopping.signal) };
};

test('reports everything with each poll, as of when it was sent', async () => {
  const { clock, context, polledAt, stopping, running } = startPolling(() => [agentSnapshot('1'), agentSnapshot('2')]);
  await clock.advance(6000);
  assert.deepEqual(polledAt, [0, 2000, 4000, 6000]);
  assert.deepEqual(
    context.batches.map(({ asOfMs, complete, observations }) => [asOfMs, complete, observations.length]),
    [0, 2000, 4000, 6000].map((at) => [at, true, 2]),
  );
  stopping.abort();
  await running;
  assert.equal(clock.pending(), 0);
});

test('an answer with the bytes of the one before is unchanged, unless that one was not taken', async () => {
  let fails = false;
  const handedOn: unknown[] = [];
  const context = createVendorContext({
    observe: async ({ unchanged }) => {
      handedOn.push(unchanged);
      if (fails) throw new Error('disk full');
    },
  });
  const digests = ['x', 'x', 'x', 'x', 'y', null, null];
  const observer = pollingObserver(
    { source: 'hq', everyMs: 2000, read: async () => ({ observations: [], digest: digests.shift()! }) },
    context,
  );
  const poll = () => observer.poll(new AbortController().signal);
  await poll();
  await poll();
  fails = true;
  await assert.rejects(poll(), /disk full/);
  fails = false;
  for (let times = 0; times < 4; times += 1) await poll();
  assert.deepEqual(handedOn, [false, true, true, false, false, false, false]);
});

test('backs off while the vendor fails, says so once, and comes back', async () => {
  const { clock, context, polledAt, stopping, running } = startPolling((turn) => {
    if (turn <= 6) throw new ExpectedError('VENDOR_UNAVAILABLE', 'hq: GetAll was answered with HTTP 500.');
    return [agentSnapshot('1')];
  });
  await clock.advance(70_000);
  const gaps = polledAt.slice(1).map((at, place) => at - polledAt[place]!);
  assert.deepEqual(gaps.slice(0, 8), [2000, 4000, 8000, 15_000, 15_000, 15_000, 2000, 2000]);
  assert.deepEqual(
    context.logged.map(({ level, message }) => [level, message]),
    [
      ['warn', 'polling fails'],
      ['info', 'polling works again'],
    ],
  );
  stopping.abort();
  await running;
});

test('the pause grows to 30 s and no further, and its upper half is chance', () => {
  const backOff = (failures: number, chance: number) => backOffMs(2000, failures, chance);
  assert.deepEqual([backOff(1, 0), backOff(1, 1)], [2000, 4000]);
  assert.deepEqual([backOff(50, 0), backOff(50, 1)], [15_000, 30_000]);
});

test('one poll at a time, however long the vendor takes', async () => {
  let answer: (agentSnapshots: readonly AgentSnapshot[]) => void = () => assert.fail('not polled');
  const { clock, polledAt, stopping, running } = startPolling(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  await clock.advance(9000);
  assert.equal(polledAt.length, 1);
  answer([]);
  await clock.advance(1000);
  assert.deepEqual(polledAt, [0, 10_000], 'a slow vendor gets a pause all the same');
  stopping.abort();
  answer([]);
  await running;
});

test('survives a store that fails, and an answer that makes no sense', async () => {
  let turn = 0;
  const { clock, polledAt, context, stopping, running } = startPolling(
    () => [agentSnapshot('1')],
    async () => {
      turn += 1;
      if (turn === 1) throw new Error('disk full');
    },
  );
  await clock.advance(4000);
  assert.deepEqual(polledAt, [0, 2000, 4000]);
  assert.equal(context.logged[0]?.level, 'error');
  stopping.abort();
  await running;
});
