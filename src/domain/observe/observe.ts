/** The use case behind every observer, webhook and vendor read: reduce, commit with the event log, emit. */

import { wellFormed } from '../../lib/well-formed-json.ts';
import type { Agent, Call, LiveEvent, Recording } from '../model/entities.ts';
import { instant } from '../model/instant.ts';
import type { Observation, ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';
import { describedAgents, isUpToDate, type Rows, readRows } from './known-rows.ts';
import type { LiveState } from './live-state.ts';
import { type Change, type Reduction, reduce } from './reduce.ts';

/** The changes of a batch, for the control and blackout use cases inside the same transaction. */
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

/** An open command that a batch made at `sinceMs` (epoch ms) or later may resolve, where it shows the agent. */
export interface AwaitedCommand {
  id: string;
  agent: string;
  sinceMs: number;
}

interface ObserveDependencies {
  store: Store;
  clock: Clock;
  liveState: LiveState;
  /** Tells everything that subscribes of committed events; of none where another server may have committed what this one was shown. */
  emit(events: readonly NewEvent[]): Promise<void>;
  /** True if commands and blackouts of the source are resolved by what it shows. */
  takesCommands(source: string): boolean;
  /** Returns the commands that a batch made at `asOfMs` may resolve though it changes nothing. */
  awaited(source: string, asOfMs: number): readonly AwaitedCommand[];
  /** Notes that the commands were held against a committed batch. */
  noteJudged(source: string, commands: readonly AwaitedCommand[]): void;
  /** Resolves blackouts, and the commands of agents that changed or are awaited, from what was shown; its events join the batch's own. */
  onObserved(operations: StoreOperations, observed: ObservationResult, awaitedAgents: ReadonlySet<string>): Promise<readonly NewEvent[]>;
}

export interface Observe {
  /** Resolves when what was shown is committed and emitted. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  /** Follows the events of every server, after live state has applied them. */
  onEvents(events: readonly LiveEvent[]): void;
}

/** The rows that several reductions have changed, each once and as the last of them left it. */
const lastOf = <T extends { externalId: string }>(changes: readonly Change<T>[]): readonly T[] => [
  ...new Map(changes.map(({ after }) => [after.externalId, after])).values(),
];

/** Returns true if a recording gets its final id, and so takes the place of a row that others may still name. */
const renames = ({ observations }: ObservationBatch): boolean =>
  observations.some((one) => one.type === 'recording' && (one.recording.formerId ?? null) !== null);

/** A batch that shows everyone says of those it leaves out that the vendor does not list them. */
const withAbsent = (source: string, batch: ObservationBatch, liveState: LiveState): readonly Observation[] => {
  if (!batch.complete) return batch.observations;
  const listed = new Set(
    batch.observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : one.type === 'unreadable' ? [one.agent] : [])),
  );
  const absent = liveState
    .agentsOf(source)
    .filter(({ externalId, absentSince }) => !listed.has(externalId) && (absentSince ?? null) === null);
  return [...batch.observations, ...absent.map(({ externalId }): Observation => ({ type: 'absent', agent: externalId }))];
};

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

const isNothing = ({ agents, calls, recordings }: Reduction): boolean => agents.length + calls.length + recordings.length === 0;

/** Returns true if it holds what no row shows: failures of commands, and blackouts of others. */
const hasNotices = ({ observations }: ObservationBatch): boolean =>
  observations.some(({ type }) => type === 'commandFailed' || type === 'blackout');

/** Of the commands, those whose agent is shown by a batch that was made late enough. */
const judgedBy = (awaited: readonly AwaitedCommand[], reduced: ReadonlyMap<ObservationBatch, Reduction>): readonly AwaitedCommand[] =>
  awaited.filter(({ agent, sinceMs }) => [...reduced].some(([{ asOfMs }, { shown }]) => asOfMs >= sinceMs && shown.includes(agent)));

/** Returns true if such an event is of a row that observations change; commands and blackouts are none. */
const isOfRows = (entityType: LiveEvent['entityType']): boolean => ['agent', 'call', 'recording'].includes(entityType);

/** The batch with well-formed text, whatever its observer reads it with; the same where it is. */
const wellFormedBatch = (batch: ObservationBatch): ObservationBatch => {
  const observations = wellFormed(batch.observations);
  return observations === batch.observations ? batch : { ...batch, observations };
};

interface Waiting {
  batch: ObservationBatch;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** More than the clocks of several servers differ by. */
const clocksApartMs = 5000;

const maxBatchesPerCommit = 256;

/**
 * A liveness observation is judged by live state, which has the batches before it only once they are committed; and a recording that gets its
 * final id is committed by itself.
 */
const batchesForOneCommit = (queue: readonly Waiting[]): number => {
  const next = queue.findIndex(
    ({ batch }, index) =>
      index > 0 &&
      (batch.complete || batch.observations.some(({ type }) => type === 'liveness') || renames(batch) || renames(queue[index - 1]!.batch)),
  );
  return Math.min(maxBatchesPerCommit, next === -1 ? queue.length : next);
};

/** True if live state holds all that the last complete batch of a source showed, and when something else of the source was changed. */
interface Quiet {
  holds: boolean;
  /** External ids of the agents that the batch described. */
  agents: readonly string[];
  disturbedMs: number;
}

export const createObserve = (deps: ObserveDependencies): Observe => {
  const { store, clock, liveState } = deps;
  const queues = new Map<string, Waiting[]>();
  const quiet = new Map<string, Quiet>();
  const quietOf = (source: string): Quiet => {
    const known = quiet.get(source) ?? { holds: false, agents: [], disturbedMs: Number.NEGATIVE_INFINITY };
    quiet.set(source, known);
    return known;
  };
  const disturb = (source: string): void => {
    quiet.set(source, { holds: false, agents: [], disturbedMs: clock.now() });
  };

  const saysNothingNew = (source: string, { unchanged, complete, receipt }: ObservationBatch): boolean =>
    unchanged === true && complete === true && receipt === undefined && quietOf(source).holds;

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

  const recordContacts = (source: string, { asOfMs, complete, contact }: ObservationBatch): void => {
    if (complete || contact === true) liveState.recordContact(source, asOfMs);
    if (Array.isArray(contact)) liveState.touch(source, contact, instant(asOfMs));
  };
  const recordShown = (source: string, batch: ObservationBatch, reduction: Reduction): void => {
    const agents = describedAgents(batch.observations);
    liveState.touch(source, agents, instant(batch.asOfMs));
    recordContacts(source, batch);
    const isConfirmed = isNothing(reduction) && !reduction.isOutdated;
    const { disturbedMs } = quietOf(source);
    // A complete answer says nothing of what was changed after it was requested.
    if (batch.complete) quiet.set(source, { holds: isConfirmed && batch.asOfMs > disturbedMs, agents, disturbedMs });
    else if (!isConfirmed) disturb(source);
  };
  const recordKnown = (source: string, batch: ObservationBatch): void => {
    liveState.touch(source, quietOf(source).agents, instant(batch.asOfMs));
    recordContacts(source, batch);
  };

  const observedFrom = (source: string, { asOfMs, observations }: ObservationBatch, reduction: Reduction): ObservationResult => ({
    source,
    asOfMs,
    agents: reduction.agents.map(({ after }) => after),
    calls: reduction.calls.map(({ after }) => after),
    recordings: reduction.recordings.map(({ after }) => after),
    shown: reduction.shown,
    failures: observations.filter((one) => one.type === 'commandFailed'),
    blackouts: observations.filter((one) => one.type === 'blackout'),
  });

  const putRows = async (operations: StoreOperations, reductions: readonly Reduction[]): Promise<void> => {
    const agents = lastOf(reductions.flatMap((one) => one.agents));
    const calls = lastOf(reductions.flatMap((one) => one.calls));
    const recordings = lastOf(reductions.flatMap((one) => one.recordings));
    if (agents.length > 0) await operations.agents.put(agents);
    if (calls.length > 0) await operations.calls.put(calls);
    if (recordings.length > 0) await operations.recordings.put(recordings);
  };

  const reduceAll = (source: string, batches: readonly ObservationBatch[], rows: Rows): readonly Reduction[] =>
    batches.map((batch) => {
      const reduction = reduce(source, withAbsent(source, batch, liveState), batch.asOfMs, rows);
      rows.apply(reduction, batch);
      return reduction;
    });

  const rowsFor = (source: string, batches: readonly ObservationBatch[], operations: StoreOperations, from: 'liveState' | 'store') =>
    readRows(
      source,
      batches.flatMap((batch) => withAbsent(source, batch, liveState)),
      operations,
      liveState,
      from,
      instant(clock.now() + clocksApartMs),
    );

  /** Writes the changes of the batches and of the commands that they resolve in one transaction. Returns the batches that are new. */
  const write = (
    source: string,
    batches: readonly ObservationBatch[],
    reduced: readonly Reduction[] | null,
    awaited: readonly AwaitedCommand[],
  ) =>
    store.transaction(async (operations) => {
      const at = instant(clock.now());
      const taken = await undelivered(source, batches, operations);
      const areUpToDate = reduced !== null && (await isUpToDate(source, reduced, operations));
      const reductions = areUpToDate ? reduced : reduceAll(source, taken, await rowsFor(source, taken, operations, 'store'));
      const takesCommands = deps.takesCommands(source);
      const awaitedAgents = new Set(awaited.map(({ agent }) => agent));
      const events: NewEvent[] = [];
      if (!takesCommands) await putRows(operations, reductions);
      for (const [place, batch] of taken.entries()) {
        const reduction = reductions[place]!;
        // A command is resolved from the rows as its batch has left them.
        if (takesCommands) await putRows(operations, [reduction]);
        events.push(...eventsOf(reduction, at));
        if (takesCommands) events.push(...(await deps.onObserved(operations, observedFrom(source, batch, reduction), awaitedAgents)));
      }
      if (events.length > 0) await operations.events.append(events);
      return { taken: new Map(taken.map((batch, place) => [batch, reductions[place]!])), events };
    });

  /** An answer that came before says nothing new of any agent, but may be the first since a command to one of them was accepted. */
  const commitKnown = async (source: string, batches: readonly ObservationBatch[], awaited: readonly AwaitedCommand[]): Promise<void> => {
    const { agents } = quietOf(source);
    const unchanged: Reduction = { agents: [], calls: [], recordings: [], shown: agents, isOutdated: false };
    const reduced = new Map(batches.map(({ asOfMs }) => [{ asOfMs, observations: [] }, unchanged]));
    const judged = judgedBy(awaited, reduced);
    if (judged.length > 0) {
      const { events } = await write(source, [...reduced.keys()], [...reduced.values()], judged);
      await deps.emit(events);
      deps.noteJudged(source, judged);
    }
    for (const batch of batches) recordKnown(source, batch);
  };

  /** Several batches of one source, reduced in the order in which they came; nothing is written where none of them is news. */
  const commit = async (source: string, given: readonly ObservationBatch[]): Promise<void> => {
    const awaited = deps.awaited(source, Math.max(...given.map(({ asOfMs }) => asOfMs)));
    if (given.every((batch) => saysNothingNew(source, batch))) return commitKnown(source, given, awaited);
    const batches = given.map(wellFormedBatch);
    // Only the transaction shows which deliveries came before.
    const isDelivery = batches.some(({ receipt }) => receipt !== undefined);
    const reductions = isDelivery ? null : reduceAll(source, batches, await rowsFor(source, batches, store, 'liveState'));
    if (reductions !== null) {
      const isNews = batches.some((batch, place) => hasNotices(batch) || !isNothing(reductions[place]!));
      const reduced = new Map(batches.map((batch, place) => [batch, reductions[place]!]));
      if (!isNews && judgedBy(awaited, reduced).length === 0) {
        for (const [batch, reduction] of reduced) recordShown(source, batch, reduction);
        return;
      }
    }
    const { taken, events } = await write(source, batches, reductions, awaited);
    await deps.emit(events);
    deps.noteJudged(source, judgedBy(awaited, taken));
    for (const batch of batches) {
      const reduction = taken.get(batch);
      if (reduction) recordShown(source, batch, reduction);
      else recordContacts(source, batch);
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
        for (const { batch, resolve, reject } of taken) {
          await commit(source, [batch]).then(resolve, (error: unknown) => {
            disturb(source);
            reject(error);
          });
        }
      }
    }
    queues.delete(source);
  };

  return {
    onEvents: (events) => {
      for (const { source, entityType } of events) if (isOfRows(entityType)) disturb(source);
    },
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
