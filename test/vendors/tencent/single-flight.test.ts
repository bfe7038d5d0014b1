import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { singleFlight } from '../../../src/vendors/tencent/single-flight.ts';

const createReads = () => {
  const clock = createManualClock();
  const begun: PromiseWithResolvers<number>[] = [];
  const beganAtMs: number[] = [];
  const read = singleFlight(() => {
    beganAtMs.push(clock.now());
    begun.push(Promise.withResolvers<number>());
    return begun.at(-1)!.promise;
  }, clock);
  return { clock, begun, beganAtMs, read };
};

test('nobody is answered with what was read before their request', async () => {
  const { clock, begun, beganAtMs, read } = createReads();
  const first = [read(), read()];
  await clock.advance(10);
  const requestedAtMs = clock.now();
  const later = [read(), read()];
  await clock.advance(10);
  later.push(read());
  assert.equal(begun.length, 1, 'one round at a time');
  begun[0]!.resolve(1);
  assert.deepEqual(await Promise.all(first), [1, 1]);
  await clock.advance(0);
  begun[1]!.resolve(2);
  assert.deepEqual(await Promise.all(later), [2, 2, 2]);
  assert.equal(begun.length, 2);
  assert.ok(beganAtMs[1]! >= requestedAtMs);
});

test('a round that fails fails for those who wait for the next one too, and the next who asks begins anew', async () => {
  const { clock, begun, read } = createReads();
  const first = assert.rejects(read(), /down/);
  await clock.advance(10);
  const second = assert.rejects(read(), /down/);
  begun[0]!.reject(new Error('down'));
  await Promise.all([first, second]);
  const third = read();
  begun[1]!.resolve(3);
  assert.equal(await third, 3);
});
