/** Pages of every list in the contract. */

import type { Agent } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { compareKeys } from '../model/ids.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { AgentFilter, Page, Pageable, PageRequest, Position } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { decodeCursor, encodeCursor, listName, requireFirst } from './cursor.ts';

export interface ConnectionArguments<F> {
  filter?: F | null | undefined;
  first: number;
  after?: string | null | undefined;
}

/** A source that could not answer; the rest of the page is still good. */
export interface SourceFailure {
  source: string;
  error: ExpectedError;
}

/** A page to be read, and the name of its list, which is worked out only where a cursor is taken or given. */
export interface AskedPage<F> {
  entityType: string;
  request: PageRequest<F>;
}

/** Checks the paging arguments before anything is read. */
export const askedPage = <F extends object>(
  entityType: string,
  filter: F,
  { first, after }: ConnectionArguments<unknown>,
  largest: number,
): AskedPage<F> => {
  const request = {
    filter,
    first: requireFirst(first, largest),
    after: after == null ? null : decodeCursor(listName(entityType, filter), after),
  };
  return { entityType, request };
};

/** A page that was read, with what its cursors are made of and how its list is counted. */
export interface ReadPage<T> {
  asked: AskedPage<object>;
  page: Page<T>;
  /** Counts the whole list; null where it is longer than `maxCounted`. */
  count(): Promise<number | null>;
  failures: readonly SourceFailure[];
}

const cursorsOf = ({ entityType, request }: AskedPage<object>, positions: readonly Position[]): readonly string[] => {
  const list = listName(entityType, request.filter);
  return positions.map((position) => encodeCursor(list, position));
};

/** Returns the cursors of the page's items, in order. */
export const itemCursors = ({ asked, page }: ReadPage<unknown>): readonly string[] => cursorsOf(asked, page.positions);

export const pageInfoOf = ({ asked, page: { positions, hasNextPage } }: ReadPage<unknown>) => {
  const ends = positions.length > 1 ? [positions[0]!, positions.at(-1)!] : positions;
  const [startCursor = null, endCursor = startCursor] = cursorsOf(asked, ends);
  return { hasNextPage, hasPreviousPage: asked.request.after !== null, startCursor, endCursor };
};

/** A longer list is not counted: that would hold everybody up. */
export const maxCounted = 10_000;

export const storedPage = async <T, F extends object>(
  entityType: string,
  table: Pageable<T, F>,
  filter: F,
  args: ConnectionArguments<unknown>,
  largest: number,
  failures: readonly SourceFailure[],
): Promise<ReadPage<T>> => {
  const asked = askedPage(entityType, filter, args, largest);
  const [page] = await table.pages([asked.request]);
  return { asked, page: page!, count: () => table.count(filter, maxCounted), failures };
};

/** Waits for every source; one that fails becomes a `SourceFailure`, a bug is thrown. */
export const gather = async (sources: readonly string[], work: (source: string) => Promise<void>): Promise<readonly SourceFailure[]> => {
  const failures: SourceFailure[] = [];
  await Promise.all(
    sources.map(async (source) => {
      try {
        await work(source);
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        failures.push({ source, error });
      }
    }),
  );
  return failures.sort((a, b) => (a.source < b.source ? -1 : 1));
};

/** What of an agent `search` looks in; who may not see names and numbers may not find them either. */
const searchedIn = (agent: Agent, seesAll: boolean): readonly (string | null)[] => {
  const logins = [agent.username, agent.systemUsername, agent.crmUsername];
  const open = [agent.businessUnit];
  const personal = [agent.externalId, agent.name, agent.email, agent.phone, agent.sipUri, agent.deviceId, agent.deviceAlias, ...logins];
  return seesAll ? [...open, ...personal] : [agent.externalId, ...open];
};

/** Whether an agent passes the filter. */
export const matchesAgent = (
  agent: Agent,
  filter: AgentFilter,
  vendorOf: (source: string) => string,
  liveState: LiveState,
  seesAll: boolean,
): boolean => {
  if (filter.sources && !filter.sources.includes(agent.source)) return false;
  if (filter.vendors && !filter.vendors.includes(vendorOf(agent.source))) return false;
  if (filter.statuses && !filter.statuses.includes(agent.status)) return false;
  if (filter.onCall != null && filter.onCall !== (agent.activeCall !== null)) return false;
  if (filter.blackedOut != null) {
    const state = liveState.blackout(agent)?.state;
    if (filter.blackedOut !== (state === 'ACTIVE' || state === 'STOPPING')) return false;
  }
  const wanted = filter.search?.trim().toLowerCase();
  return !wanted || searchedIn(agent, seesAll).some((text) => text?.toLowerCase().includes(wanted));
};

/** `agents` are all that match, in the order of `compareKeys`; the page is cut from them. */
export const agentPage = (agents: readonly Agent[], asked: AskedPage<AgentFilter>, failures: readonly SourceFailure[]): ReadPage<Agent> => {
  const { first, after } = asked.request;
  const start = after === null ? 0 : indexAfter(agents, after);
  const items = agents.slice(start, start + first);
  return {
    asked,
    page: {
      items,
      positions: items.map(({ source, externalId }): Position => [0, `${source}:${externalId}`]),
      hasNextPage: start + items.length < agents.length,
    },
    count: async () => (agents.length > maxCounted ? null : agents.length),
    failures,
  };
};

/** Returns the index of the first agent behind the cursor's, also when that agent is gone. */
const indexAfter = (sorted: readonly Agent[], [, rowId]: Position): number => {
  const colon = rowId.indexOf(':');
  const last = { source: rowId.slice(0, colon), externalId: rowId.slice(colon + 1) } as Agent;
  const index = sorted.findIndex(
    (agent) => !(agent.source === last.source && agent.externalId === last.externalId) && compareKeys(agent, last) > 0,
  );
  return index === -1 ? sorted.length : index;
};

/** The sources a filter names, checked; all within reach when it names none. */
export const chooseSources = (
  reachable: ReadonlyMap<string, VendorSource>,
  filter: { sources?: readonly string[] | null; vendors?: readonly string[] | null } | null | undefined,
): readonly string[] => {
  for (const name of filter?.sources ?? []) requireSource(reachable, name);
  return [...reachable.values()]
    .filter(
      (source) =>
        (!filter?.sources || filter.sources.includes(source.name)) && (!filter?.vendors || filter.vendors.includes(source.vendor)),
    )
    .map((source) => source.name)
    .sort((a, b) => compareKeys({ source: a, externalId: '' }, { source: b, externalId: '' }));
};

export const requireSource = (reachable: ReadonlyMap<string, VendorSource>, name: string): VendorSource => {
  const source = reachable.get(name);
  if (source) return source;
  const names = [...reachable.keys()];
  throw new ExpectedError(
    'NOT_FOUND',
    `There is no source named "${name.slice(0, 64)}"; ${names.length === 0 ? 'no source is within your reach' : `the sources are ${names.join(', ')}`}.`,
  );
};
