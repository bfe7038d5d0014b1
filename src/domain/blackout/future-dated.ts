/** Blackouts that were written by a clock which was ahead and has been set right since. */
import type { Blackout, Interval } from '../model/entities.ts';
import { epochMs, instant, isFutureDated } from '../model/instant.ts';

/** All of a blackout that is in force since a moment yet to come, as much earlier, so that it keeps its length. */
const shifted = (row: Blackout, nowMs: number): Partial<Blackout> => {
  const aheadMs = epochMs(row.startsAt) - nowMs;
  const back = (at: string) => instant(epochMs(at) - aheadMs);
  const backAll = <T extends Interval>(one: T): T => ({
    ...one,
    startsAt: back(one.startsAt),
    endsAt: one.endsAt === null ? null : back(one.endsAt),
  });
  return {
    startsAt: instant(nowMs),
    deadline: back(row.deadline),
    stopsAt: row.stopsAt === null ? null : back(row.stopsAt),
    exposures: row.exposures.map(backAll),
    ...(row.unmasked ? { unmasked: row.unmasked.map(backAll) } : {}),
    ...(row.inCalls ? { inCalls: row.inCalls.map(backAll) } : {}),
    ...(row.sentAt ? { sentAt: back(row.sentAt) } : {}),
    ...(row.acceptedAt ? { acceptedAt: back(row.acceptedAt) } : {}),
  };
};

/** Moves the times of a blackout that lie in the future back to now, and the deadline of a renewed one by as much. */
const clamped = (row: Blackout, nowMs: number): Partial<Blackout> => {
  const now = instant(nowMs);
  const { sentAt, acceptedAt, stopsAt, deadline, state } = row;
  const isSentAhead = isFutureDated(sentAt, nowMs);
  return {
    ...(isSentAhead ? { sentAt: now, deadline: instant(epochMs(deadline) - (epochMs(sentAt) - nowMs)) } : {}),
    ...(isFutureDated(acceptedAt, nowMs) ? { acceptedAt: now } : {}),
    ...(state === 'STOPPING' && isFutureDated(stopsAt, nowMs) ? { stopsAt: now } : {}),
  };
};

/** Returns the changes to an open blackout whose past lies in the future; null for none. */
export const datedBack = (row: Blackout, nowMs: number): Partial<Blackout> | null => {
  // One that is stopped before its start was never in force, and its start may lie ahead.
  const isInForce = row.state === 'ACTIVE' || (row.state === 'STOPPING' && isFutureDated(row.requestedAt, nowMs));
  const isInForceAhead = isInForce && isFutureDated(row.startsAt, nowMs);
  const isWarnedAhead = row.warnings.some(({ at }) => isFutureDated(at, nowMs));
  const patch: Partial<Blackout> = {
    ...(isInForceAhead ? shifted(row, nowMs) : clamped(row, nowMs)),
    ...(isFutureDated(row.requestedAt, nowMs) ? { requestedAt: instant(nowMs) } : {}),
    ...(isWarnedAhead
      ? { warnings: row.warnings.map((one) => (isFutureDated(one.at, nowMs) ? { ...one, at: instant(nowMs) } : one)) }
      : {}),
  };
  return Object.keys(patch).length === 0 ? null : patch;
};
