import { type Observation, sameJson } from '../kit/index.ts';
import { recordedCallObservation, recordingObservation, type Segment } from './segments.ts';

/** The most recordings that are kept; an older one that is listed again is only reported again. */
const maxEntries = 50_000;

export interface ReportedSegments {
  /** The segments that are new or differ from what was reported. */
  changed(segments: readonly Segment[]): readonly Segment[];
  /** Recordings and their calls. A call is shown with every recording of it that is known, whosever list showed them. */
  observations(segments: readonly Segment[]): readonly Observation[];
  /** The recordings alone. */
  recordings(segments: readonly Segment[]): readonly Observation[];
  /** Notes that these were reported. */
  add(segments: readonly Segment[]): void;
  /** A download that found no file, or found it after all. */
  setAbsent(recording: string, absent: boolean): void;
}

/** Keeps the recordings that lists have shown, since each poll shows the trailing window again. */
export const createReportedSegments = (): ReportedSegments => {
  const ofCalls = new Map<string, Map<string, Segment>>();
  const absent = new Set<string>();
  let size = 0;

  const byCall = (segments: readonly Segment[]): readonly Segment[][] => {
    const calls = new Map<string, Map<string, Segment>>();
    for (const segment of segments) {
      const call = calls.get(segment.call) ?? new Map(ofCalls.get(segment.call));
      calls.set(segment.call, call.set(segment.externalId, segment));
    }
    return [...calls.values()].map((call) => [...call.values()]);
  };

  const recordings = (segments: readonly Segment[]): readonly Observation[] =>
    segments.map((segment) => recordingObservation(segment, absent.has(segment.externalId)));

  return {
    recordings,
    changed: (segments) => segments.filter((segment) => !sameJson(ofCalls.get(segment.call)?.get(segment.externalId), segment)),
    observations: (segments) => [...byCall(segments).map(recordedCallObservation), ...recordings(segments)],
    add: (segments) => {
      for (const segment of segments) {
        const call = ofCalls.get(segment.call) ?? new Map<string, Segment>();
        if (!call.has(segment.externalId)) size += 1;
        ofCalls.set(segment.call, call.set(segment.externalId, segment));
      }
      for (const [call, ofCall] of ofCalls) {
        if (size <= maxEntries) break;
        ofCalls.delete(call);
        size -= ofCall.size;
      }
    },
    setAbsent: (recording, isAbsent) => {
      if (isAbsent) absent.add(recording);
      else absent.delete(recording);
    },
  };
};
