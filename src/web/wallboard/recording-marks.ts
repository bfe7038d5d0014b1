import type { AgentRecordingsQuery } from '../generated/graphql.ts';
import { clockWords, durationMs } from './duration-words.ts';
import { reasonLabels } from './labels.ts';

export type PastRecording = NonNullable<NonNullable<AgentRecordingsQuery['agent']>['recordings']>['nodes'][number];

/** The trace of a blackout in the audio: a silent interval, or a place where the recording was stopped and continued. In milliseconds of the audio. */
export interface RecordingMark {
  kind: 'silence' | 'cut';
  fromMs: number;
  /** Equal to `fromMs` for a cut. */
  toMs: number;
  label: string;
}

/** From the first to the last moment, whatever was cut out in between; 0 where that is not known. */
const spanMs = ({ startedAt, endedAt }: PastRecording, nowMs: number): number =>
  startedAt === null ? 0 : (endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt);

/** How long the audio is; 0 where that is not known. */
export const lengthMs = (recording: PastRecording, nowMs: number): number => {
  const reported = recording.duration === null ? null : durationMs(recording.duration);
  return reported ?? spanMs(recording, nowMs);
};

const secondsText = (ms: number): string => (ms < 60_000 ? `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s` : clockWords(ms));

/** The vendors' times and a file's length differ by less than this without anything having been cut out. */
const toleranceMs = 1_000;

/**
 * A recorder that masks leaves silence where the blackout was. One whose blackout is a stop and a start leaves nothing, and the rest
 * lies earlier in the file by as much as was cut out.
 */
export const marksOf = (recording: PastRecording, nowMs: number): RecordingMark[] => {
  const wholeMs = lengthMs(recording, nowMs);
  const missingMs = recording.duration === null ? Number.POSITIVE_INFINITY : spanMs(recording, nowMs) - wholeMs;
  let cutMs = 0;
  return recording.blackouts
    .map((interval) => {
      const offsetMs = Math.max(0, durationMs(interval.offset) ?? 0);
      const endMs =
        interval.endsAt === null ? spanMs(recording, nowMs) : offsetMs + Date.parse(interval.endsAt) - Date.parse(interval.startsAt);
      return { blackout: interval.blackout, offsetMs, endMs: Math.max(offsetMs, endMs) };
    })
    .sort((a, b) => a.offsetMs - b.offsetMs)
    .flatMap(({ blackout, offsetMs, endMs }): RecordingMark[] => {
      const reason = reasonLabels[blackout.reason];
      const fromMs = Math.min(wholeMs, Math.max(0, offsetMs - cutMs));
      const couldCutMs = Math.min(endMs - offsetMs, Math.max(0, missingMs - cutMs));
      if (blackout.support !== 'EMULATED' || couldCutMs < toleranceMs) {
        const toMs = Math.min(wholeMs, Math.max(fromMs, endMs - cutMs));
        return [{ kind: 'silence', fromMs, toMs, label: `Blackout: ${reason} from ${clockWords(fromMs)} to ${clockWords(toMs)}` }];
      }
      cutMs += couldCutMs;
      const cut: RecordingMark = {
        kind: 'cut',
        fromMs,
        toMs: fromMs,
        label: `Cut at ${clockWords(fromMs)}: ${secondsText(couldCutMs)} not recorded (${reason})`,
      };
      const recordedMs = endMs - offsetMs - couldCutMs;
      if (recordedMs < toleranceMs) return [cut];
      // The part that was recorded although a blackout was in force; the server silences it for most callers.
      const toMs = Math.min(wholeMs, fromMs + recordedMs);
      return [
        cut,
        { kind: 'silence', fromMs, toMs, label: `Recorded during the blackout from ${clockWords(fromMs)} to ${clockWords(toMs)}` },
      ];
    });
};
