import { createStore, type ExternalStore } from '../external-store.ts';
import type { BlackoutWarning } from '../generated/graphql.ts';
import type {
  AgentEvent,
  AgentView,
  BlackoutEvent,
  CallEvent,
  LiveAgent,
  LiveBlackout,
  LiveCall,
  LiveRecording,
  RecordingEvent,
} from './live-types.ts';

export type LiveEntity = 'agent' | 'call' | 'recording' | 'blackout';

/** Holds what the streams reported, by id. Changes are shown together, once a frame, however many came. */
export interface LiveStore {
  views: ExternalStore<ReadonlyMap<string, AgentView>>;
  /** Calls that have not ended, of the last frame. */
  calls: ExternalStore<readonly LiveCall[]>;
  view(agent: string): AgentView | undefined;
  subscribeTo(agent: string, listener: () => void): () => void;
  apply: {
    agent(event: AgentEvent): void;
    call(event: CallEvent): void;
    recording(event: RecordingEvent): void;
    blackout(event: BlackoutEvent): void;
  };
  /** Forgets an entity before a new snapshot. */
  reset(entity: LiveEntity): void;
}

const liveRecording: ReadonlySet<string> = new Set(['STARTING', 'RECORDING', 'PAUSED', 'STOPPING']);
const openBlackout: ReadonlySet<string> = new Set(['SCHEDULED', 'ACTIVE', 'STOPPING']);

const noWarnings: readonly BlackoutWarning[] = [];

const endedCallMs = 60_000;

/** `nextFrame` calls back before the next painting, or soon where nothing is painted. */
export const createLiveStore = (nextFrame: (show: () => void) => void): LiveStore => {
  const agents = new Map<string, LiveAgent>();
  const calls = new Map<string, LiveCall>();
  const recordings = new Map<string, Map<string, LiveRecording>>();
  const blackouts = new Map<string, LiveBlackout>();
  const views = createStore<ReadonlyMap<string, AgentView>>(new Map());
  const listeners = new Map<string, Set<() => void>>();
  const changed = new Set<string>();
  const openCalls = createStore<readonly LiveCall[]>([]);
  let callsChanged = false;
  let waiting = false;

  const build = (agent: LiveAgent): AgentView => {
    const own = [agent.activeCall, ...agent.inactiveCalls].filter((call) => call !== null);
    const current = own.map((call) => calls.get(call.id) ?? call).find((call) => call.state !== 'ENDED') ?? null;
    const open = blackouts.get(agent.id);
    return {
      agent,
      call: current,
      recordings: [...(recordings.get(agent.id)?.values() ?? [])],
      blackout: open ?? null,
      warnings: open?.warnings.map(({ warning }) => warning) ?? noWarnings,
    };
  };
  const setCall = (call: LiveCall): void => {
    calls.set(call.id, call);
    callsChanged = true;
  };
  const agentsIn = (call: string): string[] =>
    [...agents.values()]
      .filter((agent) => agent.activeCall?.id === call || agent.inactiveCalls.some((waiting) => waiting.id === call))
      .map((agent) => agent.id);
  const show = (): void => {
    waiting = false;
    const next = new Map(views.get());
    const ids = [...changed];
    changed.clear();
    for (const id of ids) {
      const agent = agents.get(id);
      if (agent === undefined) next.delete(id);
      else next.set(id, build(agent));
    }
    views.set(next);
    if (callsChanged) openCalls.set([...calls.values()].filter(({ state }) => state !== 'ENDED'));
    callsChanged = false;
    for (const id of ids) for (const listener of listeners.get(id) ?? []) listener();
  };
  const change = (ids: Iterable<string>): void => {
    for (const id of ids) changed.add(id);
    if (waiting) return;
    waiting = true;
    nextFrame(show);
  };

  return {
    views,
    calls: openCalls,
    view: (agent) => views.get().get(agent),
    subscribeTo: (agent, listener) => {
      const set = listeners.get(agent) ?? new Set();
      listeners.set(agent, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(agent);
      };
    },
    apply: {
      agent: ({ agent }) => {
        agents.set(agent.id, agent);
        for (const call of agent.activeCall === null ? agent.inactiveCalls : [agent.activeCall, ...agent.inactiveCalls]) setCall(call);
        change([agent.id]);
      },
      call: ({ call }) => {
        setCall(call);
        // Kept a while, for an agent may still name it in an event that is on its way.
        if (call.state === 'ENDED') setTimeout(() => calls.delete(call.id), endedCallMs);
        change(agentsIn(call.id));
      },
      recording: ({ recording }) => {
        if (recording.agent === null) return;
        const own = recordings.get(recording.agent.id) ?? new Map<string, LiveRecording>();
        if (liveRecording.has(recording.state)) recordings.set(recording.agent.id, own.set(recording.id, recording));
        else own.delete(recording.id);
        change([recording.agent.id]);
      },
      blackout: ({ blackout }) => {
        const { id } = blackout.agent;
        const known = blackouts.get(id);
        if (openBlackout.has(blackout.state)) {
          blackouts.set(id, blackout);
        } else if (known?.id === blackout.id) blackouts.delete(id);
        change([id]);
      },
    },
    reset: (entity) => {
      if (entity === 'agent') {
        const before = [...agents.keys()];
        agents.clear();
        return change(before);
      }
      callsChanged = true;
      ({ call: calls, recording: recordings, blackout: blackouts })[entity].clear();
      change(agents.keys());
    },
  };
};
