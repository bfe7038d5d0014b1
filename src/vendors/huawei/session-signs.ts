/** Keeps when requests of each agent's session last passed, and when their answers were lost. */
import type { Clock } from '../kit/index.ts';

/** Monotonic ms of the last of each; undefined where there was none. */
interface AgentSigns {
  /** Any request in the session passed. */
  passedMs?: number;
  /** An answer was lost. */
  lostMs?: number;
  /** The newest poll or heartbeat passed. */
  watchPassedMs?: number | undefined;
}

export interface SessionSigns {
  of(agent: string): Readonly<AgentSigns>;
  notePassed(agent: string): void;
  noteLost(agent: string): void;
  /** Takes in whether a request passed, if it is a poll or a heartbeat. */
  noteWatch(agent: string, operation: string, passed: boolean): void;
  /** Returns true while requests of others pass: a failure for one agent is then none of the gateway. */
  isWellForOthers(agent: string): boolean;
}

/** The gateway holds a poll for 10 s. */
const recentlyMs = 15_000;
const watchOperations: ReadonlySet<string> = new Set(['getAgentEvent', 'handShake']);

export const createSessionSigns = (clock: Pick<Clock, 'monotonicMs'>): SessionSigns => {
  const signs = new Map<string, AgentSigns>();
  const note = (agent: string, sign: AgentSigns) => void signs.set(agent, { ...signs.get(agent), ...sign });
  return {
    of: (agent) => signs.get(agent) ?? {},
    notePassed: (agent) => note(agent, { passedMs: clock.monotonicMs() }),
    noteLost: (agent) => note(agent, { lostMs: clock.monotonicMs() }),
    noteWatch: (agent, operation, passed) => {
      if (watchOperations.has(operation)) note(agent, { watchPassedMs: passed ? clock.monotonicMs() : undefined });
    },
    isWellForOthers: (agent) => {
      const recentMs = clock.monotonicMs() - recentlyMs;
      return [...signs].some(([other, { passedMs = Number.NEGATIVE_INFINITY }]) => other !== agent && passedMs > recentMs);
    },
  };
};
