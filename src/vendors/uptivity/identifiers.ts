/** By what the vendor finds agents. */

import type { AgentIdentifier, AgentLookup } from '../kit/index.ts';
import type { WireAgent, WireAgentIdentifier } from './wire.ts';

/** How each identifier is called on the wire, where its value stands in an agent, and whether case matters. */
const identifierTable = {
  ID: { word: 'Id', of: (agent) => agent.AgentId, reduce: false },
  PHONE: { word: 'Phone', of: (agent) => agent.AgentPhone, reduce: false },
  SYSTEM_USERNAME: { word: 'SystemUsername', of: (agent) => agent.SystemUsername, reduce: true },
  CRM_USERNAME: { word: 'CrmUsername', of: (agent) => agent.CrmUsername, reduce: true },
  USERNAME: { word: 'Username', of: (agent) => agent.Username, reduce: true },
} satisfies Partial<Record<AgentIdentifier, { word: WireAgentIdentifier; of: (agent: WireAgent) => string | null; reduce: boolean }>>;

type KnownIdentifier = keyof typeof identifierTable;
export const identifiers = Object.keys(identifierTable) as readonly KnownIdentifier[];
const isKnown = (identifier: AgentIdentifier): identifier is KnownIdentifier => Object.hasOwn(identifierTable, identifier);

/** Null for an identifier that the vendor does not have. */
export const identifierWord = (identifier: AgentIdentifier): WireAgentIdentifier | null =>
  isKnown(identifier) ? identifierTable[identifier].word : null;

const lookupKey = (identifier: AgentIdentifier, value: string, reduce: boolean) =>
  `${identifier}:${reduce ? value.trim().toLowerCase() : value.trim()}`;

/** Finds agents among those of one answer, as the vendor would: the first that matches. */
export const indexAgents = (agents: readonly WireAgent[]): ((lookup: AgentLookup) => WireAgent | null) => {
  const index = new Map<string, WireAgent>();
  for (const agent of agents) {
    for (const identifier of identifiers) {
      const { of, reduce } = identifierTable[identifier];
      const value = of(agent);
      if (value === null) continue;
      const key = lookupKey(identifier, value, reduce);
      if (!index.has(key)) index.set(key, agent);
    }
  }
  return ({ identifier, value }) =>
    isKnown(identifier) ? (index.get(lookupKey(identifier, value, identifierTable[identifier].reduce)) ?? null) : null;
};
