import type { Agent, Blackout, Call, Instant, Recording, SourceKey } from '../model/entities.ts';
import { liveRecordingStates, openBlackoutStates } from '../model/enums.ts';
import type { LiveEvent } from '../model/events.ts';
import { compareKeys, mapKey } from '../model/ids.ts';
import { instant } from '../model/instant.ts';
import type { Store } from '../ports/store.ts';
import { SourceMap } from '../source-map.ts';
import { createRecordingsOfCalls } from './recordings-of-calls.ts';

const isLive = (recording: Recording): boolean => liveRecordingStates.includes(recording.state);
const isOpen = (blackout: Blackout): boolean => openBlackoutStates.includes(blackout.state);

const rowName = ({ entityType, source, key }: Pick<LiveEvent, 'entityType' | 'source' | 'key'>): string => `${entityType} ${source} ${key}`;

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
  const agents = new SourceMap<Agent>();
  /** External ids of a source's agents in order, until another agent comes. */
  const sortedAgents = new Map<string, readonly string[]>();
  const calls = new SourceMap<Call>();
  const recordings = new Map<string, Recording>();
  const formerIds = new Map<string, string>();
  const recordingsByAgent = new Map<string, Set<string>>();
  const recordingsOfCalls = createRecordingsOfCalls();
  /** By agent. */
  const blackouts = new SourceMap<Blackout>();
  const lastContacts = new Map<string, number>();
  const seen = new Map<string, number>();
  let position = 0;

  const putAgent = (agent: Agent) => {
    if (!agents.has(agent)) sortedAgents.delete(agent.source);
    agents.set(agent, agent);
  };

  const agentOf = (recording: Recording): string | null =>
    recording.agent === null ? null : mapKey({ source: recording.source, externalId: recording.agent });
  const unlink = (recording: Recording, key: string) => {
    const agent = agentOf(recording);
    if (agent === null) return;
    const set = recordingsByAgent.get(agent);
    set?.delete(key);
    if (set?.size === 0) recordingsByAgent.delete(agent);
  };
  const link = (recording: Recording, key: string) => {
    const agent = agentOf(recording);
    if (agent === null) return;
    const set = recordingsByAgent.get(agent);
    if (set) set.add(key);
    else recordingsByAgent.set(agent, new Set([key]));
  };

  const dropRecording = (key: string) => {
    const before = recordings.get(key);
    if (!before) return;
    recordings.delete(key);
    if (before.formerId !== null) formerIds.delete(mapKey({ source: before.source, externalId: before.formerId }));
    unlink(before, key);
  };

  const putRecording = (recording: Recording) => {
    const key = mapKey(recording);
    recordingsOfCalls.forgetChanged(recording);
    const former = recording.formerId === null ? null : { source: recording.source, externalId: recording.formerId };
    dropRecording(key);
    if (former !== null) dropRecording(mapKey(former));
    if (!isLive(recording)) return;
    recordings.set(key, recording);
    if (former !== null) formerIds.set(mapKey(former), key);
    link(recording, key);
  };

  const putCall = (call: Call): void => {
    if (call.state === 'ENDED') {
      calls.delete(call);
      recordingsOfCalls.forget(call);
    } else calls.set(call, call);
  };

  const putBlackout = (blackout: Blackout) => {
    const agent = { source: blackout.source, externalId: blackout.agent };
    if (isOpen(blackout)) blackouts.set(agent, blackout);
    else if (blackouts.get(agent)?.id === blackout.id) blackouts.delete(agent);
  };

  return {
    agent: (key) => agents.get(key) ?? null,
    agentsOf: (source) => {
      const ofSource = agents.of(source);
      const order = sortedAgents.get(source) ?? [...ofSource.values()].sort(compareKeys).map((agent) => agent.externalId);
      sortedAgents.set(source, order);
      return order.map((externalId) => ofSource.get(externalId)!);
    },
    call: (key) => calls.get(key) ?? null,
    recording: (key) => recordings.get(mapKey(key)) ?? recordings.get(formerIds.get(mapKey(key)) ?? '') ?? null,
    liveCallsOf: (source) => [...calls.of(source).values()],
    liveRecordingsOf: (source) => [...recordings.values()].filter((recording) => recording.source === source),
    liveRecordings: (agent) => [...(recordingsByAgent.get(mapKey(agent)) ?? [])].flatMap((key) => recordings.get(key) ?? []),
    recordingsOfCall: recordingsOfCalls.of,
    keepRecordingsOfCall: (call, ofCall, readAt) => {
      if (readAt === position && calls.has(call)) recordingsOfCalls.keep(call, ofCall);
    },
    blackout: (agent) => blackouts.get(agent) ?? null,
    openBlackouts: () => [...blackouts.values()],
    apply: (events) => {
      for (const event of events) {
        const key = rowName(event);
        if ((seen.get(key) ?? 0) >= event.id) continue;
        seen.set(key, event.id);
        position = Math.max(position, event.id);
        if (event.entityType === 'agent') putAgent(event.state);
        else if (event.entityType === 'call') putCall(event.state);
        else if (event.entityType === 'recording') putRecording(event.state);
        else if (event.entityType === 'blackout') putBlackout(event.state);
      }
      if (seen.size > 100_000) for (const [key, id] of seen) if (id < position - 50_000) seen.delete(key);
    },
    touch: (source, reported, observedAt) => {
      const ofSource = agents.of(source);
      for (const externalId of reported) {
        const agent = ofSource.get(externalId);
        if (agent && (agent.observedAt ?? '') < observedAt) agents.set(agent, { ...agent, observedAt });
      }
    },
    lastContactMs: (source) => lastContacts.get(source) ?? 0,
    recordContact: (source, atMs) => {
      lastContacts.set(source, Math.max(lastContacts.get(source) ?? 0, atMs));
    },
    clampTo: (nowMs) => {
      const now = instant(nowMs);
      for (const agent of agents.values()) if ((agent.observedAt ?? '') > now) agents.set(agent, { ...agent, observedAt: now });
      for (const [source, atMs] of lastContacts) if (atMs > nowMs) lastContacts.set(source, nowMs);
    },
    position: () => position,
    appliedAbove: (id) => {
      const ahead = new Map(position <= id ? [] : [...seen].filter(([, last]) => last > id));
      return (event) => (ahead.get(rowName(event)) ?? 0) >= event.id;
    },
    load: async (store, sources) => {
      position = (await store.events.bounds()).last;
      const [allAgents, liveCalls, liveRecordings, open] = await Promise.all([
        store.agents.all(sources),
        store.calls.live(sources),
        store.recordings.live(sources),
        store.blackouts.open(sources),
      ]);
      for (const agent of allAgents) putAgent(agent);
      for (const call of liveCalls) putCall(call);
      for (const recording of liveRecordings) putRecording(recording);
      for (const blackout of open) putBlackout(blackout);
    },
  };
};
