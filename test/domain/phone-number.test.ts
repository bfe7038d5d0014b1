import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
    ['0x12345', '0', false],
    ['5003 x2', '5003', false],
    ['5003 x2', '5003 X2', true],
    ['+4512345678', '+45 12345678 (work)', false],
    ['8 (912) 345-67-89', '+79123456789', true],
    ['+7 912 345-67-89', '89123456789', true],
    ['8 800 555-35-35', '+78005553535', true],
    ['8 029 123-45-67', '+375291234567', true],
    ['89123456789', '9123456789', true],
    ['+89123456789', '+79123456789', false],
    ['+84912345678', '+74912345678', false],
    ['81312345678', '+81312345678', true],
    ['+4512345678', '<sip:+4512345678@pbx.example>', true],
    ['12345678', '"Ada Lovelace" <sips:004512345678@pbx.example>;tag=1928301774', true],
    ['<sip:ada@pbx.example>', 'Ada', true],
    ['<sip:ada@pbx.example>', '<sip:grace@pbx.example>', false],
  ] as const) {
    assert.equal(sameNumber(wanted, stored), same, `${wanted} and ${stored}`);
  }
});

test('numbers find each other however they are written down', () => {
  const plain = ['4570102030', '442079460018', '4930123456', '8613912345678', '12125551234', '33142685300'];
  const scripts = ['0123456789', '٠١٢٣٤٥٦٧٨٩', '۰۱۲۳۴۵۶۷۸۹', '０１２３４５６７８９'];
  const separators = [
    '',
    ' ',
    '\u00a0',
    '\u202f',
    '-',
    '\u2010',
    '\u2011',
    '\u2013',
    '\u2212',
    '\u30fc',
    '\u00b7',
    '_',
    '~',
    '\t',
    '.',
    '/',
  ];
  const marks = ['', '\u200e', '\u200f', '\u202a', '\u2066', '\u200b', '\ufeff', '\ufe0f'];
  const writing = fc.record({
    number: fc.constantFrom(...plain),
    abroad: fc.constantFrom('+', '00', '＋', '(+', '(00', '[+'),
    trunk: fc.constantFrom('', '(0)', ' (0) ', '( 0 )'),
    digits: fc.constantFrom(...scripts),
    separator: fc.constantFrom(...separators),
    mark: fc.constantFrom(...marks),
    group: fc.integer({ min: 2, max: 4 }),
    extension: fc.constantFrom('', '', ' ext. 5', ';ext=5', ' x12', ', extension 345', '#7', ',,9'),
  });
  const codes = ['45', '44', '49', '86', '1', '33'];
  fc.assert(
    fc.property(writing, ({ number, abroad, trunk, digits, separator, mark, group, extension }) => {
      const code = codes.find((one) => number.startsWith(one))!;
      const groups = number.slice(code.length).match(new RegExp(`.{1,${group}}`, 'g'))!;
      const closed = { '(': ')', '[': ']' }[abroad[0]!] ?? '';
      const written = `${mark}${abroad}${code}${closed}${trunk}${separator}${groups.join(separator)}${mark}${extension}`.replaceAll(
        /\d/g,
        (digit) => digits[Number(digit)]!,
      );
      assert.ok(sameNumber(written, `+${number}`), JSON.stringify(written));
      assert.ok(sameNumber(number.slice(code.length), written), JSON.stringify(written));
    }),
    { numRuns: 2_000 },
  );
});

test('a trunk zero behind the code is none of the number where the country has one', () => {
  for (const [wanted, stored] of [
    ['+44 020 7946 0018', '+442079460018'],
    ['0049 030 123456', '+4930123456'],
    ['tel:+44-(0)20-7946-0018;ext=2', '020 7946 0018'],
    ['+45 (0)12 34 56 78', '+4512345678'],
    ['+39 (0)6 1234567', '+39061234567'],
    ['+39 (06) 1234567', '06 1234567'],
  ] as const) {
    assert.ok(sameNumber(wanted, stored), wanted);
  }
});

test('a text of any length is read in a moment', () => {
  const startMs = performance.now();
  for (const text of [`${'1'.repeat(30_000)}x`, `${' '.repeat(30_000)}x`, `${'(0)'.repeat(10_000)}x`, '+'.repeat(30_000)])
    sameNumber(text, text);
  assert.ok(performance.now() - startMs < 200);
});
