import { type Observer, pollLoop } from '../kit/index.ts';
import type { Poll } from './poll.ts';
import { pollAgents } from './poll-agents.ts';
import { pollRecordings } from './poll-recordings.ts';
import { createTurns } from './turns.ts';

const maxPauseMs = 300_000;

/** Asks for agents, their calls and recordings every `pollSeconds`; slower while the vendor fails. */
export const createObserver = (parts: Omit<Poll, 'turns' | 'callReadMs' | 'signal'>): Observer => {
  const { settings, context } = parts;
  const turns = { calls: createTurns(), free: createTurns(), lists: createTurns(), direct: createTurns(), queues: createTurns() };
  const callReadMs = new Map<string, number>();
  const loop = (title: string, work: (poll: Poll) => Promise<void>, signal: AbortSignal) =>
    pollLoop(
      {
        source: settings.name,
        title,
        everyMs: settings.pollSeconds * 1000,
        maxPauseMs,
        work: (given) => work({ ...parts, turns, callReadMs, signal: given }),
      },
      context,
      signal,
    );
  return {
    /** Two loops: a list of recordings is long and may be slow, which holds up no agent's state. The first lists follow the first agents. */
    run: async (signal) => {
      const { promise: areAgentsRead, resolve: agentsAreRead } = Promise.withResolvers<void>();
      const agents = loop('polling of agents', (poll) => pollAgents(poll).finally(agentsAreRead), signal);
      await Promise.race([areAgentsRead, agents]);
      await Promise.all([agents, loop('polling of recordings', pollRecordings, signal)]);
    },
  };
};
