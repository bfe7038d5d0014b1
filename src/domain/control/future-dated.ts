/** Corrects rows that were written while the clock was ahead. */
import type { ControlCommand, Instant } from '../model/entities.ts';
import { epochMs, instant } from '../model/instant.ts';

/** More than the clocks of several servers differ by. */
export const clocksApartMs = 5000;

/** Returns true if it lies further ahead than the clocks of several servers differ: such a thing cannot have happened yet. */
export const isFutureDated = (at: Instant | null | undefined, nowMs: number): at is Instant =>
  at != null && epochMs(at) - nowMs > clocksApartMs;

/** The command as if what lies ahead had happened now; null where nothing is to be changed. */
export const commandDatedBack = (row: ControlCommand, nowMs: number): ControlCommand | null => {
  const isRequestedAhead = isFutureDated(row.requestedAt, nowMs);
  const isAcceptedAhead = isFutureDated(row.acceptedAt, nowMs);
  if (!isRequestedAhead && !isAcceptedAhead) return null;
  const now = instant(nowMs);
  return { ...row, ...(isRequestedAhead ? { requestedAt: now } : {}), ...(isAcceptedAhead ? { acceptedAt: now } : {}) };
};
