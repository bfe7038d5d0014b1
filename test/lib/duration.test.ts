import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';

it('ISO 8601 durations of weeks, days and shorter are read as milliseconds', () => {
  const known = {
    PT5M: 300_000,
    PT90S: 90_000,
    'PT1H0.5S': 3_600_500,
    P1D: 86_400_000,
    P1W: 604_800_000,
    P1DT1H: 90_000_000,
    '-PT10S': -10_000,
    '+PT1S': 1000,
    PT0S: 0,
    'PT0.25M': 15_000,
  };
  for (const [text, ms] of Object.entries(known)) assert.equal(parseDuration(text), ms, text);
});

it('what has no fixed length, or is no duration, is none', () => {
  for (const wrong of [
    '',
    'P',
    'PT',
    '-P',
    'P1Y',
    'P1M',
    'P1DT',
    '5M',
    'PT5',
    'PT5M3H',
    'pt5m',
    'PT-5M',
    'PT5,5S',
    'PT1e3S',
    ' PT5M',
    'PT5M ',
  ])
    assert.equal(parseDuration(wrong), null, wrong);
});

it('what is written is read back the same', () => {
  assert.deepEqual([0, 300_000, 3_600_500, -10_000, 90_000_000].map(formatDuration), ['PT0S', 'PT5M', 'PT1H0.5S', '-PT10S', 'PT25H']);
  fc.assert(fc.property(fc.integer({ min: -1e13, max: 1e13 }), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)));
});
