import { ExpectedError, type Observer, pause, type VendorContext } from '../kit/index.ts';
import { type BusyAnswer, type MiralixClient, unlessRefused } from './client.ts';
import { agentId } from './mapping.ts';
import { agentSnapshot } from './presence.ts';
import type { RecordingFeed } from './recordings.ts';
import type { Roster } from './roster.ts';
import type { MiralixSettings } from './settings.ts';
import { shownStatus } from './statuses.ts';

const longestPauseMs = 300_000;

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

export interface ObserverParts {
  client: MiralixClient;
  roster: Roster;
  feed: RecordingFeed;
  settings: MiralixSettings;
  context: VendorContext;
}

/** Asks for agents, their calls and recordings every `pollSeconds`; slower while the vendor fails. */
export const createObserver = ({ client, roster, feed, settings, context }: ObserverParts): Observer => {
  const busyTurns = createTurns();
  const listTurns = createTurns();
  const directTurns = createTurns();
  const most = settings.agentCallsPerPoll;
  /** A list has no pages and may be long: who reads in the background waits for it, callers do not. */
  const listTimeoutMs = settings.listTimeoutSeconds * 1000;

  const pollAgents = async (signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const everyone = await roster.read(signal);
    if (everyone === null) return;
    const loggedIn = everyone.filter((agent) => shownStatus(agent)?.status !== 'OFFLINE').map(agentId);
    const asked = new Map<string, BusyAnswer | null>();
    await Promise.all(
      busyTurns(loggedIn, most).map(async (value) => {
        asked.set(value, await unlessRefused(client.busyCall({ identifier: 'ID', value }, signal)));
      }),
    );
    const observations = everyone.flatMap((agent) => agentSnapshot(agent, asked.get(agentId(agent)) ?? null, context.known).observations);
    await context.observe({ observations, asOfMs, heard: true, complete: asked.size === new Set(loggedIn).size });
  };

  const pollRecordings = async (signal: AbortSignal): Promise<void> => {
    const agents = roster.known();
    if (agents.length === 0) return void (await feed.readQueueCalls(null, signal, listTimeoutMs));
    if (await feed.usesQueues(agents.length, signal)) await feed.readQueueCalls(agents, signal, listTimeoutMs);
    // In turns, also beside the queues' lists: those of a queue that is refused or deleted stand only here.
    await feed.readAgentLists(listTurns(agents, most), signal, listTimeoutMs);
  };

  const steps: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
    pollAgents,
    pollRecordings,
    (signal) => feed.readDirectCalls(directTurns(roster.known(), most), signal, listTimeoutMs),
  ];

  /** Each step on its own, so that one that fails spoils no other. True where all went well. */
  const poll = async (signal: AbortSignal): Promise<boolean> => {
    let well = true;
    for (const step of steps) {
      try {
        if (!signal.aborted) await step(signal);
      } catch (error) {
        well = false;
        if (signal.aborted) break;
        if (error instanceof ExpectedError)
          context.log.warn('A poll of the vendor failed.', { source: settings.name, code: error.code, reason: error.message });
        else context.log.error('A poll of the vendor failed.', { source: settings.name, error });
      }
    }
    return well;
  };

  return {
    run: async (signal) => {
      let failures = 0;
      while (!signal.aborted) {
        failures = (await poll(signal)) ? 0 : failures + 1;
        const pollMs = settings.pollSeconds * 1000;
        await pause(context.clock, Math.max(pollMs, Math.min(pollMs * 2 ** Math.min(failures, 10), longestPauseMs)), signal);
      }
    },
  };
};
