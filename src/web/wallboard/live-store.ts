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

export type LiveNoun = 'agent' | 'call' | 'recording' | 'blackout';

/** What the streams told, by id. Changes are shown together, once a frame, however many came. */
export interface LiveStore {
  views: ExternalStore<ReadonlyMap<string, AgentView>>;
  view(agent: string): AgentView | undefined;
  subscribeTo(agent: string, listener: () => void): () => void;
  apply: {
    agent(event: AgentEvent): void;
    call(event: CallEvent): void;
    recording(event: RecordingEvent): void;
    blackout(event: BlackoutEvent): void;
  };
  /** Forgets what is known of a entity: a new snapshot follows. */
  reset(noun: LiveNoun): void;
}

const liveRecording: ReadonlySet<string> = new Set(['STARTING', 'RECORDING', 'PAUSED', 'STOPPING']);
const openBlackout: ReadonlySet<string> = new Set(['SCHEDULED', 'ACTIVE', 'STOPPING']);

const endedCallMs = 60_000;

/** `nextFrame` calls back before the next painting, or soon where nothing is painted. */
export const createLiveStore = (nextFrame: (show: () => void) => void): LiveStore => {
  const agents = new Map<string, LiveAgent>();
  const calls = new Map<string, LiveCall>();
  const recordings = new Map<string, Map<string, LiveRecording>>();
  const blackouts = new Map<string, { blackout: LiveBlackout; warning: BlackoutWarning | null }>();
  const views = createStore<ReadonlyMap<string, AgentView>>(new Map());
  const listeners = new Map<string, Set<() => void>>();
  const changed = new Set<string>();
  let waiting = false;

  const build = (agent: LiveAgent): AgentView => {
    const told = [agent.activeCall, ...agent.inactiveCalls].filter((call) => call !== null);
    const known = told.map((call) => calls.get(call.id) ?? call).find((call) => call.state !== 'ENDED') ?? null;
    const open = blackouts.get(agent.id);
    return {
      agent,
      call: known,
      recordings: [...(recordings.get(agent.id)?.values() ?? [])],
      blackout: open?.blackout ?? null,
      warning: open?.warning ?? null,
    };
  };
  const agentsIn = (call: string): string[] =>
    [...agents.values()]
      .filter((agent) => agent.activeCall?.id === call || agent.inactiveCalls.some((waiting) => waiting.id === call))
      .map((agent) => agent.id);
  const show = (): void => {
    waiting = false;
    const next = new Map(views.get());
    const told = [...changed];
    changed.clear();
    for (const id of told) {
      const agent = agents.get(id);
      if (agent === undefined) next.delete(id);
      else next.set(id, build(agent));
    }
    views.set(next);
    for (const id of told) for (const listener of listeners.get(id) ?? []) listener();
  };
  const change = (ids: Iterable<string>): void => {
    for (const id of ids) changed.add(id);
    if (waiting) return;
    waiting = true;
    nextFrame(show);
  };

  return {
    views,
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
        for (const call of agent.activeCall === null ? agent.inactiveCalls : [agent.activeCall, ...agent.inactiveCalls])
          calls.set(call.id, call);
        change([agent.id]);
      },
      call: ({ call }) => {
        calls.set(call.id, call);
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
      blackout: ({ blackout, warning }) => {
        const { id } = blackout.agent;
        const known = blackouts.get(id);
        if (openBlackout.has(blackout.state)) {
          // A warning stays lit until the blackout is over.
          blackouts.set(id, { blackout, warning: warning ?? (known?.blackout.id === blackout.id ? known.warning : null) });
        } else if (known?.blackout.id === blackout.id) blackouts.delete(id);
        change([id]);
      },
    },
    reset: (noun) => {
      if (noun === 'agent') {
        const before = [...agents.keys()];
        agents.clear();
        return change(before);
      }
      ({ call: calls, recording: recordings, blackout: blackouts })[noun].clear();
      change(agents.keys());
    },
  };
};
