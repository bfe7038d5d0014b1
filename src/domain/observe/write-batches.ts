/** Writes what batches of observations change, with its events and the commands that they resolve. */
import { commit } from '../commit.ts';
import type { Instant, SourceKey } from '../model/entities.ts';
import type { NewEvent } from '../model/events.ts';
import { instant } from '../model/instant.ts';
import type { ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';
import { isUpToDate } from './known-rows.ts';
import type { LiveState } from './live-state.ts';
import type { AwaitedCommand, ObservationResult } from './observation-result.ts';
import { reduceBatches } from './reduce-batches.ts';
import type { Change, Reduction } from './reduction.ts';

export interface WriteContext {
  store: Store;
  clock: Clock;
  liveState: LiveState;
  /** Tells everything that subscribes that something was committed, be it by another server that was shown the same. */
  emit(): void;
  /** Resolves when live state has applied the events of what was committed. */
  applied(): Promise<void>;
  /** True if commands and blackouts of the source are resolved by what it shows. */
  takesCommands(source: string): boolean;
  /** Resolves blackouts, and the commands of agents that changed or are awaited, from what was shown. */
  onObserved(operations: StoreOperations, observed: ObservationResult, awaitedAgents: ReadonlySet<string>): Promise<void>;
}

/** The rows that several reductions have changed, each once and as the last of them left it. */
const lastOf = <T extends { externalId: string }>(changes: readonly Change<T>[]): readonly T[] => [
  ...new Map(changes.map(({ after }) => [after.externalId, after])).values(),
];

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

/** Batches of one source, as they were reduced before the transaction that writes them. */
interface ReducedBatches {
  source: string;
  batches: readonly ObservationBatch[];
  /** One a batch; null where only the transaction shows which of them are new. */
  reductions: readonly Reduction[] | null;
  /** The commands that the batches may resolve though they change nothing. */
  awaited: readonly AwaitedCommand[];
}

/** The batches of a delivery that did not come before. */
const undelivered = async (
  operations: StoreOperations,
  { source, batches }: ReducedBatches,
  at: Instant,
): Promise<readonly ObservationBatch[]> => {
  const receipts = batches.flatMap(({ receipt }) => receipt ?? []);
  if (receipts.length === 0) return batches;
  const left = new Set(await operations.receipts.add(source, receipts, at));
  return batches.filter(({ receipt }) => receipt === undefined || left.delete(receipt));
};

const observedFrom = (source: string, { asOfMs, observations }: ObservationBatch, reduction: Reduction): ObservationResult => ({
  source,
  asOfMs,
  agents: reduction.agents.map(({ after }) => after),
  calls: reduction.calls.map(({ after }) => after),
  recordings: reduction.recordings.map(({ after }) => after),
  reported: reduction.reported,
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

/** Writes the changes of the batches and of the commands that they resolve in one transaction. Returns the batches that are new, with theirs. */
export const writeBatches = async (context: WriteContext, reduced: ReducedBatches): Promise<ReadonlyMap<ObservationBatch, Reduction>> => {
  const { clock, liveState } = context;
  const { source, reductions: before, awaited } = reduced;
  const written = await commit(context, async ({ operations }) => {
    const at = instant(clock.now());
    const taken = await undelivered(operations, reduced, at);
    const areUpToDate = before !== null && (await isUpToDate(source, before, operations));
    const reductions = areUpToDate ? before : await reduceBatches({ source, operations, liveState, clock, from: 'store' }, taken);
    const written = new Map(taken.map((batch, index) => [batch, reductions[index]!]));
    if (!context.takesCommands(source)) {
      await putRows(operations, reductions, at);
      return written;
    }
    const awaitedAgents = new Set(awaited.map(({ agent }) => agent));
    for (const [index, batch] of taken.entries()) {
      const reduction = reductions[index]!;
      // A command is resolved from the rows as its batch has left them.
      await putRows(operations, [reduction], at);
      await context.onObserved(operations, observedFrom(source, batch, reduction), awaitedAgents);
    }
    return written;
  });
  await context.applied();
  return written;
};
