/** When something ran that could hold what a blacked-out agent said or showed, by the recordings' own times. Pure. */

import type { Blackout, Exposure, Instant, Interval, Recording } from '../model/entities.ts';
import { liveRecordingStates, type RecordingKind } from '../model/enums.ts';
import { epochMs, epochMsOrNull, instant } from '../model/instant.ts';

/** A mask that takes effect within this time counts as taken at once: clocks and lines tell no less apart. */
export const promptMs = 500;

const kindsThatHold: ReadonlySet<RecordingKind> = new Set(['AUDIO', 'SCREEN', 'VIDEO']);

/** The recordings that run and could hold what is said or shown: those that can be stopped, and video, which cannot. */
export const maskable = (live: readonly Recording[]): readonly Recording[] =>
  live.filter((one) => liveRecordingStates.includes(one.state) && kindsThatHold.has(one.kind));

/** Whether a row's note names this recording, by its present id or its former one. */
export const namesRecording = (noted: string | null, recording: Recording): boolean =>
  noted !== null && (noted === recording.externalId || noted === recording.formerId);

interface Span {
  fromMs: number;
  toMs: number;
}

const never = Number.POSITIVE_INFINITY;

const spanOf = ({ startsAt, endsAt }: Interval): Span => ({ fromMs: epochMs(startsAt), toMs: epochMsOrNull(endsAt) ?? never });

/** When the recording was being written; the last segment ends with it. */
const segmentsOf = (recording: Recording): readonly Span[] => {
  const isLive = liveRecordingStates.includes(recording.state);
  const endMs = isLive ? never : (epochMsOrNull(recording.endedAt) ?? never);
  const segments = recording.segments ?? [];
  if (segments.length === 0) return [{ fromMs: epochMsOrNull(recording.startedAt) ?? Number.NEGATIVE_INFINITY, toMs: endMs }];
  return segments.map(spanOf).map((one) => ({ ...one, toMs: Math.min(one.toMs, endMs) }));
};

const overlap = (left: Span, right: Span): readonly Span[] => {
  const span = { fromMs: Math.max(left.fromMs, right.fromMs), toMs: Math.min(left.toMs, right.toMs) };
  return span.fromMs < span.toMs ? [span] : [];
};

/** Until when the blackout was wanted: what a stop lets run again is no exposure. */
const wantedUntilMs = ({ endedBy, endedAt, stopsAt, deadline }: Blackout): number => {
  const stopMs =
    endedBy === 'DEADLINE' ? epochMs(deadline) : endedBy === 'VENDOR' ? null : endedBy === null ? null : epochMsOrNull(stopsAt);
  return Math.min(stopMs ?? never, epochMsOrNull(endedAt) ?? never);
};

const merged = (spans: readonly Span[]): readonly Span[] => {
  const result: Span[] = [];
  for (const span of spans.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = result.at(-1);
    if (last && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else result.push({ ...span });
  }
  return result;
};

const exposed = (recording: string, spans: readonly Span[]): readonly Exposure[] =>
  merged(spans).map(({ fromMs, toMs }) => ({ recording, startsAt: instant(fromMs), endsAt: toMs === never ? null : instant(toMs) }));

/** Earliest first; none of a blackout that was never in force. `recordings` are those that `recordingsOf` names. */
export const exposuresOf = (blackout: Blackout, recordings: readonly Recording[]): readonly Exposure[] => {
  if (blackout.state === 'FAILED') return [];
  if (blackout.state === 'SCHEDULED' && blackout.confirmation === 'PENDING') return blackout.exposures;
  const wanted: Span = { fromMs: epochMs(blackout.startsAt), toMs: wantedUntilMs(blackout) };
  const within = (spans: readonly Span[], recording: Recording): readonly Span[] =>
    spans.flatMap((span) => overlap(span, wanted)).flatMap((span) => segmentsOf(recording).flatMap((one) => overlap(one, span)));
  const unmasked = blackout.support === 'NATIVE' ? (blackout.unmasked ?? []).map(spanOf) : [wanted];
  /** Whether it is longer than a stop takes at the beginning, and than the recording's times may be off at the end. */
  const isCertain = ({ startsAt, endsAt }: Exposure, { timesOffByMs = 0 }: Recording): boolean => {
    if (endsAt === null) return true;
    const lengthMs = epochMs(endsAt) - epochMs(startsAt);
    return (startsAt !== blackout.startsAt || lengthMs >= promptMs) && (epochMs(endsAt) !== wanted.toMs || lengthMs >= timesOffByMs);
  };
  return recordings
    .filter(({ kind, state }) => kindsThatHold.has(kind) && state !== 'FAILED')
    .flatMap((recording) => {
      const others = (blackout.overheard ?? []).filter((one) => namesRecording(one.recording, recording)).map(spanOf);
      const spans = within(recording.agent === blackout.agent ? [...unmasked, ...others] : others, recording);
      return exposed(recording.externalId, spans).filter((one) => isCertain(one, recording));
    })
    .sort((left, right) => epochMs(left.startsAt) - epochMs(right.startsAt));
};

/** External ids of the recordings that the exposures depend on. */
export const recordingsOf = ({ ran = [], overheard = [] }: Blackout): readonly string[] => [
  ...new Set([...ran, ...overheard.map(({ recording }) => recording)]),
];

/** The row with these recordings of its agent noted. */
export const withRan = ({ ran = [] }: Blackout, recordings: readonly Recording[]): readonly string[] => {
  const more = recordings.filter((one) => !ran.some((noted) => namesRecording(noted, one)));
  return more.length === 0 ? ran : [...ran, ...more.map(({ externalId }) => externalId)];
};

/** What other recordings of the call hold from now on, or do not hold any more. `from` is since when a new one could. */
export const withOverheard = (
  { overheard = [] }: Blackout,
  running: readonly Recording[],
  from: Instant,
  at: Instant,
): NonNullable<Blackout['overheard']> => {
  const kept = overheard.map((one) =>
    one.endsAt === null && !running.some((recording) => namesRecording(one.recording, recording)) ? { ...one, endsAt: at } : one,
  );
  const more = running.filter((one) => !kept.some(({ recording, endsAt }) => endsAt === null && namesRecording(recording, one)));
  return more.length === 0 && kept.every((one, index) => one === overheard[index])
    ? overheard
    : [...kept, ...more.map(({ externalId }) => ({ recording: externalId, startsAt: from, endsAt: null }))];
};

/** Whether it is more than the moment that a stop takes. */
const isAlarming = (blackout: Blackout, recordings: readonly Recording[], { recording: id, startsAt, endsAt }: Exposure): boolean => {
  const recording = recordings.find((one) => namesRecording(id, one));
  if (recording === undefined || recording.agent !== blackout.agent || recording.kind === 'VIDEO') return true;
  return startsAt !== blackout.startsAt || endsAt !== null;
};

/** Whether `after` tells of more alarming exposures of some recording than `before` did; better times of a known one are no news. */
export const isNewlyExposed = (before: Blackout, after: Blackout, recordings: readonly Recording[]): boolean => {
  const alarms = (row: Blackout, recording: Recording) =>
    row.exposures.filter((one) => namesRecording(one.recording, recording) && isAlarming(row, recordings, one)).length;
  return recordings.some((recording) => alarms(after, recording) > alarms(before, recording));
};

export const sameExposures = (left: readonly Exposure[], right: readonly Exposure[]): boolean =>
  left.length === right.length &&
  left.every((one, index) => {
    const other = right[index]!;
    return one.recording === other.recording && one.startsAt === other.startsAt && one.endsAt === other.endsAt;
  });
