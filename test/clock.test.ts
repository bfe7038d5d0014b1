import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steady } from '../src/clock.ts';

test('a clock that is set back goes on from where it was, and one that is set forward is followed', () => {
  let rawMs = 1_000;
  const clock = steady({ now: () => rawMs, after: () => () => {} });
  const readings = [1_000, 1_010, 200, 260, 5_000, 4_990].map((reading) => {
    rawMs = reading;
    return clock.now();
  });
  assert.deepEqual(readings, [1_000, 1_010, 1_010, 1_070, 5_810, 5_810]);
});
