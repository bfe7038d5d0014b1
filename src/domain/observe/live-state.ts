import type { Agent, Blackout, Call, Instant, Recording, SourceKey } from '../model/entities.ts';
import { openBlackoutStates } from '../model/enums.ts';
import type { LiveEvent } from '../model/events.ts';
import { instant } from '../model/instant.ts';
import type { Store } from '../ports/store.ts';
import { SourceMap } from '../source-map.ts';
import { createAppliedEvents } from './applied-events.ts';
import { createLiveAgents } from './live-agents.ts';
import { createLiveRecordings } from './live-recordings.ts';
import { createRecordingsOfCalls } from './recordings-of-calls.ts';

const isOpen = (blackout: Blackout): boolean => openBlackoutStates.includes(blackout.state);

/** The view of live state in memory: every agent, and the calls, recordings and blackouts that are not over. */
export interface LiveState {
  agent(key: SourceKey): Agent | null;
  /** Agents of one source, in the order of `compareKeys`. */
  agentsOf(source: string): readonly Agent[];
  call(key: SourceKey): Call | null;
  /** Finds a live recording by its former id too. */
  recording(key: SourceKey): Recording | null;
  liveCallsOf(source: string): readonly Call[];
  liveRecordingsOf(source: string): readonly Recording[];
  /** Live recordings of one agent. */
  liveRecordings(agent: SourceKey): readonly Recording[];
  /** Every recording of a call that is going on, as the store orders them; null where they were not kept, or may have changed since. */
  recordingsOfCall(call: SourceKey): readonly Recording[] | null;
  /** Keeps what the store holds of a call that is going on, unless events were applied beyond `position`, where it was when they were read. */
  keepRecordingsOfCall(call: SourceKey, recordings: readonly Recording[], position: number): void;
  /** The open blackout of an agent. */
  blackout(agent: SourceKey): Blackout | null;
  openBlackouts(): readonly Blackout[];
  /** Applies committed events; an event that is older than those applied changes nothing. */
  apply(events: readonly LiveEvent[]): void;
  /** Notes that these agents of a source (external ids) were shown unchanged. */
  touch(source: string, agents: readonly string[], observedAt: Instant): void;
  /** Epoch ms of the last contact with the whole source; 0 for never. */
  lastContactMs(source: string): number;
  recordContact(source: string, atMs: number): void;
  /** Moves later times back to `nowMs`, which a clock that was ahead has left: observations of now would be outdated else. */
  clampTo(nowMs: number): void;
  /** The largest event id applied. */
  position(): number;
  /** Tells, of events beyond `id`, those that the view shows already: itself, or a later one of the same row. */
  appliedAbove(id: number): (event: LiveEvent) => boolean;
  /** Fills the view from the store, as at a start. */
  load(store: Store, sources: readonly string[]): Promise<void>;
}

export const createLiveState = (): LiveState => {
  const agents = createLiveAgents();
  const calls = new SourceMap<Call>();
  const recordings = createLiveRecordings();
  const recordingsOfCalls = createRecordingsOfCalls();
  /** By agent. */
  const blackouts = new SourceMap<Blackout>();
  const lastContacts = new Map<string, number>();
  const applied = createAppliedEvents();

  const putCall = (call: Call): void => {
    if (call.state === 'ENDED') {
      calls.delete(call);
      recordingsOfCalls.forget(call);
    } else calls.set(call, call);
  };
  const putRecording = (recording: Recording): void => {
    recordingsOfCalls.forgetChanged(recording);
    recordings.put(recording);
  };
  const putBlackout = (blackout: Blackout): void => {
    const agent = { source: blackout.source, externalId: blackout.agent };
    if (isOpen(blackout)) blackouts.set(agent, blackout);
    else if (blackouts.get(agent)?.id === blackout.id) blackouts.delete(agent);
  };

  return {
    agent: agents.get,
    agentsOf: agents.of,
    call: (key) => calls.get(key) ?? null,
    recording: recordings.get,
    liveCallsOf: (source) => [...calls.of(source).values()],
    liveRecordingsOf: recordings.of,
    liveRecordings: recordings.ofAgent,
    recordingsOfCall: recordingsOfCalls.of,
    keepRecordingsOfCall: (call, ofCall, readAt) => {
      if (readAt === applied.position() && calls.has(call)) recordingsOfCalls.keep(call, ofCall);
    },
    blackout: (agent) => blackouts.get(agent) ?? null,
    openBlackouts: () => [...blackouts.values()],
    apply: (events) => {
      for (const event of events) {
        if (!applied.record(event)) continue;
        if (event.entityType === 'agent') agents.put(event.state);
        else if (event.entityType === 'call') putCall(event.state);
        else if (event.entityType === 'recording') putRecording(event.state);
        else if (event.entityType === 'blackout') putBlackout(event.state);
      }
    },
    touch: agents.touch,
    lastContactMs: (source) => lastContacts.get(source) ?? 0,
    recordContact: (source, atMs) => {
      lastContacts.set(source, Math.max(lastContacts.get(source) ?? 0, atMs));
    },
    clampTo: (nowMs) => {
      agents.clampTo(instant(nowMs));
      for (const [source, atMs] of lastContacts) if (atMs > nowMs) lastContacts.set(source, nowMs);
    },
    position: applied.position,
    appliedAbove: applied.above,
    load: async (store, sources) => {
      applied.begin((await store.events.bounds()).last);
      const [allAgents, liveCalls, liveRecordings, open] = await Promise.all([
        store.agents.all(sources),
        store.calls.live(sources),
        store.recordings.live(sources),
        store.blackouts.open(sources),
      ]);
      for (const agent of allAgents) agents.put(agent);
      for (const call of liveCalls) putCall(call);
      for (const recording of liveRecordings) putRecording(recording);
      for (const blackout of open) putBlackout(blackout);
    },
  };
};
