/** Reduces batches of one source against what is known of it. */
import type { Observation, ObservationBatch } from '../model/observation.ts';
import { type RowsContext, readRows } from './known-rows.ts';
import type { LiveState } from './live-state.ts';
import { reduce } from './reduce.ts';
import type { Reduction } from './reduction.ts';

/** A batch that shows everyone says of those it leaves out that the vendor does not list them, and of those it only names that it does again. */
const withAbsent = (source: string, batch: ObservationBatch, liveState: LiveState): readonly Observation[] => {
  if (!batch.complete) return batch.observations;
  const reported = new Set(
    batch.observations.flatMap((one) => (one.type === 'agent' ? [one.agent.externalId] : one.type === 'unreadable' ? [one.agent] : [])),
  );
  const listed = new Set(batch.listed);
  const changed = liveState
    .agentsOf(source)
    .filter(({ externalId, absentSince }) => !reported.has(externalId) && listed.has(externalId) === (absentSince != null))
    .map(({ externalId }): Observation => ({ type: listed.has(externalId) ? 'unreadable' : 'absent', agent: externalId }));
  return [...batch.observations, ...changed];
};

/** Returns what each batch of the source changes, in the order in which they came. */
export const reduceBatches = async (context: RowsContext, batches: readonly ObservationBatch[]): Promise<readonly Reduction[]> => {
  const { source, liveState } = context;
  const reported = batches.map((batch) => withAbsent(source, batch, liveState));
  const rows = await readRows(context, reported.flat());
  return batches.map((batch, index) => {
    const reduction = reduce(rows, source, { observations: reported[index]!, asOfMs: batch.asOfMs });
    rows.apply(reduction, batch);
    return reduction;
  });
};
