import type { Blackout } from '../model/entities.ts';
import type { BlackoutFilter, PageRequest } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { countInTurn } from './counts.ts';
import { type ListRequest, type LoadedPage, pageRequest, type RequestedPage } from './pages.ts';
import { inParts, rowsOfPage } from './parts.ts';
import { isWithinReach, narrowFilter } from './sources.ts';

/** Checks which blackouts are wanted. */
export const requestBlackouts = (
  context: ReadContext,
  { filter, page, owner }: ListRequest<BlackoutFilter>,
): RequestedPage<BlackoutFilter> => {
  const entityType = 'blackouts';
  const wanted = narrowFilter(context, filter, owner);
  return { entityType, request: pageRequest<BlackoutFilter>(context, { entityType, filter: wanted }, page), failures: [] };
};

/** Reads the pages of many lists, in order. */
export const readBlackoutPages = async (
  context: ReadContext,
  requests: readonly PageRequest<BlackoutFilter>[],
): Promise<readonly LoadedPage<Blackout>[]> =>
  (await inParts(context, requests, { rowsOf: rowsOfPage, read: context.store.blackouts.pages })).map((page) => ({ page, failures: [] }));

export const countBlackouts = (context: ReadContext, { filter }: PageRequest<BlackoutFilter>): Promise<number | null> =>
  countInTurn(context, (max) => context.store.blackouts.count(filter, max));

/** Returns blackouts within reach by their ids, in order; null for the others. */
export const findBlackouts = async (context: ReadContext, ids: readonly string[]): Promise<readonly (Blackout | null)[]> =>
  (await context.store.blackouts.byIds(ids)).map((row) => (row && isWithinReach(context, row.source) ? row : null));
