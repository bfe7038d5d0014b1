/** By what the vendor finds agents. */
import type { AgentIdentifier, AgentLookup } from '../kit/index.ts';
import type { ListedAgent } from './mapping.ts';
import type { WireAgent, WireAgentIdentifier } from './wire.ts';

/** The name of each identifier on the wire, its field in an entry, and whether case matters. */
const identifierTable = {
  ID: { word: 'Id', of: (agent) => agent.AgentId, anyCase: false },
  PHONE: { word: 'Phone', of: (agent) => agent.AgentPhone, anyCase: false },
  SYSTEM_USERNAME: { word: 'SystemUsername', of: (agent) => agent.SystemUsername, anyCase: true },
  CRM_USERNAME: { word: 'CrmUsername', of: (agent) => agent.CrmUsername, anyCase: true },
  USERNAME: { word: 'Username', of: (agent) => agent.Username, anyCase: true },
} satisfies Partial<Record<AgentIdentifier, { word: WireAgentIdentifier; of: (agent: WireAgent) => string | null; anyCase: boolean }>>;

type KnownIdentifier = keyof typeof identifierTable;
export const identifiers = Object.keys(identifierTable) as readonly KnownIdentifier[];
const isKnown = (identifier: AgentIdentifier): identifier is KnownIdentifier => Object.hasOwn(identifierTable, identifier);

/** Null for an identifier that the vendor does not have. */
export const identifierWord = (identifier: AgentIdentifier): WireAgentIdentifier | null =>
  isKnown(identifier) ? identifierTable[identifier].word : null;

/** Every agent of one answer that bears the identifier at any of its devices. */
export const bearersIn = (agents: readonly ListedAgent[], { identifier, value }: AgentLookup): readonly ListedAgent[] => {
  if (!isKnown(identifier) || value.trim() === '') return [];
  const { of, anyCase } = identifierTable[identifier];
  const read = (text: string) => (anyCase ? text.trim().toLowerCase() : text.trim());
  const wanted = read(value);
  return agents.filter(({ entries }) => entries.some((entry) => read(of(entry) ?? '') === wanted));
};
