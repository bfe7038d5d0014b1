import type { ListRequest } from './client.ts';
import { type Identification, type MiralixIdentifier, shownIdentifier } from './identifiers.ts';
import { agentName } from './mapping.ts';
import { directSegment, queueSegment, type Segment } from './segments.ts';
import type { MiralixSource } from './source.ts';
import type { QueueRecording, UserRecording } from './wire.ts';

/** One list of the vendor's that is read on from its own cursor. */
export interface Listing {
  kind: 'queue' | 'agent' | 'user';
  /** Of the queue, or of the agent. */
  id: string;
}

export const listingKey = (listing: Listing): string => `${listing.kind}:${listing.id}`;

/** Reads of one list what comes after an id; null where the vendor does not know whose it is. */
export type ReadListing = (listing: Listing, request: ListRequest) => Promise<readonly Segment[] | null>;

interface ListingsSource extends Pick<MiralixSource, 'client' | 'directory'> {
  /** By which identification an agent was last found among the users. */
  found: Map<string, MiralixIdentifier>;
}

const readQueueCalls = async (
  { client, directory }: ListingsSource,
  listing: Listing,
  request: ListRequest,
): Promise<readonly Segment[] | null> => {
  const items =
    listing.kind === 'queue'
      ? await client.queueRecordings(Number(listing.id), request)
      : await client.agentRecordings({ identifier: 'ID', value: listing.id }, request);
  if (items === null) return null;
  // Versions without a cursor list everything each time.
  const unread = items.filter(({ QueueCallId }) => QueueCallId > request.after);
  const whose = ({ AgentId, AgentName }: QueueRecording): string | null =>
    AgentId ?? (listing.kind === 'agent' ? listing.id : AgentName ? directory.idOfName(AgentName) : null);
  return unread.map((item) => {
    const agent = whose(item);
    return queueSegment(item, agent, agent !== null && directory.agent(agent) !== null);
  });
};

/**
 * Returns ways to name an agent as a user, the last that worked first. Leaves out what others bear too; the id comes last, since nothing says
 * that users and agents are numbered alike.
 */
const usersOf = ({ directory, found }: ListingsSource, id: string): readonly Identification[] => {
  const agent = directory.agent(id);
  const named = (['EMAIL', 'SIP_URI', 'SYNC_ID'] as const).flatMap((identifier): readonly Identification[] => {
    const value = agent && shownIdentifier(agent, identifier);
    return value && directory.isUnique({ identifier, value }) ? [{ identifier, value }] : [];
  });
  const ways: readonly Identification[] = [...named, { identifier: 'ID', value: id }];
  const isLast = ({ identifier }: Identification) => identifier === found.get(id);
  return [...ways.filter(isLast), ...ways.filter((way) => !isLast(way))];
};

const readDirectCalls = async (source: ListingsSource, { id }: Listing, request: ListRequest): Promise<readonly Segment[] | null> => {
  const { client, directory, found } = source;
  const agent = directory.agent(id);
  const name = agent && agentName(agent)?.trim().toLowerCase();
  for (const who of usersOf(source, id)) {
    const answer = await client.userRecordings(who, request);
    if (answer === null) continue;
    found.set(id, who.identifier);
    // Another person's calls may not become this agent's: under a mere number the name has to agree.
    const isTheirs = ({ UserName }: UserRecording) => who.identifier !== 'ID' || (name && UserName?.trim().toLowerCase() === name);
    return answer.filter((item) => item.Id > request.after && isTheirs(item)).map((item) => directSegment(item, id));
  }
  return null;
};

export const createListingReader = ({ client, directory }: Pick<MiralixSource, 'client' | 'directory'>): ReadListing => {
  const source: ListingsSource = { client, directory, found: new Map() };
  return (listing, request) => (listing.kind === 'user' ? readDirectCalls : readQueueCalls)(source, listing, request);
};
