/** The table of times: a time given wins, else the offset from receipt, else receipt. */

import type { Instant } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';

export interface GivenTime {
  at: Instant | null;
  offsetMs: number | null;
}

/** A time as it is understood: by its value, and an offset only where no time is given; none means now. */
export const understoodTime = (at: Instant | null | undefined, offsetMs: number | null | undefined) =>
  at == null ? { offsetMs: offsetMs ?? 0 } : { atMs: epochMs(at) };

/** A request that waits longer than this before it is sent names the moment that was meant: the vendor would count an offset from then. */
const waitMs = 500;

/** A time of a request that came at `receiptMs`, and the moment that it means; epoch ms. */
interface MeantTime {
  given: GivenTime;
  receiptMs: number;
  effectiveMs: number;
}

/** The time to send at `nowMs`; none where an offset has passed meanwhile. */
export const timeToSend = ({ given, receiptMs, effectiveMs }: MeantTime, nowMs: number): GivenTime => {
  if (given.at !== null || given.offsetMs === null || nowMs - receiptMs < waitMs) return given;
  const hasPassed = given.offsetMs > 0 && effectiveMs <= nowMs;
  return { at: hasPassed ? null : instant(effectiveMs), offsetMs: null };
};

const maxAheadMs = 366 * 86_400_000;

const invalid = (message: string) => new ExpectedError('INVALID_INPUT', message);

interface Receipt {
  receiptMs: number;
  /** How far in the past a time may lie. */
  clockSkewMs: number;
}

/** Epoch ms; `names` are the two arguments' names. Throws INVALID_INPUT for a time past the skew or absurdly far ahead. */
export const effectiveMs = (given: GivenTime, { receiptMs, clockSkewMs }: Receipt, names: { at: string; offset: string }): number => {
  const name = given.at !== null ? names.at : names.offset;
  const timeMs = given.at !== null ? epochMs(given.at) : receiptMs + (given.offsetMs ?? 0);
  if (!Number.isFinite(timeMs)) throw invalid(`${name} is not a time; use a format such as 2026-01-31T09:30:00Z.`);
  if (timeMs < receiptMs - clockSkewMs) {
    throw invalid(
      `${name} is ${Math.ceil((receiptMs - timeMs) / 1000)} s in the past; at most ${clockSkewMs / 1000} s are accepted, because a blackout cannot change what is already recorded.`,
    );
  }
  if (timeMs > receiptMs + maxAheadMs) throw invalid(`${name} is more than 366 days in the future; use an earlier time.`);
  return timeMs;
};

interface Duration {
  startsAtMs: number;
  receiptMs: number;
  /** The requested one. */
  maxDurationMs: number | null;
  /** The source's. */
  maxMs: number;
}

/** Returns the deadline: the source's maximum, or the shorter requested duration. */
export const deadlineMs = ({ startsAtMs, receiptMs, maxDurationMs, maxMs }: Duration): number => {
  if (maxDurationMs !== null && !(maxDurationMs > 0)) throw invalid('maxDuration must be positive, such as PT2M.');
  const endMs = startsAtMs + Math.min(maxDurationMs ?? maxMs, maxMs);
  if (endMs > receiptMs) return endMs;
  throw invalid('The blackout would end before its start: the start is further in the past than maxDuration.');
};
