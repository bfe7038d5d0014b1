import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, watchWallClock } from '../../src/lib/clock.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';

test('wall time is the machine’s, and monotonic time goes on by itself', async () => {
  const [wallMs, monotonicMs] = [systemClock.now(), systemClock.monotonicMs()];
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  assert.ok(Math.abs(Date.now() - systemClock.now()) < 1000);
  assert.ok(systemClock.now() >= wallMs);
  const spentMs = systemClock.monotonicMs() - monotonicMs;
  assert.ok(spentMs >= 19, `${spentMs} ms`);
});

test('a wall clock that is set is noticed once, with how far; small steps are not', async () => {
  const clock = createManualClock();
  const sets: number[] = [];
  const end = watchWallClock(clock, (byMs) => sets.push(byMs));
  await clock.advance(5000);
  clock.set(-3_600_000);
  await clock.advance(5000);
  clock.set(100);
  await clock.advance(2000);
  clock.set(7000);
  await clock.advance(2000);
  end();
  clock.set(60_000);
  await clock.advance(5000);
  assert.deepEqual(sets, [-3_600_000, 7000]);
  assert.equal(clock.pending(), 0);
});
