import type { Blackout, Interval } from '../model/entities.ts';
import { epochMs, instant } from '../model/instant.ts';

/** More than the clocks of several servers differ by. */
const toleranceMs = 5000;

/**
 * Dates a blackout back that is in force since a moment yet to come: the clock was ahead when it began and has been set right since. It
 * keeps its length, so that its deadline is not late by what the clock was wrong. Null where nothing is to be changed.
 */
export const datedBack = (row: Blackout, nowMs: number): Partial<Blackout> | null => {
  if (row.state === 'SCHEDULED') return null;
  const aheadMs = epochMs(row.startsAt) - nowMs;
  if (aheadMs <= toleranceMs) return null;
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
    ...(row.overheard ? { overheard: row.overheard.map(backAll) } : {}),
    ...(row.sentAt ? { sentAt: back(row.sentAt) } : {}),
    ...(row.acceptedAt ? { acceptedAt: back(row.acceptedAt) } : {}),
  };
};
