/** Reads agents, all of which live state holds. */
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Blackout, SourceKey } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { compareKeys } from '../model/ids.ts';
import { isPersonalText } from '../model/personal-text.ts';
import { numberTest } from '../model/phone-number.ts';
import { hasScope } from '../model/principal.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { AgentFilter, Position } from '../ports/pages.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import type { ReadContext } from './context.ts';
import { findAgents } from './find-agents.ts';
import { maxCounted, type PageArguments, pageRequest, type ReadPage, type RequestedPage } from './pages.ts';
import { refreshSource } from './refresh.ts';
import { chooseSources, forEachSource, requireSource } from './sources.ts';

/** Returns the texts of an agent that a search looks in; who may not see names and numbers may not find them either. */
const searchedIn = (agent: Agent, seesAll: boolean): readonly (string | null)[] => {
  const { externalId, businessUnit } = agent;
  if (!seesAll) return businessUnit !== null && isPersonalText(businessUnit) ? [externalId] : [externalId, businessUnit];
  const logins = [agent.username, agent.systemUsername, agent.crmUsername];
  return [externalId, businessUnit, agent.name, agent.email, agent.phone, agent.sipUri, agent.deviceId, agent.deviceAlias, ...logins];
};

/** Returns the test of `AgentFilter.search`, which finds a phone number however it is written. */
export const agentSearch = (search: string | null | undefined, seesAll: boolean): ((agent: Agent) => boolean) => {
  const wanted = search?.trim().toLowerCase();
  if (!wanted) return () => true;
  const isNumber = seesAll ? numberTest(wanted) : null;
  return (agent) =>
    searchedIn(agent, seesAll).some((text) => text?.toLowerCase().includes(wanted)) ||
    (isNumber !== null && [agent.phone, agent.sipUri].some(isNumber));
};

/** The sources by name, of which the vendor is read, and the open blackouts. */
interface MatchContext {
  sources: ReadonlyMap<string, Pick<VendorSource, 'vendor'>>;
  liveState: Pick<LiveState, 'blackout'>;
}

/** Returns true if an agent passes the filter, its search aside. */
export const matchesAgent = ({ sources, liveState }: MatchContext, agent: Agent, filter: AgentFilter): boolean => {
  if (filter.sources && !filter.sources.includes(agent.source)) return false;
  if (filter.vendors && !filter.vendors.includes(sources.get(agent.source)!.vendor)) return false;
  if (filter.statuses && !filter.statuses.includes(agent.status)) return false;
  if (filter.onCall != null && filter.onCall !== (agent.activeCall !== null)) return false;
  if (filter.blackedOut != null) {
    const state = liveState.blackout(agent)?.state;
    if (filter.blackedOut !== (state === 'ACTIVE' || state === 'STOPPING')) return false;
  }
  return true;
};

/** Returns the test of a filter for one caller, and the sources that it chooses. */
export const agentMatcher = (context: ReadContext, filter: AgentFilter | null) => {
  const sources = chooseSources(context, filter);
  const wanted = { ...filter, sources };
  const isFound = agentSearch(filter?.search, hasScope(context.principal, 'pii:read'));
  return { sources, wanted, matches: (agent: Agent) => matchesAgent(context, agent, wanted) && isFound(agent) };
};

/** Returns the index of the first agent behind the cursor's, also when that agent is gone. */
const indexAfter = (sorted: readonly Agent[], [, rowId]: Position): number => {
  const colon = rowId.indexOf(':');
  const last = { source: rowId.slice(0, colon), externalId: rowId.slice(colon + 1) };
  const index = sorted.findIndex(
    (agent) => !(agent.source === last.source && agent.externalId === last.externalId) && compareKeys(agent, last) > 0,
  );
  return index === -1 ? sorted.length : index;
};

/** Cuts the page from all agents that match, which are in the order of `compareKeys`. */
export const agentPage = (agents: readonly Agent[], requested: RequestedPage<AgentFilter>): ReadPage<Agent> => {
  const { first, after } = requested.request;
  const start = after === null ? 0 : indexAfter(agents, after);
  const items = agents.slice(start, start + first);
  return {
    requested,
    page: {
      items,
      positions: items.map(({ source, externalId }): Position => [0, `${source}:${externalId}`]),
      hasNextPage: start + items.length < agents.length,
    },
    count: async () => (agents.length > maxCounted ? null : agents.length),
    failures: requested.failures,
  };
};

/** Lists agents: brought up to date where they are too old, then filtered, sorted and cut. */
export const listAgents = async (context: ReadContext, filter: AgentFilter | null, args: PageArguments): Promise<ReadPage<Agent>> => {
  const { sources, wanted, matches } = agentMatcher(context, filter);
  const request = pageRequest<AgentFilter>(context, { entityType: 'agents', filter: wanted }, args);
  const failures = await forEachSource(sources, (source) => refreshSource(context, source));
  // Others may have waited for the same vendor's answer.
  await context.slices.next(context.principal.name);
  const agents = sources.flatMap((source) => context.liveState.agentsOf(source)).filter(matches);
  return agentPage(agents, { entityType: 'agents', request, failures });
};

/** Throws for a lookup that can name nobody, or that the caller may not make: NOT_FOUND, FORBIDDEN, INVALID_INPUT. */
export const requireLookup = (context: ReadContext, source: string, { identifier, value }: AgentLookup): void => {
  requireSource(context, source);
  if (identifier !== 'ID' && identifier !== 'SYNC_ID' && !hasScope(context.principal, 'pii:read')) {
    const message = `ref.key by ${identifier} needs the scope pii:read, like reading it; use the ID, or a key with that scope.`;
    throw new ExpectedError('FORBIDDEN', message);
  }
  if (value.trim() === '') throw new ExpectedError('INVALID_INPUT', `key.value is empty; give the ${identifier} of an agent of ${source}.`);
};

/** Finds the one agent that bears the identifier; throws CONFLICT where several do, and what keeps the vendor from answering. */
export const findAgent = async (context: ReadContext, source: string, lookup: AgentLookup): Promise<Agent | null> => {
  const [answer = null] = await findAgents(context, source, [lookup]);
  if (answer instanceof Error) throw answer;
  return answer;
};

/** Returns the agent as last reported, without asking the vendor; one that was never reported is known by its id alone. */
export const lastKnownAgent = async ({ liveState, store }: ReadContext, key: SourceKey): Promise<Agent> =>
  liveState.agent(key) ?? (await store.agents.byKeys([key]))[0] ?? emptyAgent(key);

/** Returns the agent's blackout that is scheduled or in force. */
export const openBlackoutOf = ({ liveState }: ReadContext, agent: SourceKey): Blackout | null => liveState.blackout(agent);
