/** Starts an open blackout over, or renews it: it is in force from now on. */
import { problemData } from '../control/problems.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import { resolveStops } from './commands.ts';
import type { BlackoutTransaction } from './context.ts';
import { busy } from './request.ts';
import { move, nowOf } from './row.ts';
import { writeBlackout } from './write.ts';

/** Calls off the stop of a row that is STOPPING, which the vendor has not accepted. */
const callOffStop = async (transaction: BlackoutTransaction, row: Blackout, correlationId: string): Promise<void> => {
  if (row.state !== 'STOPPING') return;
  const calledOff = new ExpectedError('CONFLICT', `Blackout ${row.id} was started again before the vendor accepted this stop.`);
  const problem = problemData(calledOff, correlationId);
  await resolveStops(transaction, row.id, { status: 'FAILED', problem });
};

/** Since when a row that is STOPPING may be unmasked: its stop may have landed although the vendor did not say so. */
const unmaskedSince = ({ endedBy, stopsAt, deadline, startsAt }: Blackout, now: Instant): Instant => {
  const since = endedBy === null ? startsAt : endedBy === 'DEADLINE' ? deadline : (stopsAt ?? now);
  return epochMs(since) < epochMs(now) ? since : now;
};

/** Returns an open row as it is when it is in force from now on. */
const startedOver = (row: Blackout, now: Instant, deadline: Instant): Partial<Blackout> => {
  const isAhead = row.state !== 'ACTIVE' && epochMs(row.startsAt) > epochMs(now);
  return {
    ...(isAhead ? { startsAt: now, ...(row.support === 'NATIVE' ? { heldStartAt: row.startsAt } : {}) } : {}),
    ...(row.state === 'SCHEDULED' ? { confirmation: 'PENDING' as const } : {}),
    ...(row.state === 'STOPPING'
      ? {
          ...move(row, 'restart'),
          stopsAt: null,
          endedBy: null,
          confirmation: 'PENDING' as const,
          acceptedAt: null,
          ...(row.support === 'NATIVE' ? { unmasked: [...(row.unmasked ?? []), { startsAt: unmaskedSince(row, now), endsAt: null }] } : {}),
        }
      : {}),
    sentAt: now,
    deadline,
  };
};

/** Writes the row as it is from now on. Throws CONFLICT, and nothing is written, where another server has changed it meanwhile. */
export const startOver = async (
  transaction: BlackoutTransaction,
  row: Blackout,
  { deadline, requestedBy, correlationId }: { deadline: Instant; requestedBy: string; correlationId: string },
): Promise<Blackout> => {
  const at = nowOf(transaction);
  await callOffStop(transaction, row, correlationId);
  const patch = startedOver(row, at, deadline);
  const written = await writeBlackout(transaction, { before: row, patch }, { at, actor: requestedBy });
  if (written === null) throw busy(row.source);
  return written;
};
