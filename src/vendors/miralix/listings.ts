import type { Identification, MiralixClient } from './client.ts';
import { agentEmail, agentName, agentSipUri, agentSyncId, directPiece, type Piece, queuePiece } from './mapping.ts';
import type { Roster } from './roster.ts';
import type { QueueRecording, UserRecording } from './wire.ts';

/** One list of the vendor's that is read on from its own cursor. */
export interface Listing {
  kind: 'queue' | 'agent' | 'user';
  /** Of the queue, or of the agent. */
  id: string;
}

export const listingKey = (listing: Listing): string => `${listing.kind}:${listing.id}`;

/**
 * Reads one list after an id; null where the vendor does not know whose it is. A recording that is shown as before is the same
 * piece again.
 */
export type ReadListing = (listing: Listing, after: number, signal: AbortSignal, timeoutMs?: number) => Promise<readonly Piece[] | null>;

/** Makes the piece of an item once for each agent that it is taken for. */
const remembering = <Item extends object, Whose extends string | null>(make: (item: Item, whose: Whose) => Piece) => {
  const made = new WeakMap<Item, { whose: Whose; piece: Piece }>();
  return (item: Item, whose: Whose): Piece => {
    const known = made.get(item);
    if (known?.whose === whose) return known.piece;
    const piece = make(item, whose);
    made.set(item, { whose, piece });
    return piece;
  };
};

export const createListingReader = (client: MiralixClient, roster: Roster): ReadListing => {
  /** By which identification an agent was last found among the users. */
  const found = new Map<string, Identification>();
  const ofQueueCall = remembering<QueueRecording, string | null>(queuePiece);
  const ofDirectCall = remembering<UserRecording, string>(directPiece);

  const queueCalls: ReadListing = async (listing, after, signal, timeoutMs) => {
    const items =
      listing.kind === 'queue'
        ? await client.queueRecordings(Number(listing.id), after, signal, timeoutMs)
        : await client.agentRecordings({ identifier: 'ID', value: listing.id }, after, signal, timeoutMs);
    if (items === null) return null;
    const whose = (name: string | null | undefined) => (listing.kind === 'agent' ? listing.id : name ? roster.idOfName(name) : null);
    return items.map((item) => ofQueueCall(item, whose(item.AgentName)));
  };

  /** Ways to name an agent as a user; by id last, since nothing says that users and agents are numbered alike. */
  const usersOf = (id: string): readonly Identification[] => {
    const agent = roster.agent(id);
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
    const agent = roster.agent(listing.id);
    const name = agent && agentName(agent)?.trim().toLowerCase();
    for (const who of usersOf(listing.id)) {
      const answer = await client.userRecordings(who, after, signal, timeoutMs);
      if (answer === null) continue;
      found.set(listing.id, who);
      // Another person's calls may not become this agent's: under a mere number the name has to agree.
      const items = who.identifier === 'ID' ? answer.filter((item) => name && item.UserName?.trim().toLowerCase() === name) : answer;
      return items.map((item) => ofDirectCall(item, listing.id));
    }
    return null;
  };

  return (listing, after, signal, timeoutMs) => (listing.kind === 'user' ? directCalls : queueCalls)(listing, after, signal, timeoutMs);
};
