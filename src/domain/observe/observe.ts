/** The use case behind every observer, webhook and vendor read: fold, commit with the event log, then tell. */

import type { Agent, Call, Instant, LiveEvent, Recording } from '../model/entities.ts';
import type { AgentStatus } from '../model/enums.ts';
import { instant } from '../model/instant.ts';
import type { Observation, ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';
import type { LiveState } from './live-state.ts';
import { type Change, type Known, type Reduction, reduce } from './reduce.ts';

/** What a fold changed, as the control and blackout use cases take it in, inside the same transaction. */
export interface ObservationResult {
  source: string;
  asOfMs: number;
  agents: readonly Agent[];
  calls: readonly Call[];
  recordings: readonly Recording[];
  /** External ids of every agent that the batch showed, changed or not. */
  shown: readonly string[];
  failures: readonly Extract<Observation, { type: 'commandFailed' }>[];
  blackouts: readonly Extract<Observation, { type: 'blackout' }>[];
}

export type NewEvent = Omit<LiveEvent, 'id'>;

export interface ObserveDependencies {
  store: Store;
  clock: Clock;
  liveState: LiveState;
  /** Tells everything that subscribes of committed events; of none where another server may have committed what this one was shown. */
  emit(events: readonly NewEvent[]): Promise<void>;
  /** Whether commands and blackouts of the source are settled by what it shows. */
  takesCommands(source: string): boolean;
  /** Whether a fold without changes may still settle something (commands that wait, blackouts to confirm). */
  isAwaited(source: string): boolean;
  /** Settles commands and blackouts from what was seen; its events join the fold's own. */
  onObserved(operations: StoreOperations, observed: ObservationResult): Promise<readonly NewEvent[]>;
}

export interface Observe {
  /** Resolves when what was shown is committed and told. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

/** Everything in a batch that names a row, so that the rows are read together. */
const named = (observations: readonly Observation[]) => {
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
  return { agents, calls, recordings };
};

const liveStateView = (source: string, liveState: LiveState): Known => ({
  agent: (externalId) => liveState.agent({ source, externalId }),
  call: (externalId) => liveState.call({ source, externalId }),
  recording: (externalId) => liveState.recording({ source, externalId }),
  liveAt: (agent) => {
    const recordings = liveState.liveRecordings({ source, externalId: agent });
    return { calls: [], recordings: recordings.map((recording) => recording.externalId) };
  },
});

/** Rows as they are in a transaction, with what its folds have changed so far. */
interface Rows extends Known {
  /** Takes in what a batch has changed, and whom it has shown unchanged. */
  take(changed: Reduction, batch: ObservationBatch): void;
}

/** More than the clocks of several servers differ by. */
const clocksApartMs = 5000;

/** Rows read inside the transaction; what is live at an agent comes from live state and is read along. */
const storedRows = async (
  source: string,
  observations: readonly Observation[],
  operations: StoreOperations,
  liveState: LiveState,
  latestBelievable: Instant,
): Promise<Rows> => {
  const { agents, calls, recordings } = named(observations);
  const quick = liveStateView(source, liveState);
  for (const agent of agents) {
    const before = quick.agent(agent);
    for (const id of [before?.activeCall, ...(before?.inactiveCalls ?? [])]) if (id) calls.add(id);
    for (const id of quick.liveAt(agent).recordings) recordings.add(id);
  }
  const read = async <T>(
    ids: ReadonlySet<string>,
    byKeys: (keys: { source: string; externalId: string }[]) => Promise<readonly (T | null)[]>,
  ) => {
    const list = [...ids];
    const rows = list.length === 0 ? [] : await byKeys(list.map((externalId) => ({ source, externalId })));
    return new Map(list.map((id, index) => [id, rows[index] ?? null]));
  };
  const agentRows = await read<Agent>(agents, (keys) => operations.agents.byKeys(keys));
  const callRows = await read<Call>(calls, (keys) => operations.calls.byKeys(keys));
  const recordingRows = await read<Recording>(recordings, (keys) => operations.recordings.byKeys(keys));
  const shownAt = new Map<string, Instant>();
  return {
    agent: (id) => {
      const held = quick.agent(id);
      const row = agentRows.get(id) ?? null;
      if (row === null) return agentRows.has(id) ? null : held;
      // A sight dated later than any clock of ours can show was written by one that was wrong: everything seen now is news to it.
      const storedAt = (row.observedAt ?? '') > latestBelievable ? '' : (row.observedAt ?? '');
      const observedAt = [held?.observedAt ?? '', shownAt.get(id) ?? '', storedAt].sort().at(-1)!;
      return observedAt === (row.observedAt ?? '') ? row : { ...row, observedAt: observedAt === '' ? null : observedAt };
    },
    call: (id) => callRows.get(id) ?? null,
    recording: (id) => recordingRows.get(id) ?? null,
    liveAt: quick.liveAt,
    take: (changed, { observations, asOfMs }) => {
      const at = instant(asOfMs);
      for (const id of describedBy(observations)) if ((shownAt.get(id) ?? '') < at) shownAt.set(id, at);
      for (const { after } of changed.agents) agentRows.set(after.externalId, after);
      for (const { after } of changed.calls) callRows.set(after.externalId, after);
      for (const { after } of changed.recordings) {
        recordingRows.set(after.externalId, after);
        if (after.formerId !== null) recordingRows.set(after.formerId, after);
      }
    },
  };
};

/** The rows that several folds have changed, each once and as the last of them left it. */
const lastOf = <T extends { externalId: string }>(changes: readonly Change<T>[]): readonly T[] => [
  ...new Map(changes.map(({ after }) => [after.externalId, after])).values(),
];

/** Whether a recording gets its final id, and so takes the place of a row that others may still name. */
const renames = ({ observations }: ObservationBatch): boolean =>
  observations.some((one) => one.type === 'recording' && (one.recording.formerId ?? null) !== null);

/** A batch that shows everyone says of those it leaves out that the vendor has nothing of them now. */
const withAbsent = (source: string, batch: ObservationBatch, liveState: LiveState): readonly Observation[] => {
  if (!batch.complete) return batch.observations;
  const shown = new Set(batch.observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : [])));
  const absent = liveState
    .agentsOf(source)
    .filter((agent) => !shown.has(agent.externalId) && (agent.activeCall !== null || !idleWords.includes(agent.status)));
  return [
    ...batch.observations,
    ...absent.flatMap(({ externalId }): Observation[] => [
      {
        type: 'agent',
        agent: { externalId, status: 'UNKNOWN', vendorStatus: null, activeCall: null, inactiveCalls: [], desktopRecordings: [] },
      },
      { type: 'presence', agent: externalId, calls: [], recordings: [] },
    ]),
  ];
};

const idleWords: readonly AgentStatus[] = ['OFFLINE', 'UNKNOWN'];

const eventsOf = (observed: Reduction, at: string): NewEvent[] => {
  const event = (entityType: NewEvent['entityType'], row: { source: string; externalId: string }, previous: string | null): NewEvent => ({
    at,
    entityType,
    source: row.source,
    key: row.externalId,
    previous,
    warning: null,
    state: row,
  });
  return [
    ...observed.agents.map(({ before, after }) => event('agent', after, before?.status ?? null)),
    ...observed.calls.map(({ before, after }) => event('call', after, before?.state ?? null)),
    ...observed.recordings.map(({ before, after }) => event('recording', after, before?.state ?? null)),
  ];
};

interface Waiting {
  batch: ObservationBatch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const largestCommit = 256;

/**
 * What a presence leaves out is judged by live state, which knows of the batches before it only once they are committed; and what gets its
 * final id is committed by itself.
 */
const batchesForOneCommit = (queue: readonly Waiting[]): number => {
  const next = queue.findIndex(
    ({ batch }, index) =>
      index > 0 &&
      (batch.complete || batch.observations.some(({ type }) => type === 'presence') || renames(batch) || renames(queue[index - 1]!.batch)),
  );
  return Math.min(largestCommit, next === -1 ? queue.length : next);
};

/** The agents that a batch describes, in order; found once however often the same observations come. */
const describedIn = new WeakMap<readonly Observation[], readonly string[]>();
const describedBy = (observations: readonly Observation[]): readonly string[] => {
  const known = describedIn.get(observations);
  if (known) return known;
  const described = observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : []));
  describedIn.set(observations, described);
  return described;
};

export const createObserve = (deps: ObserveDependencies): Observe => {
  const { store, clock, liveState } = deps;
  const queues = new Map<string, Waiting[]>();
  /** Observations that were folded without news, and the revision of their source at which they were. */
  const observed = new WeakMap<readonly Observation[], { complete: boolean; revision: number }>();
  /** Epoch ms of the latest batch of a source. */
  const latestMs = new Map<string, number>();

  const isRepeat = (source: string, { observations, complete = false }: ObservationBatch): boolean => {
    const before = observed.get(observations);
    return before !== undefined && before.complete === complete && before.revision === liveState.revisionOf(source);
  };

  /** A fold weighs times too: only one that is later than all else that was seen says what a later one will. */
  const noteRepeatable = (source: string, batch: ObservationBatch, revision: number): void => {
    const { observations, asOfMs, complete = false } = batch;
    if (asOfMs < (latestMs.get(source) ?? 0) || instant(asOfMs) <= liveState.revisedAt(source)) return;
    observed.set(observations, { complete, revision });
  };

  /** False where live state already says all of it, so that nothing need be written. */
  const isNews = (source: string, batch: ObservationBatch): boolean => {
    if (batch.receipt !== undefined || deps.isAwaited(source)) return true;
    if (isRepeat(source, batch)) return false;
    if (batch.observations.some(({ type }) => type === 'commandFailed' || type === 'blackout')) return true;
    const revision = liveState.revisionOf(source);
    const view = liveStateView(source, liveState);
    const result = reduce(source, withAbsent(source, batch, liveState), batch.asOfMs, view);
    if (result.agents.length + result.calls.length + result.recordings.length > 0) return true;
    noteRepeatable(source, batch, revision);
    return false;
  };

  /** The batches of a delivery that did not come before. */
  const undelivered = async (
    source: string,
    batches: readonly ObservationBatch[],
    operations: StoreOperations,
  ): Promise<readonly ObservationBatch[]> => {
    const receipts = batches.flatMap(({ receipt }) => receipt ?? []);
    if (receipts.length === 0) return batches;
    const left = new Set(await operations.receipts.add(source, receipts, instant(clock.now())));
    return batches.filter(({ receipt }) => receipt === undefined || left.delete(receipt));
  };

  /** Folds batches one after the other; their rows are read and written together. Those that came before are not among `taken`. */
  const commitTogether = async (
    source: string,
    given: readonly ObservationBatch[],
    operations: StoreOperations,
  ): Promise<{ taken: readonly ObservationBatch[]; events: readonly NewEvent[] }> => {
    const at = instant(clock.now());
    const batches = await undelivered(source, given, operations);
    if (batches.length === 0) return { taken: [], events: [] };
    const shown = batches.map((batch) => withAbsent(source, batch, liveState));
    const rows = await storedRows(source, shown.flat(), operations, liveState, instant(clock.now() + clocksApartMs));
    const reductions = batches.map((batch, place) => {
      const result = reduce(source, shown[place]!, batch.asOfMs, rows);
      rows.take(result, batch);
      return result;
    });
    const agents = lastOf(reductions.flatMap((one) => one.agents));
    const calls = lastOf(reductions.flatMap((one) => one.calls));
    const recordings = lastOf(reductions.flatMap((one) => one.recordings));
    if (agents.length > 0) await operations.agents.put(agents);
    if (calls.length > 0) await operations.calls.put(calls);
    if (recordings.length > 0) await operations.recordings.put(recordings);
    const events: NewEvent[] = [];
    for (const [place, { asOfMs, observations }] of batches.entries()) {
      const result = reductions[place]!;
      events.push(...eventsOf(result, at));
      const settled = await deps.onObserved(operations, {
        source,
        asOfMs,
        agents: result.agents.map(({ after }) => after),
        calls: result.calls.map(({ after }) => after),
        recordings: result.recordings.map(({ after }) => after),
        shown: result.shown,
        failures: observations.filter((one) => one.type === 'commandFailed'),
        blackouts: observations.filter((one) => one.type === 'blackout'),
      });
      events.push(...settled);
    }
    return { taken: batches, events };
  };

  const recordContacts = (source: string, { asOfMs, complete, heard }: ObservationBatch): void => {
    latestMs.set(source, Math.max(latestMs.get(source) ?? 0, asOfMs));
    if (complete || heard) liveState.recordContact(source, asOfMs);
  };
  const noteShown = (source: string, batch: ObservationBatch): void => {
    liveState.touch(source, describedBy(batch.observations), instant(batch.asOfMs));
    recordContacts(source, batch);
  };

  /** Several batches of one source in one transaction, folded in the order in which they came. */
  const commit = async (source: string, batches: readonly ObservationBatch[]): Promise<void> => {
    const [first, ...others] = batches;
    const news = isNews(source, first!) ? batches : others;
    // What follows is folded in the light of it.
    if (news === others) noteShown(source, first!);
    const revision = liveState.revisionOf(source);
    /** Deliveries that came before, of which nothing is taken in. */
    const repeated = new Set(news);
    if (news.length > 0) {
      const committed = await store.transaction(async (operations) => {
        // What settles a command reads the rows as its batch has left them.
        const parts = deps.takesCommands(source) ? news.map((batch) => [batch]) : [news];
        const events: NewEvent[] = [];
        for (const part of parts) {
          const { taken, events: more } = await commitTogether(source, part, operations);
          for (const batch of taken) repeated.delete(batch);
          events.push(...more);
        }
        await operations.events.append(events);
        return events;
      });
      await deps.emit(committed);
      // What the store's rows of things that are over add nothing to is no news either, though live state does not hold them.
      if (committed.length === 0) for (const batch of news) if (!repeated.has(batch)) noteRepeatable(source, batch, revision);
    }
    for (const batch of news) {
      if (repeated.has(batch)) recordContacts(source, batch);
      else noteShown(source, batch);
    }
  };

  /** One commit at a time a source, each taking all that wait: a storm of pushes shares its disk writes. */
  const pump = async (source: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const taken = queue.splice(0, batchesForOneCommit(queue));
      try {
        await commit(
          source,
          taken.map(({ batch }) => batch),
        );
        for (const { resolve } of taken) resolve();
      } catch {
        for (const { batch, resolve, reject } of taken) await commit(source, [batch]).then(resolve, reject);
      }
    }
    queues.delete(source);
  };

  return {
    observe: (source, batch) =>
      new Promise<void>((resolve, reject) => {
        const waiting = queues.get(source);
        if (waiting) {
          waiting.push({ batch, resolve, reject });
          return;
        }
        const queue = [{ batch, resolve, reject }];
        queues.set(source, queue);
        void pump(source, queue);
      }),
  };
};
