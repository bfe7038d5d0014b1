/** Cursors: opaque to clients, and good only for the list that gave them. */
import { canonicalJsonWithoutNulls } from '../../lib/canonical-json.ts';
import { ExpectedError } from '../model/errors.ts';
import { decodeBase64Url, encodeBase64Url } from '../model/ids.ts';
import type { Position } from '../ports/pages.ts';

/** FNV-1a in 32 bits: distinguishes lists, hides nothing. */
const digest = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
};

/** Names a list: its entity and its filter, in any order in which the filter was written. The same in every version: clients keep cursors. */
export const listName = (entityType: string, filter: unknown): string =>
  `${entityType}.${digest(canonicalJsonWithoutNulls(filter ?? {}).replace(/"(\w+)":/g, '$1:'))}`;

export const encodeCursor = (list: string, [sortMs, rowId]: Position): string => encodeBase64Url(`${list} ${sortMs} ${rowId}`);

/** Throws INVALID_INPUT for what is no cursor and for a cursor of another list. */
export const decodeCursor = (list: string, cursor: string | null | undefined): Position | null => {
  if (cursor === null || cursor === undefined) return null;
  const broken = () =>
    new ExpectedError(
      'INVALID_INPUT',
      'after is not a cursor of this list; use the pageInfo.endCursor of the same field with the same filter, or leave it out to start at the beginning.',
    );
  const match = /^(\S+) (-?\d+) ([\s\S]+)$/.exec(decodeBase64Url(cursor) ?? '');
  const sortMs = Number(match?.[2]);
  if (!match || match[1] !== list || !Number.isSafeInteger(sortMs)) throw broken();
  return [sortMs, match[3]!];
};

/** Throws INVALID_INPUT unless `first` is from 1 to `largest`. */
export const requireFirst = (first: number, largest: number): number => {
  if (first < 1 || first > largest) {
    throw new ExpectedError('INVALID_INPUT', `first is ${first}; it must be from 1 to ${largest}. Use after to read the next page.`);
  }
  return first;
};
