/** Pages of every list in the contract. */
import type { SourceKey } from '../model/entities.ts';
import type { ExpectedError } from '../model/errors.ts';
import type { Page, PageRequest, Position } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { decodeCursor, encodeCursor, listName, requireFirst } from './cursor.ts';

export interface PageArguments {
  first: number;
  after?: string | null | undefined;
}

/** A list as it is asked for. `owner` is the agent whose own list it is. */
export interface ListRequest<F> {
  filter: F;
  page: PageArguments;
  owner: SourceKey | null;
}

/** A source that could not answer; the rest of the page is still good. */
export interface SourceFailure {
  source: string;
  error: ExpectedError;
}

/** A page to be read, and what its list is called in cursors. */
export interface RequestedPage<F> {
  entityType: string;
  request: PageRequest<F>;
  /** The sources that could not be brought up to date before the page is read. */
  failures: readonly SourceFailure[];
}

/** A page as it was read together with others. */
export interface LoadedPage<T> {
  page: Page<T>;
  failures: readonly SourceFailure[];
}

/** A page that was read, with what its cursors are made of and how its list is counted. */
export interface ReadPage<T> extends LoadedPage<T> {
  requested: RequestedPage<object>;
  /** Counts the whole list; null where it is longer than `maxCounted`. */
  count(): Promise<number | null>;
}

/** A longer list is not counted: that would hold everybody up. */
export const maxCounted = 10_000;

/** Checks the paging arguments before anything is read. Throws INVALID_INPUT. */
export const pageRequest = <F extends object>(
  { maxPageSize }: Pick<ReadContext, 'maxPageSize'>,
  { entityType, filter }: { entityType: string; filter: F },
  { first, after }: PageArguments,
): PageRequest<F> => ({
  filter,
  first: requireFirst(first, maxPageSize),
  after: after == null ? null : decodeCursor(listName(entityType, filter), after),
});

/** Joins a page with the request that it answers; a source that failed twice is named once. */
export const readPage = <T>(
  requested: RequestedPage<object>,
  { page, failures }: LoadedPage<T>,
  count: ReadPage<T>['count'],
): ReadPage<T> => {
  const known = requested.failures;
  const others = failures.filter(({ source }) => !known.some((failure) => failure.source === source));
  return { requested, page, count, failures: [...known, ...others] };
};

const cursorsOf = ({ entityType, request }: RequestedPage<object>, positions: readonly Position[]): readonly string[] => {
  const list = listName(entityType, request.filter);
  return positions.map((position) => encodeCursor(list, position));
};

/** Returns the cursors of the page's items, in order. */
export const itemCursors = ({ requested, page }: ReadPage<unknown>): readonly string[] => cursorsOf(requested, page.positions);

export const pageInfoOf = ({ requested, page: { positions, hasNextPage } }: ReadPage<unknown>) => {
  const ends = positions.length > 1 ? [positions[0]!, positions.at(-1)!] : positions;
  const [startCursor = null, endCursor = startCursor] = cursorsOf(requested, ends);
  return { hasNextPage, hasPreviousPage: requested.request.after !== null, startCursor, endCursor };
};
