/** Where numbers stand in free text, however they are grouped: one rule for what callers see and for log lines. */

import { plainCircledDigits } from './circled-digits.ts';

/** How many digits make a number: in a row, and however they are grouped. */
interface NumberLength {
  inRow: number;
  grouped: number;
}

/** Most texts are in ASCII, where each character stands for itself. A page of calls has thousands. */
const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);

/** `text` with full-width and raised characters as plain ones, without marks that are not seen or only combine, each run of spaces as one. */
export const plainText = (text: string): string => {
  const plain = isAscii(text)
    ? text
    : plainCircledDigits(text)
        .normalize('NFKD')
        .replaceAll(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  return plain.replaceAll(/\s+/g, ' ');
};

const uuid = /\b([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})\b/i;

/** Digits of any script with whatever stands between them that is no letter; `ー` counts as the dash that it is written for. */
const digitRun = /(?:\+ ?)?\p{Nd}(?:[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}]*\p{Nd})*/gu;

/** Dates and times of ISO 8601, which are no part of a longer row of the same kind. */
const dateOrTime =
  /(?<![\d+]|\d[-./])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![-./]?\d)|(?<![\d+]|\d[:.])(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:[+-](?:0\d|1[0-4]):?[0-5]\d)?(?![:.]?\d)/g;

const isNumber = (run: string, { inRow, grouped }: NumberLength): boolean => {
  const digits = run.match(/\p{Nd}/gu)!.length;
  const holdsRow = run.match(/\p{Nd}+/gu)!.some((row) => [...row].length >= inRow);
  return (digits >= grouped || holdsRow) && /\p{Nd}/u.test(run.replaceAll(dateOrTime, ' '));
};

/**
 * `text` with `instead` for each number; dates, times and UUIDs that stand by themselves are none. Where it holds a number, the rest comes as
 * `plainText` has it; else `text` comes back as it is.
 */
export const replaceNumbers = (text: string, length: NumberLength, instead: string): string => {
  const mayHoldNumber = isAscii(text) ? (text.match(/\d/g)?.length ?? 0) >= Math.min(length.inRow, length.grouped) : /\p{N}/u.test(text);
  if (!mayHoldNumber) return text;
  let found = false;
  const replaced = plainText(text)
    .split(uuid)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(digitRun, (run) => {
            if (!isNumber(run, length)) return run;
            found = true;
            return instead;
          }),
    );
  return found ? replaced.join('') : text;
};
