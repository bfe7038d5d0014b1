/** Notes that hold a card's number are refused however it is disguised; ordinary notes are taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requireNote } from '../../src/domain/blackout/note.ts';

const isRefused = (note: string): boolean => {
  try {
    requireNote(note);
    return false;
  } catch {
    return true;
  }
};

/** The last digit that makes the others satisfy Luhn. */
const checkDigit = (digits: readonly number[]): number => {
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return (10 - (sum % 10)) % 10;
};

const cards = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.array(fc.nat(9), { minLength: 11, maxLength: 17 }))
  .map(([first, rest]) => [first, ...rest])
  .map((digits) => [...digits, checkDigit(digits)])
  // A date and a time without separators are as many digits, and stay allowed.
  .filter((digits) => !/^20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/.test(digits.join('')));

/** Every script's digits, in rows from zero to nine. */
const scripts = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => (code < 0xd800 || code > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(code)))
  .map((code) => String.fromCodePoint(code))
  .reduce<string[][]>((rows, digit, index) => {
    if (index % 10 === 0) rows.push([]);
    rows.at(-1)!.push(digit);
    return rows;
  }, []);
const fromOne = (zero: string, one: number) => [zero, ...Array.from({ length: 9 }, (_, digit) => String.fromCodePoint(one + digit))];
const circled = [
  ...[fromOne('\u24ea', 0x2460), fromOne('\u24ff', 0x2776), fromOne('\u{1f10b}', 0x2780), fromOne('\u{1f10c}', 0x278a)],
  ...[fromOne('\u24ff', 0x24f5), [...'⁰¹²³⁴⁵⁶⁷⁸⁹']],
];
/** Digits that bring what stands between them. */
const punctuated = [fromOne('(0)', 0x2474), fromOne('0.', 0x2488), fromOne('\u{1f101}', 0x1f102)];
const ascii = [...'0123456789'];
const numerals = fc.oneof(fc.constant(ascii), fc.constantFrom(...scripts, ...circled));
const unseen = fc.constantFrom('', '\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u0301', '\u20e3', '\ufe0f', '\u{e0020}', '\u034f');
const separators = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '-',
    '.',
    ',',
    ':',
    '/',
    '_',
    '|',
    '\n',
    ' \r\n \r\n',
    '\u00a0',
    '\u2013',
    'x',
    'ab',
    ', ',
    ' -',
    '🙂',
    '数',
    'é',
    '()',
    '🙂🙂',
    '간수',
    '½',
    '👩‍👧🇩🇰',
  ),
  fc.string({ unit: 'grapheme', maxLength: 2 }).filter((text) => !/[\p{Nd}\p{No}]/u.test(text.normalize('NFKD'))),
  fc.string({ unit: fc.constantFrom(...'abcxyzÆ·*+#~()[] \t;:,.-_/\\|'), maxLength: 2 }),
);

test('a card number is refused with every separator, in every script, with marks that are not seen', () => {
  fc.assert(
    fc.property(cards, separators, numerals, unseen, fc.integer({ min: 1, max: 6 }), (digits, separator, numeral, mark, every) => {
      const text = digits.map((digit, index) => (index > 0 && index % every === 0 ? separator : '') + numeral[digit] + mark).join('');
      assert.ok(isRefused(`card ${text} of the customer`), text);
    }),
    // Begins with two dates.
    { numRuns: 3000, examples: [[[2, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 3], '-', [...'0123456789'], '', 2]] },
  );
});

test('a card number is refused in digits that have brackets, dots and commas', () => {
  fc.assert(
    fc.property(cards, fc.constantFrom(...punctuated), (digits, numeral) => {
      const text = digits.map((digit) => numeral[digit]).join('');
      assert.ok(isRefused(text), text);
    }),
  );
});

test('a card number is refused however many spaces stand between its groups', () => {
  for (const space of [' '.repeat(4), '\t'.repeat(7), ' \n\n  \u00a0 ']) {
    assert.ok(isRefused(`card ${['4111', '1111', '1111', '1111'].join(space)} of the customer`), JSON.stringify(space));
  }
});

test('a card number is refused with another separator at each place', () => {
  fc.assert(
    fc.property(cards, fc.array(separators, { minLength: 19, maxLength: 19 }), (digits, between) => {
      const text = digits.map((digit, index) => digit + between[index]!).join('');
      // One that reads as times and dates is not distinguished from them.
      fc.pre(!/\d:\d\d|\d([-./])\d\d?\1\d/.test(text));
      assert.ok(isRefused(text), text);
    }),
    { numRuns: 1000 },
  );
});

const two = (max: number, min = 0) => fc.integer({ min, max }).map((number) => String(number).padStart(2, '0'));
const date = fc
  .tuple(fc.integer({ min: 2019, max: 2031 }), two(12, 1), two(28, 1), fc.constantFrom('-', '/', '.'))
  .chain(([year, month, day, dash]) => fc.constantFrom(`${year}${dash}${month}${dash}${day}`, `${day}${dash}${month}${dash}${year}`));
const time = fc
  .tuple(two(23), two(59), two(59))
  .chain(([hour, minute, second]) => fc.constantFrom(`${hour}:${minute}`, `${hour}:${minute}:${second}`));
const moment = fc.tuple(date, fc.constantFrom(' ', 'T', ', '), time).map((parts) => parts.join(''));
const stamp = fc.tuple(fc.constantFrom('2025', '2026'), two(12, 1), two(28, 1), two(23), two(59), two(59)).map((parts) => parts.join(''));
const pad = (number: number, length: number) => String(number).padStart(length, '0');
const compact = fc
  .tuple(stamp, fc.constantFrom('', '-', '_', 'T', ' '), fc.option(fc.nat(999)))
  .map(([digits, between, ms]) => `${digits.slice(0, 8)}${between}${digits.slice(8)}${ms === null ? '' : pad(ms, 3)}`);
const span = fc.tuple(fc.oneof(moment, time), fc.oneof(moment, time)).map(([from, to]) => `${from}-${to}`);
const phone = fc.integer({ min: 10_000_000, max: 99_999_999 }).map((number) => `+45 ${String(number).match(/../g)!.join(' ')}`);
const order = fc.integer({ min: 1000, max: 999_999_999 }).map(String);
const amount = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 999 }))
  .map(([left, right]) => `${left}.${right},00 kr`);
const uuid = fc.uuid();
const words = fc.constantFrom(
  'Customer',
  'asked to pause',
  'supervisor agreed',
  'call back',
  'invoice paid twice',
  'see ticket',
  'agent 292 off',
  'line 4 of 12',
);
const parts = fc.oneof(date, time, moment, stamp, compact, span, phone, order, amount, uuid, words);
const notes = fc.tuple(words, parts, words, parts, words).map((all) => all.join(' '));

test('of a thousand ordinary notes fewer than one in a hundred is refused', () => {
  const refused = fc.sample(notes, { numRuns: 1000, seed: 20260105 }).filter(isRefused);
  assert.ok(refused.length < 10, `${refused.length}: ${refused.join(' | ')}`);
});

test('dates, times and UUIDs alone are never refused', () => {
  const alone = fc.array(fc.oneof(date, time, moment, stamp, compact, span, uuid), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(alone, (all) => {
      assert.equal(requireNote(all.join(' to ')), all.join(' to '));
    }),
    { numRuns: 2000 },
  );
});
