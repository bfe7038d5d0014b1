import { maxStalenessMsOf, type Observation, observationsOf, unreadableSnapshot } from '../kit/index.ts';
import { agentSnapshot } from './agent-snapshot.ts';
import type { BusyAnswer } from './client.ts';
import { agentId } from './mapping.ts';
import { noteFailures, type Poll } from './poll.ts';
import { nullIfRejected } from './rejections.ts';
import { shownStatus } from './statuses.ts';

/** Those in a call first, whose state moves; a fifth of the places is left for the others, whose calls begin. */
const identifiersToRead = ({ context, settings, turns }: Poll, loggedIn: readonly string[]): readonly string[] => {
  const most = settings.agentCallsPerPoll;
  const [inCall = [], free = []] = [true, false].map((busy) =>
    loggedIn.filter((id) => (context.known.agent(id)?.activeCall != null) === busy),
  );
  const ofCalls = turns.calls(inCall, Math.ceil(Math.max(most * 0.8, most - free.length)));
  return [...ofCalls, ...turns.free(free, most - ofCalls.length)];
};

/** Of a call that could not be read for too long nothing is known; nor is of its agent, where the overview says only that they are logged in. */
const agedCall = (
  { context, settings, callReadMs }: Poll,
  { agent, isCoarse, nowMs }: { agent: string; isCoarse: boolean; nowMs: number },
): readonly Observation[] => {
  const call = context.known.agent(agent)?.activeCall ?? null;
  const readMs = callReadMs.get(agent) ?? nowMs;
  callReadMs.set(agent, readMs);
  if (call === null || nowMs - readMs <= maxStalenessMsOf(settings)) return [];
  const unknown: Observation = { type: 'call', call: { externalId: call, state: 'UNKNOWN' } };
  return isCoarse ? [unknown, { type: 'unreadable', agent }] : [unknown];
};

/** Reads the agents, and the calls of some of them. */
export const pollAgents = async (poll: Poll): Promise<void> => {
  const { client, directory, context, callReadMs, signal } = poll;
  const asOfMs = context.clock.now();
  const everyone = await directory.read(signal);
  if (everyone === null) return;
  const { agents, unread } = everyone;
  const loggedIn = agents.filter((agent) => shownStatus(agent)?.status !== 'OFFLINE').map(agentId);
  const answers = new Map<string, BusyAnswer | null>();
  const failures = new Map<string, unknown>();
  await Promise.all(
    identifiersToRead(poll, loggedIn).map(async (value) => {
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
    if (!isUnread(id)) return observations;
    const isCoarse = shownStatus(agent)?.coarse ?? true;
    return [...observations, ...agedCall(poll, { agent: id, isCoarse, nowMs: asOfMs })];
  });
  const observations = [...snapshots, ...observationsOf(unread.map(unreadableSnapshot))];
  // An agent whose call is not read in this poll is shown by the overview alone, which does not name calls.
  const complete = answers.size === new Set(loggedIn).size;
  const shown = agents.map(agentId).filter((id) => answers.has(id) || !loggedIn.includes(id));
  await context.observe({ observations, asOfMs, contact: complete || shown, complete, listed: agents.map(agentId) });
  noteFailures(poll, { what: 'calls of agents', failures: [...failures.values()], worked: answers.size });
};
