import type { BlackoutTransaction } from './blackout/context.ts';
import { observeBlackouts, readConcerned } from './blackout/on-observed.ts';
import { readJudged, resolveObserved } from './control/resolve.ts';
import type { ObservationResult } from './observe/observation-result.ts';

/** Resolves commands and blackouts from what was observed, in its transaction; the reads by which it is judged are sent together. */
export const judgeObserved = async (
  transaction: BlackoutTransaction,
  observed: ObservationResult,
  awaitedAgents: ReadonlySet<string>,
): Promise<void> => {
  const [commands, concerned] = await Promise.all([
    readJudged(transaction.operations, observed, awaitedAgents),
    readConcerned(transaction, observed),
  ]);
  await resolveObserved(transaction, observed, commands);
  if (concerned !== null) await observeBlackouts(transaction, observed, concerned);
};
