/** Sends every NATIVE blackout in force again after an outage of the recorder, which may have lost them. */

import type { Blackout } from '../model/entities.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { ObservationBatch } from '../model/observation.ts';
import { openOwnCommand, openStartsOf } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { changeBlackout } from './write.ts';

interface ListContact {
  /** When the complete list last named somebody, epoch ms. */
  filledAtMs: number;
  isEmpty: boolean;
}

/**
 * Answers since when a source was away whose complete list was empty after a filled one and names agents again; else null. `contactMs` is the
 * last contact before the batch, when an earlier server may have seen the list filled.
 */
export type ListWatch = (source: string, batch: ObservationBatch, contactMs: number) => number | null;

export const createListWatch = (): ListWatch => {
  const lists = new Map<string, ListContact>();
  return (source, batch, contactMs) => {
    const { asOfMs, complete, unchanged } = batch;
    const known = lists.get(source);
    if (!complete) return null;
    const isEmpty = unchanged && known ? known.isEmpty : !batch.observations.some(({ type }) => type === 'agent');
    if (isEmpty) {
      lists.set(source, { filledAtMs: known?.filledAtMs ?? contactMs, isEmpty });
      return null;
    }
    lists.set(source, { filledAtMs: asOfMs, isEmpty });
    return known?.isEmpty ? known.filledAtMs : null;
  };
};

/** Returns true if another server, or another sign of the same outage, has had it sent again already. */
const isNoted = ({ warnings }: Blackout, sinceMs: number): boolean =>
  warnings.some(({ warning, at }) => warning === 'MASK_LOST' && epochMs(at) >= sinceMs);

/** `lastContactMs` is the time of the last contact with the source before the outage. */
export const resendAfterOutage = async (context: BlackoutContext, source: string, lastContactMs: number): Promise<void> => {
  const sinceMs = Math.min(lastContactMs, context.clock.now());
  for (const row of await context.store.blackouts.open([source])) {
    if (row.support !== 'NATIVE' || row.state === 'STOPPING') continue;
    const isInForce = row.state === 'ACTIVE';
    await changeBlackout(context, { ...row, warning: isInForce ? 'MASK_LOST' : undefined }, async (transaction, before) => {
      if (before.state !== row.state || isNoted(before, sinceMs)) return null;
      // The vendor has not taken this start yet, so that it had nothing to lose; of one in force, only the renewal is on its way.
      if (!isInForce && before.confirmation === 'PENDING') return null;
      const waiting = await openStartsOf(transaction.operations, row.id);
      if (waiting.length === 0) await openOwnCommand(transaction, row, { operation: 'START_BLACKOUT', because: 'MASK_LOST' });
      const startsAt = instant(Math.max(sinceMs, epochMs(before.startsAt)));
      return {
        confirmation: 'PENDING',
        acceptedAt: null,
        ...(isInForce ? { unmasked: [...(before.unmasked ?? []), { startsAt, endsAt: null }] } : {}),
      };
    });
    context.retries.now(row.id);
  }
};
