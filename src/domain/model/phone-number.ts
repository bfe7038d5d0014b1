/** Comparing phone numbers as people and vendors write them: `+45…`, `0045…` and the national number are one. */

import { readPhoneDigits } from '../../lib/phone-digits.ts';

/** A number read for comparing: its digits from the last to the first without leading zeros, or the plain text of a name. */
interface NumberKey {
  key: string;
  /** The indexed text: the first 8 of `key`, or the whole of a name. */
  suffix: string;
  isNumber: boolean;
}

/** Digits that two numbers must share at their end to be the same, where one has a country or area code more. */
const sharedDigits = 8;
/** A longer text is no phone number and is compared by its beginning. */
const maxLength = 256;
/** Fewer digits than this are an extension or a short code: nothing but the same will do. */
const shortestSuffix = 4;

/** The user part of a `sip:` or `tel:` address, also in angle brackets behind a name; other texts as they are. */
const userPart = (text: string): string =>
  (/<([^<>]*)>/.exec(text)?.[1] ?? text)
    .trim()
    .replace(/^(sips?|tel):/i, '')
    .split(/[@;]/, 1)[0]!;

/** Null for what is empty. A null character has no place in PostgreSQL's text. */
export const numberKey = (text: string | null | undefined): NumberKey | null => {
  const { text: name, digits } = readPhoneDigits(userPart((text ?? '').slice(0, maxLength).replaceAll('\u0000', '\ufffd')));
  if (name.trim() === '') return null;
  if (digits === null) return { key: name.trim().toLowerCase(), suffix: name.trim().toLowerCase(), isNumber: false };
  const key = [...digits].reverse().join('');
  return { key, suffix: key.slice(0, sharedDigits), isNumber: true };
};

/** How a requested number is found by its `suffix`: the same suffix, or any that starts so. */
export const matchNumberSuffix = (wanted: NumberKey): 'same' | 'prefix' =>
  wanted.isNumber && wanted.key.length >= shortestSuffix && wanted.key.length < sharedDigits ? 'prefix' : 'same';

const isSame = (wanted: NumberKey, stored: NumberKey | null): boolean => {
  if (stored === null) return false;
  if (matchNumberSuffix(wanted) === 'prefix') return stored.isNumber && stored.key.startsWith(wanted.key);
  return wanted.suffix === stored.suffix && (wanted.key.startsWith(stored.key) || stored.key.startsWith(wanted.key));
};

/** Returns true if a stored number is the requested one; four digits or more also find numbers that end in them. */
export const sameNumber = (wanted: string, stored: string | null): boolean => {
  const read = numberKey(wanted);
  return read !== null && isSame(read, numberKey(stored));
};

/** As `sameNumber`, to be asked of many stored numbers; null for what is no number of four digits or more. */
export const numberTest = (wanted: string): ((stored: string | null) => boolean) | null => {
  const read = numberKey(wanted);
  return read?.isNumber && read.key.length >= shortestSuffix ? (stored) => isSame(read, numberKey(stored)) : null;
};
