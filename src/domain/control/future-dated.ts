/** Corrects rows that were written while the clock was ahead. */
import type { ControlCommand } from '../model/entities.ts';
import { instant, isFutureDated } from '../model/instant.ts';

/** The command as if what lies ahead had happened now; null where nothing is to be changed. */
export const commandDatedBack = (row: ControlCommand, nowMs: number): ControlCommand | null => {
  const isRequestedAhead = isFutureDated(row.requestedAt, nowMs);
  const isAcceptedAhead = isFutureDated(row.acceptedAt, nowMs);
  if (!isRequestedAhead && !isAcceptedAhead) return null;
  const now = instant(nowMs);
  return { ...row, requestedAt: isRequestedAhead ? now : row.requestedAt, acceptedAt: isAcceptedAhead ? now : row.acceptedAt };
};
