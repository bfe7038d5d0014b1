import {
  type AgentLookup,
  type AgentReader,
  type AgentSnapshot,
  ExpectedError,
  sharedIdentifier,
  unreadableSnapshot,
} from '../kit/index.ts';
import type { Everyone } from './agent-directory.ts';
import { agentSnapshot } from './agent-snapshot.ts';
import { bearersIn, type Identification, identifiers, isIdentifier, plainIdentifier, shownIdentifier } from './identifiers.ts';
import { agentId } from './mapping.ts';
import { nullIfRejected } from './rejections.ts';
import type { MiralixSource } from './source.ts';
import { shownStatus } from './statuses.ts';
import { type OverviewAgent, overviewAgent } from './wire.ts';

/** The most agents of one request whose current call is read as well; each costs a request. */
const busyCallsAtOnce = 3;

/** The look-ups of one request, and what is known when they begin. */
interface AgentSearch extends MiralixSource {
  /** Ids that earlier answers gave for identifiers which the overview does not show. */
  identified: Map<string, string>;
  everyone: Everyone | null;
  signal: AbortSignal;
}

const agentOf = (id: string, name: string | null | undefined): OverviewAgent => overviewAgent.parse({ AgentId: id, AgentName: name });

/** Returns the agent that bears an identifier, by the answers that carry an AgentId; null where no answer does. */
const identify = async ({ client, settings, signal }: AgentSearch, who: Identification): Promise<OverviewAgent | null> => {
  const busy = await nullIfRejected(client.busyCall(who, signal));
  if (busy?.state === 'busy' && busy.call.AgentId) return agentOf(busy.call.AgentId, busy.call.AgentName);
  const recordings = await client.recordingsOfCaller(who, signal);
  if (recordings === null) return null;
  const bearer = recordings.findLast((item) => item.AgentId);
  if (bearer?.AgentId) return agentOf(bearer.AgentId, bearer.AgentName);
  if (who.identifier === 'ID') return agentOf(who.value, null);
  throw new ExpectedError(
    'NOT_FOUND',
    `${settings.name}: the recorder knows an agent with this ${who.identifier} but has not reported the id yet; use the ID, or retry after the agent has had a call.`,
  );
};

const findAgent = async (search: AgentSearch, who: Identification): Promise<OverviewAgent | null> => {
  const { settings, directory, identified, everyone } = search;
  const agents = everyone?.agents ?? [];
  const bearers = bearersIn(agents, who);
  if (bearers.length > 1) throw sharedIdentifier(settings.name, who.identifier, bearers.map(agentId));
  if (bearers[0]) return bearers[0];
  // An overview that shows this identifier of everybody has the last word.
  const isShown = everyone !== null && agents.every((agent) => shownIdentifier(agent, who.identifier) !== null);
  if (isShown && everyone.unread.length === 0) return null;
  const key = `${who.identifier}:${plainIdentifier(who.value)}`;
  const id = identified.get(key);
  const agent = id === undefined ? await identify(search, who) : (directory.agent(id) ?? agentOf(id, null));
  if (agent === null) return null;
  identified.set(key, agentId(agent));
  const known = agents.find((other) => agentId(other) === agentId(agent));
  if (!known) directory.add([agent]);
  return known ?? agent;
};

/** Returns a snapshot an agent, by id; with the current call where few of them are logged in. */
const snapshotsOf = async (
  { client, context }: MiralixSource,
  agents: ReadonlyMap<string, OverviewAgent>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AgentSnapshot>> => {
  const online = [...agents.values()].filter((agent) => shownStatus(agent)?.status !== 'OFFLINE');
  const snapshots = [...agents].map(async ([id, agent]) => {
    const isRead = online.length <= busyCallsAtOnce && online.includes(agent);
    const busy = isRead ? await nullIfRejected(client.busyCall({ identifier: 'ID', value: id }, signal)) : null;
    return [id, agentSnapshot(agent, busy, context.known)] as const;
  });
  return new Map(await Promise.all(snapshots));
};

const listAgents = async ({ directory, settings, context }: MiralixSource, signal: AbortSignal): Promise<readonly AgentSnapshot[]> => {
  const everyone = await directory.read(signal);
  if (everyone === null) {
    throw new ExpectedError(
      'VENDOR_REJECTED',
      `${settings.name}: the vendor does not list agents for this account; check account and licence, or query single agents by their identifiers.`,
    );
  }
  const { agents, unread } = everyone;
  return [...agents.map((agent) => agentSnapshot(agent, null, context.known)), ...unread.map(unreadableSnapshot)];
};

export const createAgentReader = (source: MiralixSource): AgentReader => {
  const identified = new Map<string, string>();
  return {
    identifiers,
    byIdentifiers: async (lookups: readonly AgentLookup[], signal) => {
      const search: AgentSearch = { ...source, identified, everyone: await source.directory.read(signal), signal };
      const found = await Promise.all(
        lookups.map(({ identifier, value }) =>
          // A dot is a step in the path, however it is encoded.
          isIdentifier(identifier) && !['', '.', '..'].includes(value.trim()) ? findAgent(search, { identifier, value }) : null,
        ),
      );
      const agents = new Map(found.flatMap((agent) => (agent === null ? [] : [[agentId(agent), agent] as const])));
      const snapshots = await snapshotsOf(source, agents, signal);
      return found.map((agent) => (agent === null ? null : snapshots.get(agentId(agent))!));
    },
    list: (signal) => listAgents(source, signal),
  };
};
