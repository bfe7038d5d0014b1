/** By what the vendor finds agents. */
import type { AgentLookup } from '../../domain/ports.ts';
import type { AgentIdentifier } from '../../domain/words.ts';
import type { WireAgent, WireAgentIdentifier } from './wire.ts';

/** How each identifier is called on the wire, where its value stands in an agent, and whether case matters. */
const identifierTable = {
  ID: { word: 'Id', of: (agent) => agent.AgentId, fold: false },
  PHONE: { word: 'Phone', of: (agent) => agent.AgentPhone, fold: false },
  SYSTEM_USERNAME: { word: 'SystemUsername', of: (agent) => agent.SystemUsername, fold: true },
  CRM_USERNAME: { word: 'CrmUsername', of: (agent) => agent.CrmUsername, fold: true },
  USERNAME: { word: 'Username', of: (agent) => agent.Username, fold: true },
} satisfies Partial<Record<AgentIdentifier, { word: WireAgentIdentifier; of: (agent: WireAgent) => string | null; fold: boolean }>>;

type KnownIdentifier = keyof typeof identifierTable;
export const identifiers = Object.keys(identifierTable) as readonly KnownIdentifier[];
const isKnown = (identifier: AgentIdentifier): identifier is KnownIdentifier => Object.hasOwn(identifierTable, identifier);

/** Null for an identifier that the vendor does not have. */
export const identifierWord = (identifier: AgentIdentifier): WireAgentIdentifier | null =>
  isKnown(identifier) ? identifierTable[identifier].word : null;

const lookupKey = (identifier: AgentIdentifier, value: string, fold: boolean) =>
  `${identifier}:${fold ? value.trim().toLowerCase() : value.trim()}`;

/** Finds agents among those of one answer, as the vendor would: the first that matches. */
export const indexAgents = (agents: readonly WireAgent[]): ((lookup: AgentLookup) => WireAgent | null) => {
  const index = new Map<string, WireAgent>();
  for (const agent of agents) {
    for (const identifier of identifiers) {
      const { of, fold } = identifierTable[identifier];
      const value = of(agent);
      if (value === null) continue;
      const key = lookupKey(identifier, value, fold);
      if (!index.has(key)) index.set(key, agent);
    }
  }
  return ({ identifier, value }) =>
    isKnown(identifier) ? (index.get(lookupKey(identifier, value, identifierTable[identifier].fold)) ?? null) : null;
};
