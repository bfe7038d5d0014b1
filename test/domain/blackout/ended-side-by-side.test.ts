/** Times of the recordings of a blackout, reported by a transaction beside which another one changes the blackout. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BlackoutTransaction } from '../../../src/domain/blackout/context.ts';
import { observeBlackouts, readConcerned } from '../../../src/domain/blackout/on-observed.ts';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import type { StoreOperations } from '../../../src/domain/ports/store.ts';
import { blackout, createPostgres, recording } from '../../storage/stores.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, seconds)).toISOString();
const over = { state: 'ENDED', endedBy: 'OPERATOR', stopsAt: at(60), endedAt: at(60) } as const;

const prepare = async (t: TestContext, fields: Partial<Blackout>) => {
  const { store, clock, close } = await createPostgres();
  t.after(close);
  const row = blackout('one', { support: 'EMULATED', startsAt: at(0), ...fields });
  await store.blackouts.insert(row);
  const sources = new Map([['hq', { name: 'hq', blackouts: {} }]]);
  /** Reports when a recording ran, in a transaction of its own; `onRead` is awaited once that has read which blackouts it overlaps. */
  const report = (name: string, onRead: () => void | Promise<void>) =>
    store.transaction(async (operations) => {
      const timed = recording(name, { agent: row.agent, kind: 'AUDIO', startedAt: at(10), endedAt: at(20) });
      await operations.recordings.put([timed]);
      const overlapping: StoreOperations['blackouts']['overlapping'] = async (spans) => {
        const found = await operations.blackouts.overlapping(spans);
        await onRead();
        return found;
      };
      const watched: StoreOperations = { ...operations, blackouts: { ...operations.blackouts, overlapping } };
      const transaction = { operations: watched, clock, sources, liveState: createLiveState() } as unknown as BlackoutTransaction;
      const reported = { reported: [], agents: [], calls: [], recordings: [timed], failures: [], blackouts: [] };
      const observed = { source: 'hq', asOfMs: clock.now(), ...reported };
      const concerned = await readConcerned(transaction, observed);
      await observeBlackouts(transaction, observed, concerned!);
    });
  const exposed = async () => {
    const [after] = await store.blackouts.byIds([row.id]);
    return after!.exposures.map((one) => one.recording).sort();
  };
  return { store, row, report, exposed };
};

test('of several recordings at once, each is counted', async (t) => {
  const { report, exposed } = await prepare(t, over);
  const { promise: bothHaveRead, resolve } = Promise.withResolvers<void>();
  let reading = 0;
  const onRead = () => {
    reading += 1;
    if (reading === 2) resolve();
    return bothHaveRead;
  };
  await Promise.all(['audio', 'screen'].map((name) => report(name, onRead)));
  assert.deepEqual(await exposed(), ['audio', 'screen']);
});

test('a recording is counted where the blackout ends meanwhile', async (t) => {
  const { store, row, report, exposed } = await prepare(t, {});
  const [locked, read] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ending = store.transaction(async (operations) => {
    const [before] = await operations.blackouts.byIds([row.id]);
    locked.resolve();
    await read.promise;
    assert.ok(await operations.blackouts.compareAndSet({ ...before!, ...over }));
  });
  await locked.promise;
  await Promise.all([ending, report('audio', read.resolve)]);
  assert.deepEqual(await exposed(), ['audio']);
});
