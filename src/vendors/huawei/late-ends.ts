/** Ends what events leave open, after the time in which an event of the end may still come. */
import { instant, type Observation, type VendorContext } from '../kit/index.ts';
import { isHeldBySomebody } from './call-events.ts';
import { isScreen } from './screen.ts';

/** How long another agent's events may take to show that a call was transferred. */
const transferGraceMs = 2_000;
/** How long the end of a recording may come after its agent is free again. */
const strayGraceMs = 2_000;

interface LateEndsOptions {
  source: string;
  agents: readonly string[];
  context: VendorContext;
  commit(agent: string, observations: readonly Observation[]): Promise<void>;
}

interface LateEnd {
  what: 'call' | 'recordings';
  id: string;
  agent: string;
  ms: number;
  /** Null where nothing has to end. */
  observe(): Observation | null;
}

/** Ends what is still recorded of an agent who is free again; null where there is nothing. */
const strayRecordings = ({ known }: VendorContext, agent: string): Observation | null => {
  const live = known.liveRecordings(agent);
  const now = known.agent(agent);
  if (now?.status !== 'IDLE' || now.activeCall !== null || now.inactiveCalls.length > 0 || live.every(isScreen)) return null;
  return { type: 'liveness', agent, calls: [], recordings: live.filter(isScreen).map(({ externalId }) => externalId) };
};

export interface LateEnds {
  /** Ends a call that the agent left, where nobody else is in it by then. */
  ofCall(agent: string, call: string, atMs: number): void;
  /** Ends the recordings of an agent who is free again, where the events that should have ended them do not come. */
  ofRecordings(agent: string): void;
  close(): void;
}

export const createLateEnds = ({ source, agents, context, commit }: LateEndsOptions): LateEnds => {
  const { known, clock, log } = context;
  const timers = new Map<string, () => void>();

  /** Commits what `observe` finds to end, if that is anything; set anew for the same id, it begins anew. */
  const later = ({ what, id, agent, ms, observe }: LateEnd): void => {
    const key = `${what} ${id}`;
    timers.get(key)?.();
    const end = () => {
      timers.delete(key);
      const ended = observe();
      if (ended !== null)
        commit(agent, [ended]).catch((error: unknown) => log.error(`${what} could not be ended`, { source, agent, error }));
    };
    timers.set(key, clock.after(ms, end));
  };

  return {
    ofCall: (agent, call, atMs) =>
      later({
        what: 'call',
        id: call,
        agent,
        ms: transferGraceMs,
        observe: () =>
          isHeldBySomebody(call, agents, known)
            ? null
            : { type: 'call', call: { externalId: call, state: 'ENDED', endedAt: instant(atMs) } },
      }),
    ofRecordings: (agent) => {
      if (known.liveRecordings(agent).every(isScreen)) return;
      const observe = () => strayRecordings(context, agent);
      later({ what: 'recordings', id: agent, agent, ms: strayGraceMs, observe });
    },
    close: () => {
      for (const cancel of timers.values()) cancel();
    },
  };
};
