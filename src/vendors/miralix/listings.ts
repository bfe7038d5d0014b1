import type { AgentDirectory } from './agent-directory.ts';
import type { Identification, MiralixClient } from './client.ts';
import { agentEmail, agentName, agentSipUri, agentSyncId, directSegment, queueSegment, type Segment } from './mapping.ts';

/** One list of the vendor's that is read on from its own cursor. */
export interface Listing {
  kind: 'queue' | 'agent' | 'user';
  /** Of the queue, or of the agent. */
  id: string;
}

export const listingKey = (listing: Listing): string => `${listing.kind}:${listing.id}`;

/** Reads one list after an id; null where the vendor does not know whose it is. */
export type ReadListing = (listing: Listing, after: number, signal: AbortSignal, timeoutMs?: number) => Promise<readonly Segment[] | null>;

export const createListingReader = (client: MiralixClient, directory: AgentDirectory): ReadListing => {
  /** By which identification an agent was last found among the users. */
  const found = new Map<string, Identification>();

  const queueCalls: ReadListing = async (listing, after, signal, timeoutMs) => {
    const items =
      listing.kind === 'queue'
        ? await client.queueRecordings(Number(listing.id), after, signal, timeoutMs)
        : await client.agentRecordings({ identifier: 'ID', value: listing.id }, after, signal, timeoutMs);
    if (items === null) return null;
    const whose = (name: string | null | undefined) => (listing.kind === 'agent' ? listing.id : name ? directory.idOfName(name) : null);
    return items.map((item) => queueSegment(item, whose(item.AgentName)));
  };

  /** Ways to name an agent as a user; by id last, since nothing says that users and agents are numbered alike. */
  const usersOf = (id: string): readonly Identification[] => {
    const agent = directory.agent(id);
    const email = agent && agentEmail(agent);
    const sipUri = agent && agentSipUri(agent);
    const syncId = agent && agentSyncId(agent);
    const last = found.get(id);
    return [
      ...(last ? [last] : []),
      ...(email ? [{ identifier: 'EMAIL', value: email } as const] : []),
      ...(sipUri ? [{ identifier: 'SIP_URI', value: sipUri } as const] : []),
      ...(syncId ? [{ identifier: 'SYNC_ID', value: syncId } as const] : []),
      { identifier: 'ID', value: id },
    ];
  };

  const directCalls: ReadListing = async (listing, after, signal, timeoutMs) => {
    const agent = directory.agent(listing.id);
    const name = agent && agentName(agent)?.trim().toLowerCase();
    for (const who of usersOf(listing.id)) {
      const answer = await client.userRecordings(who, after, signal, timeoutMs);
      if (answer === null) continue;
      found.set(listing.id, who);
      // Another person's calls may not become this agent's: under a mere number the name has to agree.
      const items = who.identifier === 'ID' ? answer.filter((item) => name && item.UserName?.trim().toLowerCase() === name) : answer;
      return items.map((item) => directSegment(item, listing.id));
    }
    return null;
  };

  return (listing, after, signal, timeoutMs) => (listing.kind === 'user' ? directCalls : queueCalls)(listing, after, signal, timeoutMs);
};
