import type { Call } from '../model/entities.ts';
import { serverActor } from '../model/principal.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { BlackoutTransaction } from './context.ts';
import { sameExposures, unnoted } from './exposures.ts';
import { nowOf } from './row.ts';
import { withExposures } from './stored-exposures.ts';
import { writeBlackout } from './write.ts';

/** Computes the exposures of finished blackouts anew where the vendor reports better times of their recordings, which were made in `calls`. */
export const changeEnded = async (transaction: BlackoutTransaction, observed: ObservationResult, calls: readonly Call[]): Promise<void> => {
  const { operations } = transaction;
  const timed = observed.recordings.filter(({ agent, startedAt }) => agent !== null && startedAt !== null);
  if (timed.length === 0) return;
  const agentsOf = new Map(calls.map(({ externalId, agents }) => [externalId, agents]));
  const spans = timed.flatMap(({ source, agent, call, startedAt, endedAt }) =>
    [...new Set([agent!, ...(agentsOf.get(call ?? '') ?? [])])].map((externalId) => ({
      agent: { source, externalId },
      from: startedAt!,
      to: endedAt,
    })),
  );
  const ended = new Map((await operations.blackouts.overlapping(spans)).flat().map((row) => [row.id, row]));
  for (const row of ended.values()) {
    if (row.state !== 'ENDED') continue;
    const at = nowOf(transaction);
    const own = timed.filter(({ agent }) => agent === row.agent);
    const ran = [...(row.ran ?? []), ...unnoted(row, own)];
    const { row: after } = await withExposures(operations, { ...row, ran }, { at });
    if (sameExposures(after.exposures, row.exposures)) continue;
    await writeBlackout(transaction, { before: row, patch: { ran } }, { at, actor: serverActor });
  }
};
