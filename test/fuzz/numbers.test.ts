/** Numbers that are grouped and disguised in any way stay hidden: in what callers see without pii:read, in log lines, and in notes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdsCardNumber } from '../../src/domain/blackout/card-number.ts';
import { maskValue } from '../../src/graphql/masking.ts';
import { replaceNumbers } from '../../src/lib/numbers-in-text.ts';
import { createLog } from '../../src/observability/log.ts';
import { fuzzRuns } from './runs.ts';

const visible = [
  ' ',
  '\u00a0',
  '\u2009',
  '-',
  '\u2010',
  '\u2013',
  '\u2212',
  '\u30fc',
  '.',
  '\u00b7',
  '/',
  '(',
  ')',
  '_',
  ' - ',
  ' / ',
  ' ... ',
];
const listing = [',', ':', ';', ', ', ' : ', '\uff0c', '#', '&', '|', '"', '%', '!', '[]', '\u{1f4de}'];
const unseen = ['', '', '\u200b', '\u00ad', '\u2060', '\u0301', '\ufe0f'];
const cardSeparator = fc
  .tuple(fc.constantFrom('', ...visible.filter((one) => one.length <= 3)), fc.constantFrom(...unseen))
  .map((parts) => parts.join(''));
const separator = fc.tuple(fc.constantFrom('', ...visible, ...listing), fc.constantFrom(...unseen)).map((parts) => parts.join(''));
/** Latin, full-width and Arabic-Indic. */
const scripts = fc.constantFrom(0x30, 0xff10, 0x660);

const disguised = (digits: fc.Arbitrary<readonly number[]>, between: fc.Arbitrary<string>) =>
  digits.chain((given) =>
    fc.tuple(fc.array(between, { minLength: given.length, maxLength: given.length }), scripts).map(([separators, zero]) => ({
      digits: given.join(''),
      text: given.map((digit, index) => String.fromCodePoint(zero + digit) + (index < given.length - 1 ? separators[index] : '')).join(''),
    })),
  );

const digit = fc.integer({ min: 0, max: 9 });
const phone = disguised(fc.array(digit, { minLength: 8, maxLength: 15 }), separator);
const words = fc.constantFrom('', 'call back on ', 'Kunde: ', '(tel) ');

const logged = (text: string): string => {
  const lines: string[] = [];
  createLog('info', (line) => void lines.push(line)).info(text, { note: text });
  const { msg, note } = JSON.parse(lines[0]!) as { msg: string; note: string };
  assert.equal(msg, note);
  return msg;
};

/** Times that happen to fill it whole are no number to anybody. */
const isTimes = (text: string) => /^\D*(?:[012]\d:[0-5]\d(?::[0-5]\d)?\D+)+$/.test(`${text.normalize('NFKC')} `);

test('a phone number in free text is masked, and is in no log line', () => {
  fc.assert(
    fc.property(phone, words, ({ text }, before) => {
      fc.pre(!isTimes(text));
      assert.equal(maskValue(`${before}${text}`), '•••', JSON.stringify(text));
      const shown = logged(`${before}${text}`);
      assert.ok((shown.match(/\p{Nd}/gu) ?? []).length < 7, `${JSON.stringify(text)} became ${shown}`);
    }),
    fuzzRuns(4),
  );
});

test('a log line hides a number of seven digits where an answer does, and nowhere else', () => {
  const piece = fc.oneof(
    phone.map(({ text }) => text),
    fc.constantFrom('10:20:30', '2026-11-29', '23:59', '12', '7', '550e8400-e29b-41d4-a716-446655440000'),
    words,
  );
  const text = fc
    .array(fc.tuple(piece, fc.constantFrom(' ', ', ', ':', '-', ' to ', ' at ')), { maxLength: 5 })
    .map((all) => all.flat().join(''));
  fc.assert(
    fc.property(text, (given) => {
      const hidden = logged(given).includes('[number]');
      assert.equal(hidden, replaceNumbers(given, { inRow: 7, grouped: 7 }, '#') !== given, JSON.stringify(given));
      if (hidden) assert.equal(maskValue(given), '•••', JSON.stringify(given));
    }),
    fuzzRuns(4),
  );
});

/** The digits with the last one chosen so that the number satisfies Luhn. */
const withLuhn = (digits: readonly number[]): number[] => {
  const sum = digits.toReversed().reduce((total, one, index) => {
    const doubled = index % 2 === 0 ? one * 2 : one;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - (sum % 10)) % 10];
};
const card = disguised(
  fc
    .tuple(fc.constantFrom(2, 3, 4, 5, 6), fc.array(digit, { minLength: 14, maxLength: 14 }))
    .map(([first, rest]) => withLuhn([first, ...rest])),
  cardSeparator,
);

test('a card number is found in a note', () => {
  fc.assert(
    fc.property(card, words, ({ text }, before) => assert.ok(holdsCardNumber(`${before}${text}`), JSON.stringify(text))),
    fuzzRuns(2),
  );
});

test('times and ids of ours stay readable', () => {
  const clock = fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(-13, -5));
  const at = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }).map((date) => date.toISOString());
  fc.assert(
    fc.property(fc.oneof(at, clock, fc.uuid()), (text) => {
      assert.equal(maskValue(`since ${text}`), `since ${text}`);
      assert.equal(logged(`since ${text}`), `since ${text}`.replace(/\w{8}-(\w{4}-){3}\w{12}/, '[id]'));
      assert.equal(holdsCardNumber(`since ${text}`), false);
    }),
    fuzzRuns(),
  );
});
