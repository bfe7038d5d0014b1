/** By what the vendor finds agents. */
import type { AgentIdentifier } from '../kit/index.ts';
import type { OverviewAgent } from './wire.ts';

/** The name of each identifier in paths, and its field in an overview, of which both spellings are read. */
const identifierTable = {
  ID: { word: 'id', of: (agent) => agent.AgentId ?? agent.Id ?? null },
  EMAIL: { word: 'email', of: (agent) => agent.AgentEmail ?? agent.Email ?? null },
  SIP_URI: { word: 'sipUri', of: (agent) => agent.AgentSipUri ?? agent.SipUri ?? null },
  SYNC_ID: { word: 'syncId', of: (agent) => agent.AgentSyncId ?? agent.SyncId ?? null },
} satisfies Partial<Record<AgentIdentifier, { word: string; of: (agent: OverviewAgent) => string | null }>>;

export type MiralixIdentifier = keyof typeof identifierTable;
export const identifiers = Object.keys(identifierTable) as readonly MiralixIdentifier[];
export const isIdentifier = (identifier: AgentIdentifier): identifier is MiralixIdentifier => Object.hasOwn(identifierTable, identifier);

export interface Identification {
  identifier: MiralixIdentifier;
  value: string;
}

export const identifierWord = (identifier: MiralixIdentifier): string => identifierTable[identifier].word;

/** Returns an agent's identifier as an overview shows it; null where it does not. */
export const shownIdentifier = (agent: OverviewAgent, identifier: MiralixIdentifier): string | null =>
  identifierTable[identifier].of(agent);

/** Case and spaces around it do not matter. */
export const plainIdentifier = (value: string): string => value.trim().toLowerCase();

/** Those of the agents who bear the identifier. */
export const bearersIn = (agents: readonly OverviewAgent[], { identifier, value }: Identification): readonly OverviewAgent[] =>
  agents.filter((agent) => plainIdentifier(shownIdentifier(agent, identifier) ?? '') === plainIdentifier(value));

/** Equal for identifications that mean the same. */
export const identificationKey = ({ identifier, value }: Identification): string => `${identifier} ${plainIdentifier(value)}`;

/** How many of the agents bear each identification, by its key. */
export const countBearers = (agents: readonly OverviewAgent[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const agent of agents) {
    for (const identifier of identifiers) {
      const value = shownIdentifier(agent, identifier);
      if (value === null) continue;
      const key = identificationKey({ identifier, value });
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
};
