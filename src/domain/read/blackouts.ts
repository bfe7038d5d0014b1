import type { Blackout, SourceKey } from '../model/entities.ts';
import type { BlackoutFilter, PageRequest } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { countInTurn } from './counts.ts';
import { type LoadedPage, type PageArguments, pageRequest, type RequestedPage } from './pages.ts';
import { inParts, rowsOfPage } from './parts.ts';
import { isWithinReach, narrowFilter } from './sources.ts';

/** Checks which blackouts are wanted. `owner` is the agent whose blackouts are listed. */
export const requestBlackouts = (
  context: ReadContext,
  filter: BlackoutFilter,
  args: PageArguments,
  owner: SourceKey | null,
): RequestedPage<BlackoutFilter> => {
  const request = pageRequest<BlackoutFilter>('blackouts', narrowFilter(context, filter, owner), args, context.maxPageSize);
  return { entityType: 'blackouts', request, failures: [] };
};

/** Reads the pages of many lists, in order. */
export const readBlackoutPages = async (
  context: ReadContext,
  requests: readonly PageRequest<BlackoutFilter>[],
): Promise<readonly LoadedPage<Blackout>[]> =>
  (await inParts(context, requests, rowsOfPage, context.store.blackouts.pages)).map((page) => ({ page, failures: [] }));

export const countBlackouts = (context: ReadContext, { filter }: PageRequest<BlackoutFilter>): Promise<number | null> =>
  countInTurn(context, (max) => context.store.blackouts.count(filter, max));

/** Returns blackouts within reach by their ids, in order; null for the others. */
export const findBlackouts = async (context: ReadContext, ids: readonly string[]): Promise<readonly (Blackout | null)[]> =>
  (await context.store.blackouts.byIds(ids)).map((row) => (row && isWithinReach(context, row.source) ? row : null));
