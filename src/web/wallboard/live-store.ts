import { createStore, type ExternalStore } from '../external-store.ts';
import type { AgentEvent, AgentView, BlackoutEvent, CallEvent, LiveCall, RecordingEvent } from './live-types.ts';
import { applyAgent, applyBlackout, applyCall, applyRecording, type ReportedEntities, viewOf } from './reported-entities.ts';

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

const endedCallMs = 60_000;

/** Calls `listener` of one id back, for whoever shows only that. */
const createListeners = () => {
  const listeners = new Map<string, Set<() => void>>();
  return {
    add: (id: string, listener: () => void) => {
      const set = listeners.get(id) ?? new Set();
      listeners.set(id, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(id);
      };
    },
    call: (id: string) => {
      for (const listener of listeners.get(id) ?? []) listener();
    },
  };
};

/** `nextFrame` calls back before the next painting, or soon where nothing is painted. */
export const createLiveStore = (nextFrame: (show: () => void) => void): LiveStore => {
  const reported: ReportedEntities = { agents: new Map(), calls: new Map(), recordings: new Map(), blackouts: new Map() };
  const { agents, calls, recordings, blackouts } = reported;
  const views = createStore<ReadonlyMap<string, AgentView>>(new Map());
  const openCalls = createStore<readonly LiveCall[]>([]);
  const listeners = createListeners();
  const changed = new Set<string>();
  let callsChanged = false;
  let waiting = false;

  const show = (): void => {
    waiting = false;
    const next = new Map(views.get());
    const ids = [...changed];
    changed.clear();
    for (const id of ids) {
      const agent = agents.get(id);
      if (agent === undefined) next.delete(id);
      else next.set(id, viewOf(reported, agent));
    }
    views.set(next);
    if (callsChanged) openCalls.set([...calls.values()].filter(({ state }) => state !== 'ENDED'));
    callsChanged = false;
    for (const id of ids) listeners.call(id);
  };
  const change = (ids: Iterable<string>, areCallsConcerned = false): void => {
    callsChanged ||= areCallsConcerned;
    for (const id of ids) changed.add(id);
    if (waiting) return;
    waiting = true;
    nextFrame(show);
  };

  return {
    views,
    calls: openCalls,
    view: (agent) => views.get().get(agent),
    subscribeTo: listeners.add,
    apply: {
      agent: (event) => change(applyAgent(reported, event), true),
      call: (event) => {
        change(applyCall(reported, event), true);
        const { id, state } = event.call;
        // Kept a while, for an agent may still name it in an event that is on its way.
        if (state === 'ENDED') setTimeout(() => calls.delete(id), endedCallMs);
      },
      recording: (event) => {
        const agentIds = applyRecording(reported, event);
        // A recording of no agent, such as that of a customer's side, is shown nowhere.
        if (agentIds.length > 0) change(agentIds);
      },
      blackout: (event) => change(applyBlackout(reported, event)),
    },
    reset: (entity) => {
      const before = [...agents.keys()];
      ({ agent: agents, call: calls, recording: recordings, blackout: blackouts })[entity].clear();
      change(before, entity !== 'agent');
    },
  };
};
