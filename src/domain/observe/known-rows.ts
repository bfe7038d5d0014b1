/** The rows that batches are reduced into: as live state has them, or as a transaction finds them stored. */
import type { Agent, Call, Instant, Recording } from '../model/entities.ts';
import { clocksApartMs, instant } from '../model/instant.ts';
import type { Observation, ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { LiveState } from './live-state.ts';
import type { Change, Known, Reduction } from './reduction.ts';
import { isSameRow } from './same-row.ts';

/** Rows with what reductions have changed so far. */
export interface Rows extends Known {
  /** Applies what a batch has changed, and whom it has shown unchanged. */
  apply(changed: Reduction, batch: ObservationBatch): void;
}

/** Looks up what live state holds of one source, by external id. */
interface Held {
  agent(externalId: string): Agent | null;
  call(externalId: string): Call | null;
  recording(externalId: string): Recording | null;
  /** External ids of an agent's live recordings. */
  liveAt(agent: string): readonly string[];
}

const heldOf = (source: string, liveState: LiveState): Held => ({
  agent: (externalId) => liveState.agent({ source, externalId }),
  call: (externalId) => liveState.call({ source, externalId }),
  recording: (externalId) => liveState.recording({ source, externalId }),
  liveAt: (externalId) => liveState.liveRecordings({ source, externalId }).map((one) => one.externalId),
});

/** Everything that observations name, and what is live at the agents among it, so that the rows are read together. */
const concerned = (observations: readonly Observation[], held: Held) => {
  const agents = new Set<string>();
  const calls = new Set<string>();
  const recordings = new Set<string>();
  for (const observation of observations) {
    if (observation.type === 'agent') agents.add(observation.agent.externalId);
    else if (observation.type === 'call') calls.add(observation.call.externalId);
    else if (observation.type === 'recording') {
      recordings.add(observation.recording.externalId);
      if (observation.recording.formerId) recordings.add(observation.recording.formerId);
    } else agents.add(observation.agent);
  }
  for (const id of agents) {
    const agent = held.agent(id);
    for (const call of [agent?.activeCall, ...(agent?.inactiveCalls ?? [])]) if (call) calls.add(call);
    for (const recording of held.liveAt(id)) recordings.add(recording);
  }
  return { agents, calls, recordings };
};

/** External ids of the agents that observations describe, in order. */
export const describedAgents = (observations: readonly Observation[]): readonly string[] =>
  observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : []));

type ByKeys<T> = (keys: { source: string; externalId: string }[]) => Promise<readonly (T | null)[]>;

const read = async <T>(source: string, ids: Iterable<string>, byKeys: ByKeys<T>): Promise<Map<string, T | null>> => {
  const list = [...ids];
  const rows = list.length === 0 ? [] : await byKeys(list.map((externalId) => ({ source, externalId })));
  return new Map(list.map((id, index) => [id, rows[index] ?? null]));
};

/** Returns the agent as it was last in contact at the latest of these times, of which an empty one is none. */
const withLastContact = (row: Agent, times: readonly string[]): Agent => {
  const latest = times.toSorted().at(-1)!;
  return latest === (row.observedAt ?? '') ? row : { ...row, observedAt: latest === '' ? null : latest };
};

/** Says which rows are read, and from where. */
export interface RowsContext {
  source: string;
  operations: Pick<StoreOperations, 'agents' | 'calls' | 'recordings'>;
  liveState: LiveState;
  clock: Clock;
  /**
   * `liveState` takes what live state holds and reads what it does not, which is over or was never seen; `store` reads all of it. Live recordings of
   * an agent come from live state.
   */
  from: 'liveState' | 'store';
}

/** Reads the rows that observations concern. */
export const readRows = async (
  { source, operations, liveState, clock, from }: RowsContext,
  observations: readonly Observation[],
): Promise<Rows> => {
  const held = heldOf(source, liveState);
  const ids = concerned(observations, held);
  // A contact later than any clock of ours can show was written by a wrong clock: every observation of now is newer.
  const latestBelievable = instant(clock.now() + clocksApartMs);
  const isMissing = (hold: (id: string) => unknown) => (id: string) => from === 'store' || hold(id) === null;
  const agents = from === 'store' ? await read<Agent>(source, ids.agents, operations.agents.byKeys) : new Map<string, Agent | null>();
  const [calls, recordings] = await Promise.all([
    read<Call>(source, [...ids.calls].filter(isMissing(held.call)), operations.calls.byKeys),
    read<Recording>(source, [...ids.recordings].filter(isMissing(held.recording)), operations.recordings.byKeys),
  ]);
  /** When agents were shown unchanged, which is not written down. */
  const reportedAt = new Map<string, Instant>();
  const rowOf = <T>(rows: ReadonlyMap<string, T | null>, hold: (id: string) => T | null, id: string): T | null =>
    rows.has(id) ? rows.get(id)! : from === 'store' ? null : hold(id);

  return {
    agent: (id) => {
      const row = agents.has(id) ? agents.get(id)! : held.agent(id);
      if (row === null) return null;
      const storedAt = (row.observedAt ?? '') > latestBelievable ? '' : (row.observedAt ?? '');
      return withLastContact(row, [held.agent(id)?.observedAt ?? '', reportedAt.get(id) ?? '', storedAt]);
    },
    call: (id) => rowOf(calls, held.call, id),
    recording: (id) => rowOf(recordings, held.recording, id),
    liveAt: (agent) => ({ calls: [], recordings: held.liveAt(agent) }),
    apply: (changed, { observations: reported, asOfMs }) => {
      const at = instant(asOfMs);
      for (const id of describedAgents(reported)) if ((reportedAt.get(id) ?? '') < at) reportedAt.set(id, at);
      for (const { after } of changed.agents) agents.set(after.externalId, after);
      for (const { after } of changed.calls) calls.set(after.externalId, after);
      for (const { after } of changed.recordings) {
        recordings.set(after.externalId, after);
        if (after.formerId !== null) recordings.set(after.formerId, after);
      }
    },
  };
};

/** Of several reductions, the rows as they were before the first that changed them. */
const originals = <T extends { externalId: string }>(changes: readonly Change<T>[]): ReadonlyMap<string, T | null> => {
  const first = new Map<string, T | null>();
  for (const { before, after } of changes) if (!first.has(after.externalId)) first.set(after.externalId, before);
  return first;
};

const areStored = async <T extends { externalId: string }>(
  source: string,
  changes: readonly Change<T>[],
  byKeys: ByKeys<T>,
): Promise<boolean> => {
  const before = originals(changes);
  const stored = await read(source, before.keys(), byKeys);
  return [...before].every(([id, row]) => isSameRow(row, stored.get(id) ?? null));
};

/** Returns true if what was reduced began from what is stored: else another server has written since. Locks the rows. */
export const isUpToDate = async (source: string, reductions: readonly Reduction[], operations: StoreOperations): Promise<boolean> => {
  const agents = reductions.flatMap((one) => one.agents);
  const calls = reductions.flatMap((one) => one.calls);
  const recordings = reductions.flatMap((one) => one.recordings);
  const areUpToDate = await Promise.all([
    areStored(source, agents, operations.agents.byKeys),
    areStored(source, calls, operations.calls.byKeys),
    areStored(source, recordings, operations.recordings.byKeys),
  ]);
  return areUpToDate.every(Boolean);
};
