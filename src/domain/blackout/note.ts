import { ExpectedError } from '../model/errors.ts';
import { holdsCardNumber } from './card-number.ts';

const maxNoteLength = 500;

/** The note without spaces around it; null for none. Throws INVALID_INPUT for a note that may hold a card number, without repeating it. */
export const requireNote = (given: string | null | undefined): string | null => {
  const note = given?.trim() ?? '';
  if (note === '') return null;
  if (note.length > maxNoteLength) throw new ExpectedError('INVALID_INPUT', `note is longer than ${maxNoteLength} characters; shorten it.`);
  if (holdsCardNumber(note)) {
    throw new ExpectedError(
      'INVALID_INPUT',
      'note contains 13 to 19 digits that may be a card number; write the reason for the blackout, not its content.',
    );
  }
  return note;
};
