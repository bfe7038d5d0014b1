/** Comparing phone numbers as people and vendors write them: `+45…`, `0045…` and the national number are one. */

/** A number read for comparing: its digits from the last to the first without leading zeros, or the plain text of a name. */
export interface NumberKey {
  key: string;
  /** What an index holds: the first 8 of `key`, or the whole of a name. */
  tail: string;
  isNumber: boolean;
}

/** Digits that two numbers must share at their end to be the same, where one has a country or area code more. */
const sharedDigits = 8;
/** Fewer digits than this are an extension or a short code: nothing but the same will do. */
const shortestSuffix = 4;

/** Null for what is empty. `sip:` and `tel:` addresses count by their user part. A null character has no place in PostgreSQL's text. */
export const numberKey = (text: string | null | undefined): NumberKey | null => {
  const user = (text ?? '')
    .trim()
    .replaceAll('\u0000', '\ufffd')
    .replace(/^(sips?|tel):/i, '')
    .replace(/[@;].*$/, '');
  if (user === '') return null;
  if (!/^\+?[\d\s().\-/]*\d[\d\s().\-/]*$/.test(user)) {
    const name = user.toLowerCase();
    return { key: name, tail: name, isNumber: false };
  }
  const digits = user.replaceAll(/\D/g, '');
  const key = [...(digits.replace(/^0+/, '') || digits)].reverse().join('');
  return { key, tail: key.slice(0, sharedDigits), isNumber: true };
};

/** How a number that was asked for is found by its `tail`: the same tail, or any tail that starts so. */
export const matchNumberSuffix = (wanted: NumberKey): 'same' | 'prefix' =>
  wanted.isNumber && wanted.key.length >= shortestSuffix && wanted.key.length < sharedDigits ? 'prefix' : 'same';

/** Whether a stored number is the one asked for; four digits or more also find numbers that end in them. */
export const sameNumber = (wanted: string, stored: string | null): boolean => {
  const left = numberKey(wanted);
  const right = numberKey(stored);
  if (left === null || right === null) return false;
  if (matchNumberSuffix(left) === 'prefix') return right.isNumber && right.key.startsWith(left.key);
  return left.tail === right.tail && (left.key.startsWith(right.key) || right.key.startsWith(left.key));
};
