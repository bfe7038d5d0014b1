import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceNumbers } from '../../src/lib/numbers-in-text.ts';

const length = { inRow: 4, grouped: 6 };

test('a run of any number of groups is one number', () => {
  for (const groups of [6, 1000, 200_000]) assert.equal(replaceNumbers(`from ${'1 '.repeat(groups)}on`, length, '…'), 'from … on');
});

test('a row of digits that is long enough is a number wherever it is in its run', () => {
  assert.equal(replaceNumbers('room 1 2345', length, '…'), 'room …');
  assert.equal(replaceNumbers('room 1 234', length, '…'), 'room 1 234');
});
