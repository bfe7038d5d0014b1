import type { SimulatedAgent, SimulatedCall } from './agent.ts';
import type { UptivitySwitches } from './switches.ts';

/** The agents that the Recording API has seen. It may hold an id twice, as the vendor's own example does. */
export interface Tracker {
  agents: SimulatedAgent[];
  /** As the API resolves `AgentIdentifier` and `Value`: the first match, or undefined. */
  find(identifier: string, value: string): SimulatedAgent | undefined;
  byId(id: number): SimulatedAgent | undefined;
  /** Takes the place of the entry with the same id and phone, or comes last. */
  put(agent: SimulatedAgent): void;
}

const texts: Readonly<Record<string, (agent: SimulatedAgent) => string | null>> = {
  id: (agent) => String(agent.AgentId),
  phone: (agent) => agent.AgentPhone,
  systemusername: (agent) => agent.SystemUsername,
  crmusername: (agent) => agent.CrmUsername,
  username: (agent) => agent.Username,
};

export const createTracker = (switches: UptivitySwitches): Tracker => {
  const tracker: Tracker = {
    agents: [],
    find: (identifier, value) => {
      const word = identifier.trim().toLowerCase();
      const textOf = texts[switches.lenientIdentifiers && (word === 'agentid' || word === 'agent id') ? 'id' : word];
      const wanted = value.trim().toLowerCase();
      return textOf && wanted !== '' ? tracker.agents.find((agent) => textOf(agent)?.toLowerCase() === wanted) : undefined;
    },
    byId: (id) => tracker.agents.find((agent) => agent.AgentId === id),
    put: (agent) => {
      const index = tracker.agents.findIndex(({ AgentId, AgentPhone }) => AgentId === agent.AgentId && AgentPhone === agent.AgentPhone);
      if (index === -1) tracker.agents.push(agent);
      else tracker.agents[index] = agent;
    },
  };
  return tracker;
};

/** Active first. */
export const callsOf = (agent: SimulatedAgent): readonly SimulatedCall[] =>
  agent.ActiveCall ? [agent.ActiveCall, ...agent.InactiveCalls] : agent.InactiveCalls;
