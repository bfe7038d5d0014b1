import { type RecordingReader, sameJson, type VendorContext } from '../kit/index.ts';
import type { AgentDirectory } from './agent-directory.ts';
import { isRejection } from './client.ts';
import { nextFloor } from './cursor.ts';
import { createFirstIds } from './first-ids.ts';
import { type Listing, listingKey, type ReadListing } from './listings.ts';
import type { Segment } from './mapping.ts';
import type { ReportedSegments } from './reported-segments.ts';
import { abilities, type MiralixSettings } from './settings.ts';

const cursorsKey = 'recordingCursors';
const batchSize = 1000;
const listingsAtOnce = 250;
/** The number of polls in which a kind of list that the vendor refused is not requested again. */
const refusedForPolls = 20;

type Cursors = Record<string, number>;
const asCursors = (value: unknown): Cursors =>
  Object.fromEntries(Object.entries(value && typeof value === 'object' ? value : {}).filter(([, floor]) => Number.isSafeInteger(floor)));

export interface Reading {
  segments: readonly Segment[];
  /** How many lists were given: those of an owner the vendor does not know are not. */
  answered: number;
  /** The failures of others. */
  faults: readonly unknown[];
  /** A rejection of a list, where there was one. */
  rejection: unknown;
}

export interface RecordingFeed extends RecordingReader {
  /** Reads queue calls of these agents, or of everyone; reports what is new, then moves the cursors on. */
  readQueueCalls(agents: readonly string[] | null, signal: AbortSignal, timeoutMs?: number): Promise<Reading>;
  /** As `readQueueCalls`, from the agents' own lists: they hold what a queue's list is refused for, too. */
  readAgentLists(agents: readonly string[], signal: AbortSignal, timeoutMs?: number): Promise<Reading>;
  /** As `readQueueCalls`, for the agents' direct calls; nothing where version or licence lack them. */
  readDirectCalls(agents: readonly string[], signal: AbortSignal, timeoutMs?: number): Promise<Reading>;
  /** Returns true if the queues' lists cost fewer calls than this many agents' own. */
  usesQueues(agents: number, signal: AbortSignal): Promise<boolean>;
}

interface RecordingFeedParts {
  directory: AgentDirectory;
  read: ReadListing;
  reported: ReportedSegments;
  settings: MiralixSettings;
  context: VendorContext;
}

const noReading: Reading = { segments: [], answered: 0, faults: [], rejection: null };

/** Both, with each recording once. */
const together = (one: Reading, other: Reading): Reading => ({
  segments: [...new Map([...one.segments, ...other.segments].map((segment) => [segment.externalId, segment])).values()],
  answered: one.answered + other.answered,
  faults: [...one.faults, ...other.faults],
  rejection: one.rejection ?? other.rejection,
});

/** Recordings of queues, agents and users, each list read on from a cursor of its own that trails behind. */
export const createRecordingFeed = ({ directory, read, reported, settings, context }: RecordingFeedParts): RecordingFeed => {
  const refusedUntil = { queue: Number.NEGATIVE_INFINITY, user: Number.NEGATIVE_INFINITY };
  const refused = (kind: 'queue' | 'user') => context.clock.monotonicMs() < refusedUntil[kind];
  const refuse = (kind: 'queue' | 'user') => {
    refusedUntil[kind] = context.clock.monotonicMs() + refusedForPolls * settings.pollSeconds * 1000;
  };

  const report = async (segments: readonly Segment[], asOfMs: number): Promise<void> => {
    const changed = reported.changed(segments);
    for (let start = 0; start < changed.length; start += batchSize) {
      const part = changed.slice(start, start + batchSize);
      await context.observe({ observations: reported.observations(part), asOfMs });
      reported.add(part);
    }
  };

  const withFirstIds = createFirstIds(context.known);

  /** Recordings of calls that go on, as they were shown. */
  const reportedEarly = new Map<string, Segment>();
  /** Reports recordings without their calls, which would be reported as ended. */
  const reportEarly = async (segments: readonly Segment[], asOfMs: number): Promise<void> => {
    const unreported = segments.filter((segment) => !sameJson(reportedEarly.get(segment.externalId), segment));
    if (unreported.length === 0) return;
    await context.observe({ observations: reported.recordings(unreported), asOfMs });
    for (const segment of unreported) reportedEarly.set(segment.externalId, segment);
  };

  /** True where a colleague to whom the call was handed on still has it: an earlier leg's recording must not end it. */
  const isGoingOn = (call: string, legs: readonly Segment[]): boolean => {
    const known = context.known.call(call);
    return known !== null && known.state !== 'ENDED' && known.agents.some((agent) => !legs.some((leg) => leg.agent === agent));
  };

  /** Reads and reports what is given of these lists. */
  const readSome = async (listings: readonly Listing[], signal: AbortSignal, timeoutMs?: number): Promise<Reading> => {
    const asOfMs = context.clock.now();
    const cursors = asCursors(await context.state.get(cursorsKey));
    const floorOf = (listing: Listing) => cursors[listingKey(listing)] ?? 0;
    const answers = await Promise.allSettled(listings.map((listing) => read(listing, floorOf(listing), signal, timeoutMs)));
    const listed = new Map<string, Segment>();
    const floors: Cursors = {};
    let answered = 0;
    for (const [index, listing] of listings.entries()) {
      const answer = answers[index]!;
      if (answer.status === 'rejected' || answer.value === null) continue;
      answered += 1;
      const floor = floorOf(listing);
      // Versions without a cursor list everything each time.
      for (const segment of answer.value) if (segment.id > floor) listed.set(segment.externalId, segment);
      const next = nextFloor(floor, answer.value, settings.trailingWindow, asOfMs);
      if (next > floor) floors[listingKey(listing)] = next;
    }
    const segments = await withFirstIds([...listed.values()]);
    const legs = Map.groupBy(segments, (segment) => segment.call);
    const waiting = new Set([...legs].flatMap(([call, ofCall]) => (isGoingOn(call, ofCall) ? [call] : [])));
    const over = segments.filter((segment) => !waiting.has(segment.call));
    await report(over, asOfMs);
    for (const { externalId } of over) reportedEarly.delete(externalId);
    await reportEarly(
      segments.filter((segment) => waiting.has(segment.call)),
      asOfMs,
    );
    // Only what is durably reported may be passed over next time.
    const lowestWaiting = Math.min(...[...waiting].map((call) => legs.get(call)![0]!.id));
    for (const key of Object.keys(floors)) floors[key] = Math.max(cursors[key] ?? 0, Math.min(floors[key]!, lowestWaiting - 1));
    if (Object.keys(floors).length > 0) await context.state.update(cursorsKey, (stored) => ({ ...asCursors(stored), ...floors }));
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    const faults = reasons.filter((reason) => !isRejection(reason));
    return { segments: over, answered, faults, rejection: reasons.find(isRejection) ?? null };
  };

  const readAll = async (listings: readonly Listing[], signal: AbortSignal, timeoutMs?: number): Promise<Reading> => {
    let all = noReading;
    for (let start = 0; start < listings.length; start += listingsAtOnce)
      all = together(all, await readSome(listings.slice(start, start + listingsAtOnce), signal, timeoutMs));
    return all;
  };

  const queueListings = async (signal: AbortSignal): Promise<readonly Listing[]> => {
    if (refused('queue')) return [];
    const queues = await directory.queues(signal);
    if (queues === null) refuse('queue');
    return (queues ?? []).map((queue) => ({ kind: 'queue', id: String(queue) }));
  };

  const usesQueues: RecordingFeed['usesQueues'] = async (agents, signal) => {
    // To learn of the queues costs a call as well.
    if (agents <= 2) return false;
    const queues = await queueListings(signal);
    return queues.length > 0 && queues.length < agents;
  };

  const readAgentLists: RecordingFeed['readAgentLists'] = async (agents, signal, timeoutMs) => {
    const ofAgents = await readAll(
      agents.map((id) => ({ kind: 'agent', id })),
      signal,
      timeoutMs,
    );
    if (ofAgents.answered === 0 && ofAgents.faults.length === 0 && ofAgents.rejection) throw ofAgents.rejection;
    return ofAgents;
  };

  const readQueueCalls: RecordingFeed['readQueueCalls'] = async (agents, signal, timeoutMs) => {
    const whose = agents ?? directory.known();
    if ((agents === null && whose.length === 0) || (await usesQueues(whose.length, signal))) {
      const ofQueues = await readAll(await queueListings(signal), signal, timeoutMs);
      // The recordings of a refused queue are in its agents' own lists.
      const apart = ofQueues.rejection ? await readAgentLists(whose.slice(0, settings.agentCallsPerPoll), signal, timeoutMs) : noReading;
      if (ofQueues.answered > 0 || ofQueues.faults.length > 0) return together(ofQueues, apart);
      refuse('queue');
    }
    return readAgentLists(whose, signal, timeoutMs);
  };

  const readDirectCalls: RecordingFeed['readDirectCalls'] = async (agents, signal, timeoutMs) => {
    const isRead = settings.directRecordings && abilities(settings.version).directRecordings && !refused('user');
    if (!isRead || agents.length === 0) return noReading;
    const ofUsers = await readAll(
      agents.map((id) => ({ kind: 'user', id })),
      signal,
      timeoutMs,
    );
    if (ofUsers.rejection) refuse('user');
    return ofUsers;
  };

  return {
    usesQueues,
    readQueueCalls,
    readAgentLists,
    readDirectCalls,
    list: async ({ agents }, signal) => {
      if (agents === null && directory.known().length === 0) await directory.read(signal);
      const queueCalls = await readQueueCalls(agents, signal);
      const few = agents !== null && agents.length <= settings.agentCallsPerPoll ? agents : [];
      const directCalls = queueCalls.faults.length > 0 ? noReading : await readDirectCalls(few, signal);
      const { segments, faults } = together(queueCalls, directCalls);
      // The caller gets the failure of a list; what the others hold is reported already.
      if (faults.length > 0) throw faults[0];
      return reported.observations(segments);
    },
  };
};
