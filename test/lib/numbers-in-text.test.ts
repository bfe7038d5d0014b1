import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainText, replaceNumbers } from '../../src/lib/numbers-in-text.ts';

const length = { inRow: 4, grouped: 6 };

test('a run of any number of groups is one number', () => {
  for (const groups of [6, 1000, 200_000]) assert.equal(replaceNumbers(`from ${'1 '.repeat(groups)}on`, length, '…'), 'from … on');
});

test('a row of digits that is long enough is a number wherever it is in its run', () => {
  assert.equal(replaceNumbers('room 1 2345', length, '…'), 'room …');
  assert.equal(replaceNumbers('room 1 234', length, '…'), 'room 1 234');
});

test('a text in ASCII is read as it is with a mark that is not seen, which takes the longer way', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'0123456789 :-/.@+ax\t\n'), maxLength: 40 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (text, inRow, grouped) => {
      assert.equal(plainText(`${text}\u200b`), plainText(text));
      const found = (given: string) => replaceNumbers(given, { inRow, grouped }, '#') !== given;
      assert.equal(found(`${text}\u200b`), found(text));
    }),
    { numRuns: 2000 },
  );
});
