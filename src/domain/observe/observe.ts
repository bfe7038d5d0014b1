/** The use case behind every observer, webhook and vendor read: reduce, commit with the event log, emit. */

import { wellFormed } from '../../lib/well-formed-json.ts';
import { commit } from '../commit.ts';
import type { Instant, SourceKey } from '../model/entities.ts';
import type { LiveEvent, NewEvent } from '../model/events.ts';
import { clocksApartMs, instant } from '../model/instant.ts';
import type { Observation, ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';
import { createCommitQueue } from './commit-queue.ts';
import { isUpToDate, type Rows, readRows } from './known-rows.ts';
import type { LiveState } from './live-state.ts';
import type { AwaitedCommand, ObservationResult } from './observation-result.ts';
import { reduce } from './reduce.ts';
import { type Change, isNothing, type Reduction } from './reduction.ts';
import { createShownAgents } from './shown-agents.ts';

interface ObserveDependencies {
  store: Store;
  clock: Clock;
  liveState: LiveState;
  /** Tells everything that subscribes that something was committed, be it by another server that was shown the same. */
  emit(): void;
  /** Resolves when live state has applied the events of what was committed. */
  applied(): Promise<void>;
  /** True if commands and blackouts of the source are resolved by what it shows. */
  takesCommands(source: string): boolean;
  /** Returns the commands that a batch made at `asOfMs` may resolve though it changes nothing. */
  awaited(source: string, asOfMs: number): readonly AwaitedCommand[];
  /** Notes that the commands were held against a committed batch. */
  noteJudged(source: string, commands: readonly AwaitedCommand[]): void;
  /** Resolves blackouts, and the commands of agents that changed or are awaited, from what was shown. */
  onObserved(operations: StoreOperations, observed: ObservationResult, awaitedAgents: ReadonlySet<string>): Promise<void>;
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

/** A batch that shows everyone says of those it leaves out that the vendor does not list them, and of those it only names that it does again. */
const withAbsent = (source: string, batch: ObservationBatch, liveState: LiveState): readonly Observation[] => {
  if (!batch.complete) return batch.observations;
  const shown = new Set(
    batch.observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : one.type === 'unreadable' ? [one.agent] : [])),
  );
  const listed = new Set(batch.listed);
  const changed = liveState
    .agentsOf(source)
    .filter(({ externalId, absentSince }) => !shown.has(externalId) && listed.has(externalId) === (absentSince != null))
    .map(({ externalId }): Observation => ({ type: listed.has(externalId) ? 'unreadable' : 'absent', agent: externalId }));
  return [...batch.observations, ...changed];
};

const eventsOf = (observed: Reduction, at: Instant): NewEvent[] => {
  const common = ({ source, externalId: key }: SourceKey) => ({ at, source, key, warning: null });
  return [
    ...observed.agents.map(
      ({ before, after }): NewEvent => ({ ...common(after), entityType: 'agent', previous: before?.status ?? null, state: after }),
    ),
    ...observed.calls.map(
      ({ before, after }): NewEvent => ({ ...common(after), entityType: 'call', previous: before?.state ?? null, state: after }),
    ),
    ...observed.recordings.map(
      ({ before, after }): NewEvent => ({ ...common(after), entityType: 'recording', previous: before?.state ?? null, state: after }),
    ),
  ];
};

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

export const createObserve = (deps: ObserveDependencies): Observe => {
  const { store, clock, liveState } = deps;
  const shownAgents = createShownAgents(liveState, clock);

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

  const putRows = async (operations: StoreOperations, reductions: readonly Reduction[], at: string): Promise<void> => {
    const agents = lastOf(reductions.flatMap((one) => one.agents));
    const calls = lastOf(reductions.flatMap((one) => one.calls));
    const recordings = lastOf(reductions.flatMap((one) => one.recordings));
    if (agents.length > 0) await operations.agents.put(agents);
    if (calls.length > 0) await operations.calls.put(calls);
    if (recordings.length > 0) await operations.recordings.put(recordings);
    await operations.events.append(reductions.flatMap((one) => eventsOf(one, at)));
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

  /** Writes the changes of the batches and of the commands that they resolve in one transaction. Returns the batches that are new, with theirs. */
  const write = async (
    source: string,
    batches: readonly ObservationBatch[],
    reduced: readonly Reduction[] | null,
    awaited: readonly AwaitedCommand[],
  ) => {
    const written = await commit(deps, async (operations) => {
      const at = instant(clock.now());
      const taken = await undelivered(source, batches, operations);
      const areUpToDate = reduced !== null && (await isUpToDate(source, reduced, operations));
      const reductions = areUpToDate ? reduced : reduceAll(source, taken, await rowsFor(source, taken, operations, 'store'));
      const written = new Map(taken.map((batch, place) => [batch, reductions[place]!]));
      if (!deps.takesCommands(source)) {
        await putRows(operations, reductions, at);
        return written;
      }
      const awaitedAgents = new Set(awaited.map(({ agent }) => agent));
      for (const [place, batch] of taken.entries()) {
        const reduction = reductions[place]!;
        // A command is resolved from the rows as its batch has left them.
        await putRows(operations, [reduction], at);
        await deps.onObserved(operations, observedFrom(source, batch, reduction), awaitedAgents);
      }
      return written;
    });
    await deps.applied();
    return written;
  };

  /** An answer that came before says nothing new of any agent, but may be the first since a command to one of them was accepted. */
  const commitKnown = async (source: string, batches: readonly ObservationBatch[], awaited: readonly AwaitedCommand[]): Promise<void> => {
    const agents = shownAgents.ofLastComplete(source);
    const unchanged: Reduction = { agents: [], calls: [], recordings: [], shown: agents, isOutdated: false };
    const reduced = new Map(batches.map(({ asOfMs }) => [{ asOfMs, observations: [] }, unchanged]));
    const judged = judgedBy(awaited, reduced);
    if (judged.length > 0) {
      await write(source, [...reduced.keys()], [...reduced.values()], judged);
      deps.noteJudged(source, judged);
    }
    for (const batch of batches) shownAgents.recordKnown(source, batch);
  };

  /** Several batches of one source, reduced in the order in which they came; nothing is written where none of them is news. */
  const commitBatches = async (source: string, given: readonly ObservationBatch[]): Promise<void> => {
    const awaited = deps.awaited(source, Math.max(...given.map(({ asOfMs }) => asOfMs)));
    if (given.every((batch) => shownAgents.saysNothingNew(source, batch))) return commitKnown(source, given, awaited);
    const batches = given.map(wellFormedBatch);
    // Only the transaction shows which deliveries came before.
    const isDelivery = batches.some(({ receipt }) => receipt !== undefined);
    const reductions = isDelivery ? null : reduceAll(source, batches, await rowsFor(source, batches, store, 'liveState'));
    if (reductions !== null) {
      const isNews = batches.some((batch, place) => hasNotices(batch) || !isNothing(reductions[place]!));
      const reduced = new Map(batches.map((batch, place) => [batch, reductions[place]!]));
      if (!isNews && judgedBy(awaited, reduced).length === 0) {
        for (const [batch, reduction] of reduced) shownAgents.recordShown(source, batch, reduction);
        return;
      }
    }
    const taken = await write(source, batches, reductions, awaited);
    deps.noteJudged(source, judgedBy(awaited, taken));
    for (const batch of batches) {
      const reduction = taken.get(batch);
      if (reduction) shownAgents.recordShown(source, batch, reduction);
      else shownAgents.recordContacts(source, batch);
    }
  };

  const queue = createCommitQueue(commitBatches, shownAgents.disturb);
  return {
    onEvents: (events) => {
      for (const { source, entityType } of events) if (isOfRows(entityType)) shownAgents.disturb(source);
    },
    observe: queue.add,
  };
};
