/** Card numbers in free text, however they are grouped or disguised. */
import { toAsciiDigits } from '../../lib/phone-digits.ts';

const isDate = String.raw`(?:19|20)\d\d(?:(?<dash>[-./])(?:0?[1-9]|1[0-2])\k<dash>(?:0?[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))`;
const isDateReversed = String.raw`(?:0?[1-9]|[12]\d|3[01])(?<stroke>[-./])(?:0?[1-9]|[12]\d|3[01])\k<stroke>(?:19|20)?\d\d`;
const isTime = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?`;
/** Behind a date only: by itself it may be an amount, or two digits of a card. */
const isDottedTime = String.raw`(?:[01]?\d|2[0-3])\.[0-5]\d`;
const isCompactTime = String.raw`(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\d{3})?`;
const isUuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const isMoment = `${isDate}(?:[T _-]?(?:${isTime}|${isDottedTime}|${isCompactTime}))?|${isDateReversed}|${isTime}`;

/** UUIDs, dates and times, and two of these with a dash between them, by themselves and not in the middle of a longer row of digits. */
const ordinary = new RegExp(
  String.raw`(?<![\da-f]|\d[-./:,])(?:${isUuid}(?![-./:,]?\d)|(?:(?:${isMoment})(?:-(?=\d)|(?![-./:,]?\d))){1,2}(?<!-))`,
  'gi',
);

const passesLuhn = (digits: readonly number[]): boolean => {
  const sum = digits.reduceRight((total, digit, index) => {
    const doubled = (digits.length - 1 - index) % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
};

const [minDigits, maxDigits] = [13, 19];
/** Other characters that may be between two digits of one number. */
const maxBetween = 3;

interface Digit {
  value: number;
  /** Its position, in characters. */
  at: number;
  /** True if it belongs to a date, a time or a UUID. */
  isOrdinary: boolean;
}

const digitsOf = (text: string): Digit[] => {
  const spans = [...text.matchAll(ordinary)].map(({ index, 0: match }) => [index, index + match.length] as const);
  let span = 0;
  return [...text.matchAll(/\d/g)].map(({ index, 0: digit }) => {
    while (span < spans.length && spans[span]![1] <= index) span += 1;
    return { value: Number(digit), at: index, isOrdinary: span < spans.length && index >= spans[span]![0] };
  });
};

/**
 * Returns whether the text holds 13 to 19 digits that begin with 2 to 6 and satisfy Luhn, as the numbers of cards do, with at most three other
 * characters between neighbours. A run of spaces counts as one character; marks that are not seen or only combine count as none. Dates, times
 * and UUIDs are no card's digits.
 */
export const holdsCardNumber = (raw: string): boolean => {
  const digits = digitsOf(toAsciiDigits(raw));
  const isApart = (left: Digit | undefined, right: Digit | undefined, by: number) =>
    left === undefined || right === undefined || right.at - left.at > by;
  for (let first = 0; first < digits.length; first += 1) {
    const { value } = digits[first]!;
    // A number begins where a group of digits does, and ends where one does.
    if (value < 2 || value > 6 || !isApart(digits[first - 1], digits[first], 1)) continue;
    for (let last = first + 1; last < digits.length && last - first < maxDigits; last += 1) {
      if (isApart(digits[last - 1], digits[last], maxBetween + 1)) break;
      const length = last - first + 1;
      if (length < minDigits || !isApart(digits[last], digits[last + 1], 1)) continue;
      const number = digits.slice(first, last + 1);
      if (number.filter(({ isOrdinary }) => isOrdinary).length * 2 > length) continue;
      if (passesLuhn(number.map((digit) => digit.value))) return true;
    }
  }
  return false;
};
