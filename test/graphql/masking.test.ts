import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskValue } from '../../src/graphql/masking.ts';

test('digits are masked however they are grouped', () => {
  const numbers = [
    '+45 70 10 20 30',
    '06 12 34 56 78',
    '70.10.20.30',
    '70/10/20/30',
    '70\u200b10\u200b20',
    '\uff17\uff10\uff11\uff10',
    'a@b.example',
  ];
  for (const text of numbers) assert.equal(maskValue(text), '•••', text);
});

test('times, UUIDs and words stay readable', () => {
  for (const text of ['Sales', 'gate 7', '2026-01-05T09:30:00.000Z', '2026-01-05', 'a1b2c3d4-0000-4000-8000-123456789abc', 'v6.5', '12:30'])
    assert.equal(maskValue(text), text);
  assert.equal(maskValue(null), null);
});
