/** Recordings by the lists of queues, agents and users. */
import type { RecordingReader } from '../kit/index.ts';
import type { RequestOptions } from './client.ts';
import { createFirstIds } from './first-ids.ts';
import { createListingReader, type Listing } from './listings.ts';
import { joined, type ListingsContext, type ListingsReading, noReading, readListings } from './read-listings.ts';
import { abilities } from './settings.ts';
import type { MiralixSource } from './source.ts';

/** The number of polls in which a kind of list that the vendor refused is not requested again. */
const refusedForPolls = 20;

type ListKind = Listing['kind'];

export interface RecordingFeed extends MiralixSource, ListingsContext {
  /** Until when a refused kind of list is not requested, in monotonic ms. */
  refusedUntil: Map<ListKind, number>;
}

export const createRecordingFeed = (source: MiralixSource): RecordingFeed => ({
  ...source,
  read: createListingReader(source),
  withFirstIds: createFirstIds(source.context.known),
  reportedEarly: new Map(),
  refusedUntil: new Map(),
});

const isRefused = ({ refusedUntil, context }: RecordingFeed, kind: ListKind): boolean =>
  context.clock.monotonicMs() < (refusedUntil.get(kind) ?? Number.NEGATIVE_INFINITY);

const refuse = ({ refusedUntil, context, settings }: RecordingFeed, kind: ListKind): void => {
  refusedUntil.set(kind, context.clock.monotonicMs() + refusedForPolls * settings.pollSeconds * 1000);
};

const listingsOf = (kind: ListKind, ids: readonly string[]): readonly Listing[] => ids.map((id) => ({ kind, id }));

/** The queues whose lists can be read; none where the vendor refuses them. */
export const queuesToRead = async (feed: RecordingFeed, signal: AbortSignal): Promise<readonly string[]> => {
  if (isRefused(feed, 'queue')) return [];
  const queues = await feed.directory.queues(signal);
  if (queues === null) refuse(feed, 'queue');
  return (queues ?? []).map(String);
};

/** Reads the lists of queues; where the vendor gives none of them, it is not asked for some time. */
export const readQueueLists = async (feed: RecordingFeed, queues: readonly string[], options: RequestOptions): Promise<ListingsReading> => {
  const reading = await readListings(feed, listingsOf('queue', queues), options);
  if (queues.length > 0 && reading.answered === 0 && reading.faults.length === 0) refuse(feed, 'queue');
  return reading;
};

/** Reads the agents' own lists of queue calls; they hold what a queue's list is refused for, too. */
export const readAgentLists = async (feed: RecordingFeed, agents: readonly string[], options: RequestOptions): Promise<ListingsReading> => {
  const reading = await readListings(feed, listingsOf('agent', agents), options);
  if (reading.answered === 0 && reading.faults.length === 0 && reading.rejection) throw reading.rejection;
  return reading;
};

/** Reads the agents' direct calls; nothing where version or licence lack them. */
export const readDirectCalls = async (
  feed: RecordingFeed,
  agents: readonly string[],
  options: RequestOptions,
): Promise<ListingsReading> => {
  const isRead = feed.settings.directRecordings && abilities(feed.settings.version).directRecordings;
  if (!isRead || isRefused(feed, 'user')) return noReading;
  const reading = await readListings(feed, listingsOf('user', agents), options);
  if (reading.rejection) refuse(feed, 'user');
  return reading;
};

/** Reads queue calls of these agents, or of everyone, from the lists that cost fewer requests. */
const readQueueCalls = async (feed: RecordingFeed, agents: readonly string[] | null, signal: AbortSignal): Promise<ListingsReading> => {
  const whose = agents ?? feed.directory.known();
  // To learn of the queues costs a request as well.
  const queues = whose.length > 2 || (agents === null && whose.length === 0) ? await queuesToRead(feed, signal) : [];
  if (queues.length === 0 || (whose.length > 0 && queues.length >= whose.length)) return readAgentLists(feed, whose, { signal });
  const ofQueues = await readQueueLists(feed, queues, { signal });
  if (ofQueues.answered === 0 && ofQueues.faults.length === 0) return readAgentLists(feed, whose, { signal });
  // The recordings of a refused queue are in its agents' own lists.
  const apart = ofQueues.rejection ? await readAgentLists(feed, whose.slice(0, feed.settings.agentCallsPerPoll), { signal }) : noReading;
  return joined(ofQueues, apart);
};

export const createRecordingReader = (feed: RecordingFeed): RecordingReader => ({
  list: async ({ agents }, signal) => {
    if (agents === null && feed.directory.known().length === 0) await feed.directory.read(signal);
    const queueCalls = await readQueueCalls(feed, agents, signal);
    const few = agents !== null && agents.length <= feed.settings.agentCallsPerPoll ? agents : [];
    const directCalls = queueCalls.faults.length > 0 ? noReading : await readDirectCalls(feed, few, { signal });
    const { segments, faults } = joined(queueCalls, directCalls);
    // The caller gets the failure of a list; what the others hold is reported already.
    if (faults.length > 0) throw faults[0];
    return feed.reported.observations(segments);
  },
});
