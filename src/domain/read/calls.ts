/** Reads calls: those going on from live state, the others from the store. */
import type { Call, SourceKey } from '../model/entities.ts';
import type { CallFilter, PageRequest } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { countInTurn } from './counts.ts';
import { liveOrStored } from './live-or-stored.ts';
import { type ListRequest, type LoadedPage, pageRequest, type RequestedPage } from './pages.ts';
import { inParts, rowsOfPage } from './parts.ts';
import { refreshSource } from './refresh.ts';
import { forEachSource, narrowFilter } from './sources.ts';

/** Checks which calls are wanted, and brings their sources up to date. */
export const requestCalls = async (
  context: ReadContext,
  { filter, page, owner }: ListRequest<CallFilter>,
): Promise<RequestedPage<CallFilter>> => {
  const entityType = 'calls';
  const wanted = narrowFilter(context, filter, owner);
  const request = pageRequest<CallFilter>(context, { entityType, filter: wanted }, page);
  const failures = await forEachSource(wanted.sources, (source) => refreshSource(context, source));
  return { entityType, request, failures };
};

/** Reads the pages of many lists, in order. */
export const readCallPages = async (
  context: ReadContext,
  requests: readonly PageRequest<CallFilter>[],
): Promise<readonly LoadedPage<Call>[]> =>
  (await inParts(context, requests, { rowsOf: rowsOfPage, read: context.store.calls.pages })).map((page) => ({ page, failures: [] }));

export const countCalls = (context: ReadContext, { filter }: PageRequest<CallFilter>): Promise<number | null> =>
  countInTurn(context, (max) => context.store.calls.count(filter, max));

/** Returns the call if it is going on. */
export const liveCall = ({ liveState }: ReadContext, key: SourceKey): Call | null => liveState.call(key);

export const findCalls = (context: ReadContext, keys: readonly SourceKey[]): Promise<readonly (Call | null)[]> =>
  liveOrStored(context, keys, { live: context.liveState.call, stored: context.store.calls.byKeys });
