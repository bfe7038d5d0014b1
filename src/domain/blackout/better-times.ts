import { serverActor } from '../model/principal.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { BlackoutContext } from './context.ts';
import { sameExposures, withRan } from './exposures.ts';
import { nowOf } from './row.ts';
import { withExposures } from './stored-exposures.ts';
import { writeBlackout } from './write.ts';

/** Computes the exposures of finished blackouts anew where the vendor reports better times of their recordings. */
export const changeEnded = async (context: BlackoutContext, operations: StoreOperations, observed: ObservationResult): Promise<void> => {
  const timed = observed.recordings.filter(({ agent, startedAt }) => agent !== null && startedAt !== null);
  if (timed.length === 0) return;
  const calls = await operations.calls.byKeys(timed.map(({ source, call }) => ({ source, externalId: call ?? '' })));
  const spans = timed.flatMap(({ source, agent, startedAt, endedAt }, index) =>
    [...new Set([agent!, ...(calls[index]?.agents ?? [])])].map((externalId) => ({
      agent: { source, externalId },
      from: startedAt!,
      to: endedAt,
    })),
  );
  const ended = new Map((await operations.blackouts.overlapping(spans)).flat().map((row) => [row.id, row]));
  for (const row of ended.values()) {
    if (row.state !== 'ENDED') continue;
    const at = nowOf(context);
    const ran = withRan(
      row,
      timed.filter(({ agent }) => agent === row.agent),
    );
    const { row: after } = await withExposures(operations, { ...row, ran }, { at });
    if (sameExposures(after.exposures, row.exposures)) continue;
    await writeBlackout(context, operations, row, { ran }, { at, actor: serverActor });
  }
};
