/** A recording whose observation and the start of a blackout are written side by side, so that neither transaction sees the other. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { defaultControlSettings } from '../../../src/domain/control/context.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { createTestDatabase } from '../../support/services.ts';
import { agent1, alice, createDomainHarness } from '../support/domain-harness.ts';

/** Holds the next transaction back, once its work is done, until it is let go. */
const createHold = () => {
  let isArmed = false;
  const [done, released, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const over = (store: Store): Store => ({
    ...store,
    transaction: async (work) => {
      const isHeld = isArmed;
      isArmed = false;
      if (!isHeld) return store.transaction(work);
      const written = await store.transaction(async (operations) => {
        const result = await work(operations);
        done.resolve();
        await released.promise;
        return result;
      });
      committed.resolve();
      return written;
    },
  });
  const arm = () => {
    isArmed = true;
  };
  return { over, arm, done: done.promise, release: released.resolve, committed: committed.promise };
};

const prepare = async (context: TestContext, support: 'NATIVE' | 'EMULATED', isElsewhere: boolean) => {
  const database = await createTestDatabase();
  context.after(database.drop);
  const hold = createHold();
  const one = await createDomainHarness({ support, reads: false, storeUrl: database.url });
  context.after(one.close);
  one.server.kill();
  const observing = await one.boot({ over: hold.over });
  const starting = isElsewhere ? await one.boot() : observing;
  one.recorder.call('1', 'call-1');
  await observing.show();
  /** Starts the blackout while what is observed waits for its commit; returns the row once that is there and all is quiet. */
  const startBeside = async (isKilled: boolean) => {
    hold.arm();
    const shown = observing.show();
    await hold.done;
    await starting.control.startBlackout({ agent: agent1, maxDuration: 60_000 }, alice, 'c');
    if (isKilled) for (const server of [observing, starting]) server.kill();
    hold.release();
    await (isKilled ? hold.committed : shown);
    const servers = isKilled ? [await one.boot()] : [observing, starting];
    const idle = () => Promise.all(servers.map(({ control }) => control.idle()));
    await idle();
    // One that found the agent held by the other tries again after so long.
    await one.pass(leaseMs / 2);
    await idle();
    const shownRow = async () => {
      await servers[0]!.show();
      await idle();
      return (await one.blackouts())[0]!;
    };
    return { shownRow, retries: () => servers.flatMap(({ held }) => [...held.retries.keys()]) };
  };
  return { one, hold, observing, starting, startBeside, showBoth: () => Promise.all([observing, starting].map((server) => server.show())) };
};

const { leaseMs } = defaultControlSettings;

const observers = { 'the server that starts': false, 'another server': true } as const;
const before = { 'where nothing ran': false, 'beside one that ran': true } as const;
const after = { 'with both alive': false, 'and both are killed after that': true } as const;

describe('a recording that begins in the moment of an emulated start is stopped, and counts as not masked until then', () => {
  for (const [observer, isElsewhere] of Object.entries(observers)) {
    for (const [where, ranBefore] of Object.entries(before)) {
      for (const [then, isKilled] of Object.entries(after)) {
        it(`observed by ${observer}, ${where}, ${then}`, async (context) => {
          const { one, startBeside, showBoth } = await prepare(context, 'EMULATED', isElsewhere);
          const { recorder } = one;
          if (ranBefore) recorder.record('1', 'SCREEN');
          await showBoth();
          recorder.record('1');
          const { shownRow } = await startBeside(isKilled);
          assert.equal(recorder.isRecording('1'), false);
          const row = await shownRow();
          assert.deepEqual([row.state, row.confirmation], ['ACTIVE', 'CONFIRMED']);
          const tapes = recorder.tapes.map(({ id }) => id).sort();
          assert.deepEqual([...row.ran!].sort(), tapes);
          assert.deepEqual(row.interrupted.map(({ recording }) => recording).sort(), tapes);
        });
      }
    }
  }
});

describe('a call that the agent enters in the moment of a start counts', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    for (const [observer, isElsewhere] of Object.entries(observers)) {
      for (const [then, isKilled] of Object.entries(after)) {
        it(`observed by ${observer}, ${then}, with an ${support} blackout`, async (context) => {
          const { one, startBeside, showBoth } = await prepare(context, support, isElsewhere);
          const { recorder } = one;
          recorder.call('2', 'call-2');
          recorder.record('2');
          await showBoth();
          recorder.hangUp('1');
          recorder.call('1', 'call-2');
          const { retries } = await startBeside(isKilled);
          if (support === 'NATIVE') assert.deepEqual(retries(), [], 'nothing of the blackout waits for its next try');
          const [row] = await one.blackouts();
          assert.equal(row!.inCalls?.at(-1)?.call, 'call-2');
          assert.deepEqual(
            row!.exposures.map(({ recording }) => recording),
            recorder.tapes.map(({ id }) => id),
          );
        });
      }
    }
  }
});

describe('what was seen before the vendor accepted a start, and written after that', () => {
  const startBetween = async (context: TestContext) => {
    const { one, hold, observing, starting } = await prepare(context, 'EMULATED', false);
    const { recorder, clock } = one;
    const tape = recorder.record('1');
    await observing.show();
    await clock.advance(2_000);
    recorder.stopTape(tape);
    recorder.hangUp('1');
    recorder.call('1', 'call-2');
    hold.arm();
    const shown = observing.show();
    await hold.done;
    const startAt = instant(clock.now() - 1_000);
    await clock.advance(1_000);
    recorder.record('1');
    recorder.failNext('STOP_RECORDING', 'failsLater');
    await starting.control.startBlackout({ agent: agent1, startAt, maxDuration: 60_000 }, alice, 'c');
    hold.release();
    await shown;
    await observing.control.idle();
    return { row: (await one.blackouts())[0]!, startAt, isRecording: recorder.isRecording('1') };
  };

  it('does not confirm it', async (context) => {
    const { row, isRecording } = await startBetween(context);
    assert.deepEqual([isRecording, row.confirmation], [true, 'ACCEPTED']);
  });
  it('counts from the start, where it is not known since when the agent is in the call', async (context) => {
    const { row, startAt } = await startBetween(context);
    assert.deepEqual(row.inCalls?.at(-1), { call: 'call-2', startsAt: startAt, endsAt: null });
  });
});
