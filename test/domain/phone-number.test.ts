import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameNumber } from '../../src/domain/model/phone-number.ts';

test('which stored numbers a number finds', () => {
  for (const [wanted, stored, same] of [
    ['+4512345678', '004512345678', true],
    ['004512345678', '+45 12 34 56 78', true],
    ['12345678', '+4512345678', true],
    ['+4512345678', '12345678', true],
    ['+4612345678', '+4512345678', false],
    ['020 7946 0018', '+442079460018', true],
    ['(212) 555-1234', '+13125551234', false],
    ['5678', '+4512345678', true],
    ['+4512345678', '5678', false],
    ['40038', 'sip:40038@pbx.example', true],
    ['678', '12345678', false],
    ['291', '291', true],
    ['291', 'tel:291', true],
    ['0', '0', true],
    ['Anonymous', 'anonymous', true],
    ['anonymous', '12345678', false],
    ['', '', false],
    ['291', null, false],
  ] as const) {
    assert.equal(sameNumber(wanted, stored), same, `${wanted} and ${stored}`);
  }
});
