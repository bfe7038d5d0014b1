import {
  type AgentLookup,
  type AgentReader,
  type AgentSnapshot,
  ExpectedError,
  unreadableSnapshot,
  type VendorContext,
} from '../kit/index.ts';
import type { AgentDirectory, Everyone } from './agent-directory.ts';
import { agentSnapshot } from './agent-snapshot.ts';
import type { MiralixClient } from './client.ts';
import { bearersIn, type Identification, identifiers, isIdentifier, plainIdentifier, shownIdentifier } from './identifiers.ts';
import { agentId } from './mapping.ts';
import { nullIfRejected } from './rejections.ts';
import type { MiralixSettings } from './settings.ts';
import { shownStatus } from './statuses.ts';
import { type OverviewAgent, overviewAgent } from './wire.ts';

/** The most agents of one request whose current call is read as well; each costs a request. */
const busyCallsAtOnce = 3;

const agentOf = (id: string, name: string | null | undefined): OverviewAgent => overviewAgent.parse({ AgentId: id, AgentName: name });

export const createAgentReader = (
  client: MiralixClient,
  directory: AgentDirectory,
  settings: MiralixSettings,
  context: VendorContext,
): AgentReader => {
  /** Ids that earlier answers gave for identifiers which the overview does not show. */
  const identified = new Map<string, string>();

  /** Returns the agent that bears an identifier, by the answers that carry an AgentId; null where no answer does. */
  const identify = async (who: Identification, signal: AbortSignal): Promise<OverviewAgent | null> => {
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

  const find = async (who: Identification, everyone: Everyone | null, signal: AbortSignal): Promise<OverviewAgent | null> => {
    const agents = everyone?.agents ?? [];
    const bearers = bearersIn(agents, who);
    if (bearers.length > 1) {
      const ids = bearers.map(agentId).sort().join(', ');
      throw new ExpectedError('CONFLICT', `${settings.name}: several agents have this ${who.identifier} (${ids}); name one of them by ID.`);
    }
    if (bearers[0]) return bearers[0];
    // An overview that shows this identifier of everybody has the last word.
    const isShown = everyone !== null && agents.every((agent) => shownIdentifier(agent, who.identifier) !== null);
    if (isShown && everyone.unread.length === 0) return null;
    const key = `${who.identifier}:${plainIdentifier(who.value)}`;
    const id = identified.get(key);
    const agent = id === undefined ? await identify(who, signal) : (directory.agent(id) ?? agentOf(id, null));
    if (agent === null) return null;
    identified.set(key, agentId(agent));
    const known = agents.find((other) => agentId(other) === agentId(agent));
    if (!known) directory.add([agent]);
    return known ?? agent;
  };

  return {
    identifiers,
    byIdentifiers: async (lookups: readonly AgentLookup[], signal) => {
      const everyone = await directory.read(signal);
      const found = await Promise.all(
        lookups.map(({ identifier, value }) =>
          // A dot is a step in the path, however it is encoded.
          isIdentifier(identifier) && !['', '.', '..'].includes(value.trim()) ? find({ identifier, value }, everyone, signal) : null,
        ),
      );
      const agents = new Map(found.flatMap((agent) => (agent === null ? [] : [[agentId(agent), agent] as const])));
      const online = [...agents.values()].filter((agent) => shownStatus(agent)?.status !== 'OFFLINE');
      const agentSnapshots = new Map<string, AgentSnapshot>();
      await Promise.all(
        [...agents].map(async ([id, agent]) => {
          const isRead = online.length <= busyCallsAtOnce && online.includes(agent);
          const busy = isRead ? await nullIfRejected(client.busyCall({ identifier: 'ID', value: id }, signal)) : null;
          agentSnapshots.set(id, agentSnapshot(agent, busy, context.known));
        }),
      );
      return found.map((agent) => (agent === null ? null : agentSnapshots.get(agentId(agent))!));
    },
    list: async (signal) => {
      const everyone = await directory.read(signal);
      if (everyone === null) {
        throw new ExpectedError(
          'VENDOR_REJECTED',
          `${settings.name}: the vendor does not list agents for this account; check account and licence, or query single agents by their identifiers.`,
        );
      }
      const { agents, unread } = everyone;
      return [...agents.map((agent) => agentSnapshot(agent, null, context.known)), ...unread.map(unreadableSnapshot)];
    },
  };
};
