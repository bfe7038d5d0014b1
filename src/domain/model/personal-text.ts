/** Free text that names a person: callers without `pii:read` see it masked, and may not read by it. */
import { plainText, replaceNumbers } from '../../lib/numbers-in-text.ts';
import { numberKey } from './phone-number.ts';

/** Fewer digits than in log lines, where counts and lengths of time stand: short ones name an extension. */
const numberLength = { inRow: 4, grouped: 6 };
/** The digits of a phone number, as opposed to those of an id. */
const phoneLength = 7;

export const isAddress = (text: string): boolean => plainText(text).includes('@');

/** Returns true if a text of anyone's writing, such as a metadata value, a queue, a note or a file's name, may hold a number or an address. */
export const isPersonalText = (text: string): boolean => isAddress(text) || replaceNumbers(text, numberLength, '') !== text;

/** Returns true if the name of a caller, which is a key's or any other word as a rule, is an address or a phone number. */
export const isPersonalLogin = (name: string): boolean => {
  const number = numberKey(name);
  return isAddress(name) || (number?.isNumber === true && number.key.length >= phoneLength);
};
