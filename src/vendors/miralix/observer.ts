import {
  ExpectedError,
  maxStalenessMsOf,
  type Observation,
  type Observer,
  observationsOf,
  pollLoop,
  unreadableSnapshot,
  type VendorContext,
} from '../kit/index.ts';
import type { AgentDirectory } from './agent-directory.ts';
import { agentSnapshot } from './agent-snapshot.ts';
import type { BusyAnswer, MiralixClient } from './client.ts';
import { agentId } from './mapping.ts';
import type { Reading } from './read-listings.ts';
import { queuesToRead, type RecordingFeed, readAgentLists, readDirectCalls, readQueueLists } from './recordings.ts';
import { nullIfRejected } from './rejections.ts';
import type { MiralixSettings } from './settings.ts';
import { shownStatus } from './statuses.ts';

const maxPauseMs = 300_000;

/** Takes turns: at most `count` of the ids a time, those whose last turn is longest ago, since lists come in any order. */
const createTurns = () => {
  const lastRounds = new Map<string, number>();
  let round = 0;
  const lastRound = (id: string) => lastRounds.get(id) ?? 0;
  return (ids: readonly string[], count: number): readonly string[] => {
    round += 1;
    const chosen = ids.toSorted((left, right) => lastRound(left) - lastRound(right)).slice(0, count);
    for (const id of chosen) lastRounds.set(id, round);
    return chosen;
  };
};

interface ObserverParts {
  client: MiralixClient;
  directory: AgentDirectory;
  feed: RecordingFeed;
  settings: MiralixSettings;
  context: VendorContext;
}

/** Asks for agents, their calls and recordings every `pollSeconds`; slower while the vendor fails. */
export const createObserver = ({ client, directory, feed, settings, context }: ObserverParts): Observer => {
  const callTurns = createTurns();
  const freeTurns = createTurns();
  const listTurns = createTurns();
  const directTurns = createTurns();
  const queueTurns = createTurns();
  const most = settings.agentCallsPerPoll;
  /** A list has no pages and may be long: who reads in the background waits for it, callers do not. */
  const listTimeoutMs = settings.listTimeoutSeconds * 1000;

  /** Shows in the health that some of what was read failed; throws where nothing worked, or where it is a fault of ours, and where it was ended. */
  const noteFailures = (what: string, failures: readonly unknown[], worked: number, signal: AbortSignal): void => {
    signal.throwIfAborted();
    const [first] = failures;
    const fault = failures.find((error) => !(error instanceof ExpectedError)) ?? (worked === 0 ? first : undefined);
    const message = `${first instanceof ExpectedError ? `${first.message} ` : ''}${failures.length} of ${failures.length + worked} ${what} could not be read.`;
    client.noteProblem(failures.length === 0 ? null : message, what);
    if (fault !== undefined) throw fault;
  };

  /** Those in a call first, whose state moves; a fifth of the places is left for the others, whose calls begin. */
  const identifiersToRead = (loggedIn: readonly string[]): readonly string[] => {
    const [inCall = [], free = []] = [true, false].map((busy) =>
      loggedIn.filter((id) => (context.known.agent(id)?.activeCall != null) === busy),
    );
    const ofCalls = callTurns(inCall, Math.ceil(Math.max(most * 0.8, most - free.length)));
    return [...ofCalls, ...freeTurns(free, most - ofCalls.length)];
  };

  /** When the vendor last answered for the call of an agent, or was first asked for it, in epoch ms. */
  const callReadMs = new Map<string, number>();

  /** Of a call that could not be read for too long nothing is known; nor is of its agent, where the overview says only that they are logged in. */
  const agedCall = (agent: string, isCoarse: boolean, nowMs: number): readonly Observation[] => {
    const call = context.known.agent(agent)?.activeCall ?? null;
    const readMs = callReadMs.get(agent) ?? nowMs;
    callReadMs.set(agent, readMs);
    if (call === null || nowMs - readMs <= maxStalenessMsOf(settings)) return [];
    const unknown: Observation = { type: 'call', call: { externalId: call, state: 'UNKNOWN' } };
    return isCoarse ? [unknown, { type: 'unreadable', agent }] : [unknown];
  };

  const pollAgents = async (signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const everyone = await directory.read(signal);
    if (everyone === null) return;
    const { agents, unread } = everyone;
    const loggedIn = agents.filter((agent) => shownStatus(agent)?.status !== 'OFFLINE').map(agentId);
    const answers = new Map<string, BusyAnswer | null>();
    const failures = new Map<string, unknown>();
    await Promise.all(
      identifiersToRead(loggedIn).map(async (value) => {
        const busy = nullIfRejected(client.busyCall({ identifier: 'ID', value }, signal));
        await busy.then(
          (answer) => answers.set(value, answer),
          (error: unknown) => failures.set(value, error),
        );
      }),
    );
    for (const [id, answer] of answers) if (answer !== null) callReadMs.set(id, asOfMs);
    const isUnread = (id: string) => failures.has(id) || answers.get(id) === null;
    const snapshots = agents.flatMap((agent) => {
      const id = agentId(agent);
      const { observations } = agentSnapshot(agent, answers.get(id) ?? null, context.known);
      return isUnread(id) ? [...observations, ...agedCall(id, shownStatus(agent)?.coarse ?? true, asOfMs)] : observations;
    });
    const observations = [...snapshots, ...observationsOf(unread.map(unreadableSnapshot))];
    // An agent whose call is not read in this poll is shown by the overview alone, which does not name calls.
    const complete = answers.size === new Set(loggedIn).size;
    const shown = agents.map(agentId).filter((id) => answers.has(id) || !loggedIn.includes(id));
    await context.observe({ observations, asOfMs, contact: complete || shown, complete, listed: agents.map(agentId) });
    noteFailures('calls of agents', [...failures.values()], answers.size, signal);
  };

  const pollRecordings = async (signal: AbortSignal): Promise<void> => {
    const agents = directory.known();
    const queues = await queuesToRead(feed, signal);
    const queuesNow = queues.length < agents.length ? queues : queueTurns(queues, most);
    // Beside each other: a queue has the recordings of who has left, an agent those of a queue that is refused or deleted.
    const readings: readonly Reading[] = [
      await readQueueLists(feed, queuesNow, signal, listTimeoutMs),
      ...(agents.length > 0 ? [await readAgentLists(feed, listTurns(agents, most), signal, listTimeoutMs)] : []),
      await readDirectCalls(feed, directTurns(agents, most), signal, listTimeoutMs),
    ];
    noteFailures(
      'lists of recordings',
      readings.flatMap(({ faults }) => faults),
      readings.reduce((sum, { answered }) => sum + answered, 0),
      signal,
    );
  };

  const everyMs = settings.pollSeconds * 1000;
  const loop = (title: string, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) =>
    pollLoop({ source: settings.name, title, everyMs, maxPauseMs, work }, context, signal);
  return {
    /** Two loops: a list of recordings is long and may be slow, which holds up no agent's state. The first lists follow the first agents. */
    run: async (signal) => {
      const { promise: areAgentsRead, resolve: agentsAreRead } = Promise.withResolvers<void>();
      const agents = loop('polling of agents', (given) => pollAgents(given).finally(agentsAreRead), signal);
      await Promise.race([areAgentsRead, agents]);
      await Promise.all([agents, loop('polling of recordings', pollRecordings, signal)]);
    },
  };
};
