/** Which intervals of a recording's audio were recorded although a blackout was in force. Pure. */

import type { Blackout, Instant, Recording } from '../domain/model/entities.ts';
import { epochMs, epochMsOrNull } from '../domain/model/instant.ts';

/** Of the audio, in milliseconds from its first sample; `toMs` is infinite for up to its end. */
export interface Interval {
  fromMs: number;
  toMs: number;
}

type Timed = Pick<Recording, 'externalId' | 'formerId' | 'startedAt' | 'endedAt' | 'durationMs' | 'timesOffByMs'>;

/** An interval of wall-clock time within the recording. */
interface Span extends Interval {
  /** How much of it may be missing from the file, since the vendor had stopped recording. */
  maxPausedMs: number;
}

/** By less than this, two clocks and a file's length may disagree without anything having been paused. */
const toleranceMs = 1000;

const merged = (intervals: readonly Interval[]): readonly Interval[] => {
  const result: Interval[] = [];
  for (const { fromMs, toMs } of [...intervals].sort((left, right) => left.fromMs - right.fromMs)) {
    const last = result.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else if (fromMs < toMs) result.push({ fromMs, toMs });
  }
  return result;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/**
 * The intervals to silence, where the file holds `recordedMs`. An emulated blackout stops the recording and continues it in the same
 * file, so that the file is shorter than the time it spans; how much shorter says how long the vendor really paused, and the rest of the
 * blackout was recorded. Where several blackouts share what was paused, each is taken at its widest. A file that is longer than its times
 * contradicts them by as much, which widens every interval.
 */
const silencesFor = (recording: Timed, blackouts: readonly Blackout[], recordedMs: number | null): readonly Interval[] => {
  const namesIt = ({ recording: named }: { recording: string | null }) =>
    named !== null && (named === recording.externalId || named === recording.formerId);
  const inForce = blackouts.filter(({ state }) => state !== 'SCHEDULED' && state !== 'FAILED');
  const startMs = epochMsOrNull(recording.startedAt);
  if (startMs === null) {
    const exposed = inForce.some(({ exposures }) => exposures.some(namesIt));
    return exposed ? [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }] : [];
  }
  const endMs = epochMsOrNull(recording.endedAt) ?? Number.POSITIVE_INFINITY;
  const surplusMs = recordedMs === null ? 0 : recordedMs - (endMs - startMs);
  const offByMs = (recording.timesOffByMs ?? 0) + (surplusMs > toleranceMs ? surplusMs : 0);
  const within = (from: Instant, to: Instant | null, widenedByMs: number): Interval => ({
    fromMs: Math.max(startMs, epochMs(from) - widenedByMs),
    toMs: Math.min(endMs, (epochMsOrNull(to) ?? Number.POSITIVE_INFINITY) + widenedByMs),
  });
  const lengthOf = ({ fromMs, toMs }: Interval): number => Math.max(0, toMs - fromMs);

  const spans = inForce.flatMap((blackout): Span[] => {
    const exposures = blackout.exposures.filter(namesIt);
    const exposed = (widenedByMs: number) => merged(exposures.map(({ startsAt, endsAt }) => within(startsAt, endsAt, widenedByMs)));
    if (blackout.support !== 'EMULATED') return exposed(offByMs).map((one) => ({ ...one, maxPausedMs: 0 }));
    const span = within(blackout.startsAt, blackout.endedAt, offByMs);
    const totalMs = lengthOf(within(blackout.startsAt, blackout.endedAt, 0));
    const maxPausedMs = Math.max(0, totalMs - sum(exposed(0).map(lengthOf)));
    return span.fromMs < span.toMs ? [{ ...span, maxPausedMs }] : [];
  });
  spans.sort((left, right) => left.fromMs - right.fromMs);

  const couldPauseMs = sum(spans.map(({ maxPausedMs }) => maxPausedMs));
  const missingMs = recordedMs === null || !Number.isFinite(endMs) ? null : Math.max(0, endMs - startMs - recordedMs);
  const pausedMs = missingMs === null ? null : Math.min(missingMs, couldPauseMs);
  // The rest may be missing before any blackout, which then lies so much earlier in the file.
  const besidesMs = missingMs === null || missingMs - couldPauseMs < toleranceMs ? 0 : missingMs - couldPauseMs;

  let couldBeforeMs = 0;
  const intervals: Interval[] = [];
  for (const { fromMs, toMs, maxPausedMs } of spans) {
    const maxBeforeMs = Math.min(couldBeforeMs, pausedMs ?? couldBeforeMs);
    couldBeforeMs += maxPausedMs;
    const leastByItsEndMs = pausedMs === null ? 0 : Math.max(0, pausedMs - (couldPauseMs - couldBeforeMs));
    const from = fromMs - startMs - maxBeforeMs;
    const to = toMs - startMs - leastByItsEndMs;
    // An interval that lasts until the recording's end lasts until the file's, however the two clocks differ.
    if (from < to) intervals.push({ fromMs: Math.max(0, from - besidesMs), toMs: toMs >= endMs ? Number.POSITIVE_INFINITY : to });
  }
  return merged(intervals);
};

/** The intervals to silence. `audioMs` is how long the file is by its bytes; where the vendor says otherwise, both are believed. */
export const silencesOf = (recording: Timed, blackouts: readonly Blackout[], audioMs: number | null): readonly Interval[] => {
  const { durationMs } = recording;
  const silences = silencesFor(recording, blackouts, durationMs ?? audioMs);
  const isContradicted = durationMs !== null && audioMs !== null && Math.abs(durationMs - audioMs) > toleranceMs;
  return isContradicted ? merged([...silences, ...silencesFor(recording, blackouts, audioMs)]) : silences;
};

/** The intervals as samples, from the first that is silent to the first that is not. */
export const inSamples = (intervals: readonly Interval[], sampleRate: number): readonly { from: number; to: number }[] =>
  intervals.map(({ fromMs, toMs }) => ({ from: Math.floor((fromMs * sampleRate) / 1000), to: Math.ceil((toMs * sampleRate) / 1000) }));

const seconds = (ms: number): string => String(Math.round(ms) / 1000);

/** Such as `5-7.25, 12-`, in seconds. */
export const formatIntervals = (intervals: readonly Interval[]): string =>
  intervals.map(({ fromMs, toMs }) => `${seconds(fromMs)}-${Number.isFinite(toMs) ? seconds(toMs) : ''}`).join(', ');
