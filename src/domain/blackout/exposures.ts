/** When something ran that could hold what a blacked-out agent said or showed, by the recordings' own times. Pure. */

import type { Blackout, Exposure, Instant, Interval, Recording } from '../model/entities.ts';
import { liveRecordingStates, type RecordingKind } from '../model/enums.ts';
import { epochMs, epochMsOrNull, instant } from '../model/instant.ts';

/** A mask that takes effect within this time counts as taken at once: clocks and delays differ by as much. */
export const promptMs = 500;

const kindsThatHold: ReadonlySet<RecordingKind> = new Set(['AUDIO', 'SCREEN', 'VIDEO']);

/** The recordings that run and could hold what is said or shown: those that can be stopped, and video, which cannot. */
export const maskable = (live: readonly Recording[]): readonly Recording[] =>
  live.filter((one) => liveRecordingStates.includes(one.state) && kindsThatHold.has(one.kind));

/** Returns true if a row's note names this recording, by its present id or its former one. */
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

/** Earliest first; none of a blackout that was never in force. `recordings` are those that `ran` names, and those of `callsOf`. */
export const exposuresOf = (blackout: Blackout, recordings: readonly Recording[]): readonly Exposure[] => {
  if (blackout.state === 'FAILED') return [];
  if (blackout.state === 'SCHEDULED' && blackout.confirmation === 'PENDING') return blackout.exposures;
  const wanted: Span = { fromMs: epochMs(blackout.startsAt), toMs: wantedUntilMs(blackout) };
  const within = (spans: readonly Span[], recording: Recording): readonly Span[] =>
    spans.flatMap((span) => overlap(span, wanted)).flatMap((span) => segmentsOf(recording).flatMap((one) => overlap(one, span)));
  const unmasked = blackout.support === 'NATIVE' ? (blackout.unmasked ?? []).map(spanOf) : [wanted];
  /** Returns true if it is longer than a stop takes at the beginning, and than the recording's times may be off at the end. */
  const isCertain = ({ startsAt, endsAt }: Exposure, { timesOffByMs = 0 }: Recording): boolean => {
    if (endsAt === null) return true;
    const lengthMs = epochMs(endsAt) - epochMs(startsAt);
    return (startsAt !== blackout.startsAt || lengthMs >= promptMs) && (epochMs(endsAt) !== wanted.toMs || lengthMs >= timesOffByMs);
  };
  const inCalls = callIntervalsOf(blackout, recordings);
  return recordings
    .filter(({ kind, state }) => kindsThatHold.has(kind) && state !== 'FAILED')
    .flatMap((recording) => {
      const isOwn = recording.agent === blackout.agent;
      // Of another agent's recording whose end is not known, only the start is.
      if (!isOwn && recording.endedAt === null && !liveRecordingStates.includes(recording.state)) return [];
      const spans = isOwn ? unmasked : inCalls.filter(({ call }) => call === recording.call).map(spanOf);
      return exposed(recording.externalId, within(spans, recording)).filter((one) => isCertain(one, recording));
    })
    .sort((left, right) => epochMs(left.startsAt) - epochMs(right.startsAt));
};

/** When the agent was in which call: as it was shown, and while a recording of its own was being written there. */
const callIntervalsOf = ({ agent, inCalls = [] }: Blackout, recordings: readonly Recording[]): readonly (Interval & { call: string })[] => [
  ...inCalls,
  ...recordings
    .filter((one) => one.agent === agent)
    .flatMap((one) =>
      one.call === null
        ? []
        : (one.segments ?? (one.startedAt === null ? [] : [{ startsAt: one.startedAt, endsAt: one.endedAt }])).map((span) => ({
            ...span,
            call: one.call!,
          })),
    ),
];

/** The calls in which something may have held what the agent said. */
export const callsOf = (blackout: Blackout, own: readonly Recording[]): readonly string[] => [
  ...new Set([...(blackout.inCalls ?? []), ...own].flatMap(({ call }) => call ?? [])),
];

/** Returns the ids of those recordings of a row's agent that the row does not note yet, each once. */
export const unnoted = ({ ran = [] }: Blackout, recordings: readonly Recording[]): readonly string[] => [
  ...new Set(recordings.filter((one) => !ran.some((noted) => namesRecording(noted, one))).map(({ externalId }) => externalId)),
];

/**
 * Returns the agent's calls with the one that it is in now, which is null for none; null where the row notes them so already. `from` is since when
 * the agent may be in a new call.
 */
export const withCall = (
  { inCalls = [] }: Blackout,
  call: string | null,
  { from, at }: { from: Instant; at: Instant },
): NonNullable<Blackout['inCalls']> | null => {
  const last = inCalls.at(-1);
  const isOpen = last !== undefined && last.endsAt === null;
  if (call === null ? !isOpen : isOpen && last.call === call) return null;
  const closed = isOpen ? inCalls.with(-1, { ...last, endsAt: at }) : inCalls;
  if (call === null) return closed;
  const leftAt = closed.findLast((one) => one.call === call)?.endsAt ?? from;
  return [...closed, { call, startsAt: epochMs(leftAt) > epochMs(from) ? leftAt : from, endsAt: null }];
};

/** Returns true if it is more than the moment that a stop of one of the agent's own recordings takes. */
const isLonger = ({ startsAt }: Blackout, exposure: Exposure): boolean => exposure.startsAt !== startsAt || exposure.endsAt !== null;

/** Returns true if `after` has more alarming exposures of some recording than `before`; better times of a known one do not count. */
export const isNewlyExposed = (
  { before, after }: { before: Blackout; after: Blackout },
  recordings: readonly Recording[],
  isStoppable: (recording: Recording) => boolean,
): boolean => {
  const alarms = (row: Blackout, recording: Recording): number => {
    const exposures = row.exposures.filter((one) => namesRecording(one.recording, recording));
    const isStopped = recording.agent === row.agent && isStoppable(recording);
    return (isStopped ? exposures.filter((one) => isLonger(row, one)) : exposures).length;
  };
  return recordings.some((recording) => alarms(after, recording) > alarms(before, recording));
};

export const sameExposures = (left: readonly Exposure[], right: readonly Exposure[]): boolean =>
  left.length === right.length &&
  left.every((one, index) => {
    const other = right[index]!;
    return one.recording === other.recording && one.startsAt === other.startsAt && one.endsAt === other.endsAt;
  });
