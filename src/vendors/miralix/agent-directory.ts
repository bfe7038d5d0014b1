import type { VendorContext } from '../kit/index.ts';
import type { MiralixClient } from './client.ts';
import { countBearers, type Identification, identificationKey } from './identifiers.ts';
import type { AgentList } from './lists.ts';
import { agentId, agentName } from './mapping.ts';
import { nullIfRejected } from './rejections.ts';
import type { MiralixSettings } from './settings.ts';
import { shownStatus } from './statuses.ts';
import type { OverviewAgent, Queue } from './wire.ts';

const queuesKeptMs = 600_000;

/** Everyone who is able to log in. */
export interface Everyone {
  agents: readonly OverviewAgent[];
  /** Ids of agents who are not among them though they were before, where an entry cannot be read: it may be theirs. */
  unread: readonly string[];
}

export interface AgentDirectory {
  /** Null where the vendor refuses every way of asking. */
  read(signal: AbortSignal): Promise<Everyone | null>;
  /** The queues to read, from the settings or the vendor; null where it refuses to name them. */
  queues(signal: AbortSignal): Promise<readonly number[] | null>;
  /** Ids of everyone seen so far, in overviews or by identifier. */
  known(): readonly string[];
  agent(id: string): OverviewAgent | null;
  /** True if exactly one of everyone seen so far bears it. */
  isUnique(who: Identification): boolean;
  /** The id of the only agent of that name; null where there is none or more than one. */
  idOfName(name: string): string | null;
  add(agents: readonly OverviewAgent[]): void;
}

const sameName = (name: string): string => name.trim().toLowerCase();

/** Reads the agents of the queues; null where the vendor gives them for none. */
const agentsOfQueues = async (client: MiralixClient, queues: readonly number[], signal: AbortSignal): Promise<AgentList | null> => {
  const answers = await Promise.all(queues.map((queue) => nullIfRejected(client.queueAgents(queue, signal))));
  const given = answers.filter((answer) => answer !== null);
  if (given.length === 0) return null;
  const agents = given.flatMap((answer) => answer.agents);
  return {
    agents: [...new Map(agents.map((agent) => [agentId(agent), agent])).values()],
    isWhole: given.every((answer) => answer.isWhole),
  };
};

/** An overview without any status still shows who is logged in, when only those are requested. */
const withLogins = async (client: MiralixClient, list: AgentList, signal: AbortSignal): Promise<AgentList> => {
  if (list.agents.length === 0 || list.agents.some((agent) => shownStatus(agent) !== null)) return list;
  const answer = await nullIfRejected(client.agents('loggedIn', signal));
  if (answer === null || !answer.isWhole) return list;
  const present = new Set(answer.agents.map(agentId));
  return { ...list, agents: list.agents.map((agent) => ({ ...agent, LoggedIn: present.has(agentId(agent)) })) };
};

/** Reads the agents, from the agents overview, or from the queues' agents where that is refused. */
export const createAgentDirectory = (client: MiralixClient, settings: MiralixSettings, context: VendorContext): AgentDirectory => {
  const byId = new Map<string, OverviewAgent>();
  const byName = new Map<string, Set<string>>();
  /** How many bear each identification; null where agents were added since they were counted. */
  let bearers: ReadonlyMap<string, number> | null = null;
  let named: { atMs: number; queues: readonly number[] } | null = null;

  const namedQueues = async (read: () => Promise<readonly Queue[]>): Promise<readonly number[] | null> => {
    if (settings.queues) return settings.queues;
    if (named && context.clock.monotonicMs() - named.atMs < queuesKeptMs) return named.queues;
    const answer = await nullIfRejected(read());
    if (answer === null) return null;
    named = { atMs: context.clock.monotonicMs(), queues: [...new Set(answer.map((queue) => queue.Id))] };
    return named.queues;
  };

  const readAgents = async (signal: AbortSignal): Promise<AgentList | null> => {
    const overview = await nullIfRejected(client.agents('any', signal));
    if (overview !== null) return withLogins(client, overview, signal);
    return agentsOfQueues(client, (await namedQueues(() => client.queuesForAgents(signal))) ?? [], signal);
  };

  const add: AgentDirectory['add'] = (agents) => {
    bearers = null;
    for (const agent of agents) {
      const id = agentId(agent);
      const name = agentName(agent);
      byId.set(id, agent);
      if (name !== null) byName.set(sameName(name), (byName.get(sameName(name)) ?? new Set()).add(id));
    }
  };

  return {
    queues: (signal) => namedQueues(() => client.queues(signal)),
    read: async (signal) => {
      const list = await readAgents(signal);
      if (list === null) return null;
      const listed = new Set(list.agents.map(agentId));
      const unread = list.isWhole ? [] : [...byId.keys()].filter((id) => !listed.has(id));
      add(list.agents);
      return { agents: list.agents, unread };
    },
    known: () => [...byId.keys()],
    agent: (id) => byId.get(id) ?? null,
    isUnique: (who) => {
      bearers ??= countBearers([...byId.values()]);
      return bearers.get(identificationKey(who)) === 1;
    },
    idOfName: (name) => {
      const ids = byName.get(sameName(name));
      return ids?.size === 1 ? [...ids][0]! : null;
    },
    add,
  };
};
