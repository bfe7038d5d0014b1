/** The use case behind every observer, webhook and vendor read: reduce, commit with the event log, emit. */
import { wellFormed } from '../../lib/well-formed-json.ts';
import type { LiveEvent } from '../model/events.ts';
import type { ObservationBatch } from '../model/observation.ts';
import { createCommitQueue } from './commit-queue.ts';
import type { AwaitedCommand } from './observation-result.ts';
import { reduceBatches } from './reduce-batches.ts';
import { isNothing, type Reduction } from './reduction.ts';
import { createReportedAgents } from './reported-agents.ts';
import { subjectsOf } from './subjects.ts';
import { type WriteContext, writeBatches } from './write-batches.ts';

interface ObserveContext extends WriteContext {
  /** Returns the commands that a batch made at `asOfMs` may resolve though it changes nothing. */
  awaited(source: string, asOfMs: number): readonly AwaitedCommand[];
  /** Notes that the commands were held against a committed batch. */
  noteJudged(source: string, commands: readonly AwaitedCommand[]): void;
}

export interface Observe {
  /** Resolves when what was shown is committed and emitted. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  /** Follows the events of every server, after live state has applied them. */
  onEvents(events: readonly LiveEvent[]): void;
}

/** Returns true if it holds what no row shows: failures of commands, and blackouts of others. */
const hasNotices = ({ observations }: ObservationBatch): boolean =>
  observations.some(({ type }) => type === 'commandFailed' || type === 'blackout');

/** Of the commands, those whose agent is shown by a batch that was made late enough. */
const judgedBy = (awaited: readonly AwaitedCommand[], reduced: ReadonlyMap<ObservationBatch, Reduction>): readonly AwaitedCommand[] =>
  awaited.filter(({ agent, sinceMs }) => [...reduced].some(([{ asOfMs }, { reported }]) => asOfMs >= sinceMs && reported.includes(agent)));

/** Returns true if such an event is of a row that observations change; commands and blackouts are none. */
const isOfRows = (entityType: LiveEvent['entityType']): boolean => ['agent', 'call', 'recording'].includes(entityType);

/** The batch with well-formed text, whatever its observer reads it with. */
const wellFormedBatch = (batch: ObservationBatch): ObservationBatch => ({ ...batch, observations: wellFormed(batch.observations) });

export const createObserve = (context: ObserveContext): Observe => {
  const { store, clock, liveState } = context;
  const reportedAgents = createReportedAgents(liveState, clock);

  /** An answer that came before says nothing new of any agent, but may be the first since a command to one of them was accepted. */
  const commitKnown = async (source: string, batches: readonly ObservationBatch[], awaited: readonly AwaitedCommand[]): Promise<void> => {
    const agents = reportedAgents.ofLastComplete(source);
    const unchanged: Reduction = { agents: [], calls: [], recordings: [], reported: agents, isOutdated: false };
    const reduced = new Map(batches.map(({ asOfMs }) => [{ asOfMs, observations: [] }, unchanged]));
    const judged = judgedBy(awaited, reduced);
    if (judged.length > 0) {
      await writeBatches(context, { source, batches: [...reduced.keys()], reductions: [...reduced.values()], awaited: judged });
      context.noteJudged(source, judged);
    }
    for (const batch of batches) reportedAgents.recordKnown(source, batch);
  };

  /** Several batches of one source, reduced in the order in which they came; nothing is written where none of them is news. */
  const commitBatches = async (source: string, given: readonly ObservationBatch[]): Promise<void> => {
    const awaited = context.awaited(source, Math.max(...given.map(({ asOfMs }) => asOfMs)));
    if (given.every((batch) => reportedAgents.saysNothingNew(source, batch))) return commitKnown(source, given, awaited);
    const batches = given.map(wellFormedBatch);
    // Only the transaction shows which deliveries came before.
    const isDelivery = batches.some(({ receipt }) => receipt !== undefined);
    const reductions = isDelivery ? null : await reduceBatches({ source, operations: store, liveState, clock, from: 'liveState' }, batches);
    if (reductions !== null) {
      const isNews = batches.some((batch, index) => hasNotices(batch) || !isNothing(reductions[index]!));
      const reduced = new Map(batches.map((batch, index) => [batch, reductions[index]!]));
      if (!isNews && judgedBy(awaited, reduced).length === 0) {
        for (const [batch, reduction] of reduced) reportedAgents.recordReported(source, batch, reduction);
        return;
      }
    }
    const taken = await writeBatches(context, { source, batches, reductions, awaited });
    context.noteJudged(source, judgedBy(awaited, taken));
    for (const batch of batches) {
      const reduction = taken.get(batch);
      if (reduction) reportedAgents.recordReported(source, batch, reduction);
      else reportedAgents.recordContacts(source, batch);
    }
  };

  const queue = createCommitQueue({
    commit: commitBatches,
    onFailed: reportedAgents.disturb,
    subjectsOf: (source, batch) => subjectsOf(source, batch, liveState),
    maxCommits: store.maxTransactions,
  });
  return {
    onEvents: (events) => {
      for (const { source, entityType } of events) if (isOfRows(entityType)) reportedAgents.disturb(source);
    },
    observe: queue.add,
  };
};
