import type { Blackout, Call, Recording } from '../model/entities.ts';
import { serverActor } from '../model/principal.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { BlackoutTransaction } from './context.ts';
import { sameExposures, unnoted } from './exposures.ts';
import { nowOf } from './row.ts';
import { withExposures } from './stored-exposures.ts';
import { writeLocked } from './write.ts';

/** The recordings whose times the vendor reports. */
export const timedRecordings = ({ recordings }: ObservationResult): readonly Recording[] =>
  recordings.filter(({ agent, startedAt }) => agent !== null && startedAt !== null);

/** Reads the blackouts that such recordings, which were made in `calls`, overlap. */
export const readOverlapping = async (
  operations: StoreOperations,
  timed: readonly Recording[],
  calls: readonly Call[],
): Promise<readonly Blackout[]> => {
  if (timed.length === 0) return [];
  const agentsOf = new Map(calls.map(({ externalId, agents }) => [externalId, agents]));
  const spans = timed.flatMap(({ source, agent, call, startedAt, endedAt }) =>
    [...new Set([agent!, ...(agentsOf.get(call ?? '') ?? [])])].map((externalId) => ({
      agent: { source, externalId },
      from: startedAt!,
      to: endedAt,
    })),
  );
  const rows = (await operations.blackouts.overlapping(spans)).flat();
  return [...new Map(rows.map((row) => [row.id, row])).values()];
};

/**
 * Computes the exposures of those of `overlapping` anew that are over: the vendor reports better times of their recordings. Locks them first, since
 * another transaction may end them, or change them because of other recordings.
 */
export const changeEnded = async (
  transaction: BlackoutTransaction,
  timed: readonly Recording[],
  overlapping: readonly Blackout[],
): Promise<void> => {
  const { operations } = transaction;
  for (const row of await operations.blackouts.byIds(overlapping.map(({ id }) => id))) {
    if (row?.state !== 'ENDED') continue;
    const at = nowOf(transaction);
    const own = timed.filter(({ agent }) => agent === row.agent);
    const ran = [...(row.ran ?? []), ...unnoted(row, own)];
    const { row: after } = await withExposures(operations, { ...row, ran }, { at });
    if (sameExposures(after.exposures, row.exposures)) continue;
    await writeLocked(transaction, { before: row, patch: { ran } }, { at, actor: serverActor });
  }
};
