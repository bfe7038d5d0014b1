import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutageWatch } from '../../src/vendors/kit/outage.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';

const watched = () => {
  const clock = createManualClock();
  const ended: (number | null)[] = [];
  return { clock, ended, watch: createOutageWatch(clock, (sinceMs) => ended.push(sinceMs)) };
};

test('a connection that did not come about begins an outage, which lasts since the last answer', async () => {
  const { clock, ended, watch } = watched();
  watch.answered('Read');
  const answeredMs = clock.now();
  const beganMs = clock.monotonicMs();
  await clock.advance(1000);
  watch.unreached(beganMs);
  await clock.advance(1000);
  watch.answered('Read');
  assert.deepEqual(ended, [answeredMs]);
  watch.answered('Read');
  assert.equal(ended.length, 1);
});

test('one that did not come about is no outage where the vendor answered on another since it was begun', async () => {
  const { clock, ended, watch } = watched();
  const beganMs = clock.monotonicMs();
  await clock.advance(1000);
  watch.answered('Read');
  clock.set(-3_600_000);
  await clock.advance(1000);
  watch.unreached(beganMs);
  watch.answered('Read');
  assert.deepEqual(ended, []);
});

test('a vendor that no connection reached before its first answer was away since nobody knows when', () => {
  const { clock, ended, watch } = watched();
  watch.unreached(clock.monotonicMs());
  watch.answered('Read');
  assert.deepEqual(ended, [null]);
});
