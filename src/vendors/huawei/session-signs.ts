/** Keeps what this server met of each agent's session: whose session the gateway holds is judged by it. */
import type { Clock } from '../kit/index.ts';

/** In monotonic ms, the last of each; undefined where there was none. */
interface AgentSigns {
  /** Any request in the session passed. */
  passedMs?: number | undefined;
  /** An answer was lost. */
  lostMs?: number | undefined;
  /** The newest poll or heartbeat passed. */
  watchPassedMs?: number | undefined;
  /** A sign-in was sent, and its answer lost. */
  signInLostMs?: number | undefined;
  /** Sessions were taken from another client, or back from one. */
  takeoversMs?: readonly number[];
  /** By interface: the gateway refused it to a session that it holds still. */
  rightsMissingMs?: Readonly<Record<string, number>>;
}

export interface SessionSigns {
  of(agent: string): Readonly<AgentSigns>;
  note(agent: string, signs: AgentSigns): void;
  /** Returns true while requests of others pass: a failure for one agent is then none of the gateway. */
  isWellForOthers(agent: string): boolean;
}

/** The gateway holds a poll for 10 s. */
const recentlyMs = 15_000;

export const createSessionSigns = (clock: Pick<Clock, 'monotonicMs'>): SessionSigns => {
  const all = new Map<string, AgentSigns>();
  return {
    of: (agent) => all.get(agent) ?? {},
    note: (agent, signs) => void all.set(agent, { ...all.get(agent), ...signs }),
    isWellForOthers: (agent) => {
      const recentMs = clock.monotonicMs() - recentlyMs;
      return [...all].some(([other, { passedMs = Number.NEGATIVE_INFINITY }]) => other !== agent && passedMs > recentMs);
    },
  };
};
