import { ExpectedError } from '../model/errors.ts';

const longestNote = 500;

/** Twelve digits or more in a row, also with spaces, dots, dashes or slashes between: what a card number looks like. */
const longNumber = /\p{Nd}(?:[\s\p{Pd}._/]*\p{Nd}){11,}/u;

/** Null for none. Throws INVALID_INPUT for a note that may hold a card number, without repeating it. */
export const requireNote = (note: string | null | undefined): string | null => {
  if (note === null || note === undefined || note.trim() === '') return null;
  if (note.length > longestNote) throw new ExpectedError('INVALID_INPUT', `note is longer than ${longestNote} characters; shorten it.`);
  if (longNumber.test(note.normalize('NFKC'))) {
    throw new ExpectedError(
      'INVALID_INPUT',
      'note holds a run of 12 or more digits, which may be a card number; write down why, not what is blacked out.',
    );
  }
  return note;
};
