import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Unicode has the ten digits of a script in a row, from its zero on. */
const asciiDigit = (digit: string): string => {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (before < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before);
};

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One character as ASCII has its digits, else as one UTF-16 unit; empty for a mark that is not seen. */
const plainCharacter = (character: string): string => {
  const plain = character
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/\p{Nd}/gu, asciiDigit);
  return plain.length <= 1 || (/\d/.test(plain) && !plain.includes('\u2044')) ? plain : '?';
};

/**
 * `text` with each decimal digit of any script as ASCII has it, without invisible and combining marks. Whatever a reader sees as one character
 * is one in length, a run of spaces too.
 */
export const toAsciiDigits = (text: string): string =>
  Array.from(characters.segment(text), ({ segment }) => plainCharacter(segment))
    .join('')
    .replaceAll(/\s+/g, ' ');

/** `text` with digits and signs as ASCII has them: full-width and other scripts' digits, any dash, any space; invisible marks are left out. */
const toAscii = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replaceAll(/\p{Z}/gu, ' ')
    .replaceAll(/\p{Nd}/gu, asciiDigit);

/**
 * A phone number's digits without what only some write: the sign or zeros that call abroad, and the trunk zero behind the country's code. Null
 * for what is no number. `text` is what it was with signs as ASCII has them.
 */
export const readPhoneDigits = (raw: string): { text: string; digits: string | null } => {
  const text = toAscii(raw);
  if (!/^\+?[\d ().\-/]+$/.test(text.trimStart()) || !/\d/.test(text)) return { text, digits: null };
  const abroad = /^ *(\+|00)/.test(text) ? text.replace(/^ *(\+|00)/, '+').replace(/\( *0 *\)/, '') : null;
  const known = abroad === null ? undefined : parsePhoneNumberFromString(abroad);
  const digits = (known?.isPossible() ? known.number : (abroad ?? text)).replaceAll(/\D/g, '');
  return { text, digits: digits.replace(/^0+/, '') || digits };
};
