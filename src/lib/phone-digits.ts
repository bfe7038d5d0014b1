import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { plainCircledDigits } from './circled-digits.ts';

/** Unicode has the ten digits of a script in a row, from its zero on; the row of another script may follow at once. */
const asciiDigit = (digit: string): string => {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
};

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One character as ASCII has its digits, else as one UTF-16 unit; empty for a mark that is not seen. */
const plainCharacter = (character: string): string => {
  const plain = plainCircledDigits(character)
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/\p{Nd}/gu, asciiDigit)
    // The end of a line may be two.
    .replace(/^\s+$/, ' ');
  return plain.length <= 1 || (/\d/.test(plain) && !plain.includes('\u2044')) ? plain : '?';
};

/**
 * Returns `text` with each decimal digit of any script as ASCII has it, without invisible and combining marks. Each character that a reader sees is
 * one in length, a run of spaces too.
 */
export const toAsciiDigits = (text: string): string =>
  Array.from(characters.segment(text), ({ segment }) => plainCharacter(segment))
    .join('')
    .replaceAll(/\s+/g, ' ');

/**
 * `text` with digits and signs as ASCII has them: full-width and other scripts' digits, any dash, bracket and space, and the dot and line that
 * stand for one; invisible marks are left out.
 */
const toAscii = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/[\p{Pd}\u2212\u2043\u02d7\u30fc]/gu, '-')
    .replaceAll(/[\p{Z}\s\u00b7\u2022\u30fb~_]/gu, ' ')
    .replaceAll(/\p{Ps}/gu, '(')
    .replaceAll(/\p{Pe}/gu, ')')
    .replaceAll(/\p{Nd}/gu, asciiDigit);

/** An extension behind a whole number, or tones to dial after a pause. */
const extension = /(?:,? ?(?:extension|extn?\.?|x|#) ?[.:=]? ?|,{1,3})\d{1,7}$/i;
const wholeDigits = 7;
const countDigits = (text: string): number => text.match(/\d/g)?.length ?? 0;

const abroadSign = /^[ (]*(?:\+|00)/;

/** With the zero in brackets where the country's numbers have it, as Italy's do, else without. */
const parseAbroad = (abroad: string): string => {
  const written = [...new Set([abroad.replace(/\( *0 *\)/, ''), abroad])];
  const read = written.flatMap((text) => parsePhoneNumberFromString(text) ?? []);
  const known = read.find((number) => number.isValid()) ?? read.find((number) => number.isPossible());
  return known?.number ?? written[0]!;
};

/** The eight that Russia, Kazakhstan and Belarus dial before a national number, which has ten digits then, or a zero and nine. */
const trunkEight = /^8(?=[034789]\d{9}$)/;

/**
 * A phone number's digits without what only some write: the sign or zeros that call abroad, the trunk zero behind the country's code, a trunk
 * zero or eight before a national number, and an extension. Null for what is no number. `text` is what it was with signs as ASCII has them.
 */
export const readPhoneDigits = (raw: string): { text: string; digits: string | null } => {
  const text = toAscii(raw);
  const whole = text.trim().replace(extension, '');
  const number = countDigits(whole) >= wholeDigits ? whole : text;
  if (!/^(?:[ (]*\+)?[\d ().\-/]+$/.test(number) || countDigits(number) === 0) return { text, digits: null };
  const digits = abroadSign.test(number)
    ? parseAbroad(number.replace(abroadSign, '+')).replaceAll(/\D/g, '')
    : number.replaceAll(/\D/g, '').replace(trunkEight, '');
  return { text, digits: digits.replace(/^0+/, '') || digits };
};
