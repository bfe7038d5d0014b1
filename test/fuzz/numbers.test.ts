/** Numbers that are grouped and disguised in any way stay hidden: in what callers see without pii:read, in log lines, and in notes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdsCardNumber } from '../../src/domain/blackout/card-number.ts';
import { maskValue } from '../../src/graphql/masking.ts';
import { createLog } from '../../src/observability/log.ts';
import { fuzzRuns } from './runs.ts';

const visible = [' ', '\u00a0', '\u2009', '-', '\u2010', '\u2013', '\u2212', '.', '\u00b7', '/', '(', ')', '_', ' - ', ' / '];
const unseen = ['', '', '\u200b', '\u00ad', '\u2060', '\u0301', '\ufe0f'];
const separator = fc.tuple(fc.constantFrom('', ...visible), fc.constantFrom(...unseen)).map((parts) => parts.join(''));
/** Latin, full-width and Arabic-Indic. */
const scripts = fc.constantFrom(0x30, 0xff10, 0x660);

const disguised = (digits: fc.Arbitrary<readonly number[]>) =>
  digits.chain((given) =>
    fc.tuple(fc.array(separator, { minLength: given.length, maxLength: given.length }), scripts).map(([separators, zero]) => ({
      digits: given.join(''),
      text: given.map((digit, index) => String.fromCodePoint(zero + digit) + (index < given.length - 1 ? separators[index] : '')).join(''),
    })),
  );

const digit = fc.integer({ min: 0, max: 9 });
const phone = disguised(fc.array(digit, { minLength: 8, maxLength: 15 }));
const words = fc.constantFrom('', 'call back on ', 'Kunde: ', '(tel) ');

test('a phone number in free text is masked, and is in no log line', () => {
  fc.assert(
    fc.property(phone, words, ({ text }, before) => {
      assert.equal(maskValue(`${before}${text}`), '•••', JSON.stringify(text));
      const lines: string[] = [];
      createLog('info', (line) => void lines.push(line)).info(`${before}${text}`, { note: text });
      const { msg, note } = JSON.parse(lines[0]!) as { msg: string; note: string };
      for (const shown of [msg, note]) assert.ok((shown.match(/\p{Nd}/gu) ?? []).length < 7, `${JSON.stringify(text)} became ${shown}`);
    }),
    fuzzRuns(2),
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
);

test('a card number is found in a note', () => {
  fc.assert(
    fc.property(card, words, ({ text }, before) => assert.ok(holdsCardNumber(`${before}${text}`), JSON.stringify(text))),
    fuzzRuns(2),
  );
});

test('times and ids of ours stay readable', () => {
  const at = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }).map((date) => date.toISOString());
  fc.assert(
    fc.property(fc.oneof(at, fc.uuid()), (text) => {
      assert.equal(maskValue(`since ${text}`), `since ${text}`);
      assert.equal(holdsCardNumber(`since ${text}`), false);
    }),
    fuzzRuns(),
  );
});
