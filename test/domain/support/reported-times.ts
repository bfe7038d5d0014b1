/** Reports a recorder's recordings in its own time, which is wrong and drifts, as the vendor kit corrects it. */
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import type { Clock } from '../../../src/domain/ports/clock.ts';
import { createVendorClock } from '../../../src/vendors/kit/index.ts';
import type { Recorder, Taped } from './recorder.ts';

interface ReportedSegment {
  fromMs: number;
  toMs: number | null;
}

export interface ReportedTimes {
  /** Returns what is new of every recording, with its times as they were reported, corrected. */
  observations(): readonly Observation[];
  /** Sets the recorder's clock, which is soon measured again. */
  set(aheadMs: number): void;
}

/** `partsPerMillion` is by how much the recorder's clock runs faster than the test's. */
export const createReportedTimes = (recorder: Recorder, clock: Clock, partsPerMillion: number): ReportedTimes => {
  const kit = createVendorClock(clock);
  const beganMs = clock.now();
  let aheadMs = 0;
  const vendorsMs = (ms: number) => ms + aheadMs + ((ms - beganMs) * partsPerMillion) / 1_000_000;
  /** Each edge is reported once, as an event does, and corrected by what is known of the clock then. */
  const reported = new Map<Taped, ReportedSegment[]>();

  const measure = () => kit.noteEvent(vendorsMs(clock.now()), clock.now());
  const ours = (ms: number) => Math.round(kit.toOurs(vendorsMs(ms)));

  const isNews = (tape: Taped): boolean => {
    const known = reported.get(tape) ?? [];
    const next = tape.segments.map(({ from, to }, index) => ({
      fromMs: known[index]?.fromMs ?? ours(from),
      toMs: known[index]?.toMs ?? (to === null ? null : ours(to)),
    }));
    reported.set(tape, next);
    return next.length !== known.length || next.some(({ toMs }, index) => toMs !== known[index]!.toMs);
  };

  const observationOf = (tape: Taped): Observation => {
    const segments = reported.get(tape)!;
    const ends = segments.map(({ toMs }) => toMs);
    return {
      type: 'recording',
      resumed: tape.running && segments.length > 1,
      recording: {
        externalId: tape.id,
        kind: tape.kind,
        isDuplicate: tape.isDuplicate,
        agent: tape.agent,
        call: tape.call,
        fileName: tape.fileName,
        state: tape.running ? 'RECORDING' : 'STOPPED',
        vendorState: tape.running ? 'begun' : 'ended',
        startedAt: instant(segments[0]!.fromMs),
        endedAt: tape.running ? null : instant(ends.at(-1)!),
        segments: segments.map(({ fromMs, toMs }) => ({ startsAt: instant(fromMs), endsAt: toMs === null ? null : instant(toMs) })),
      },
    };
  };

  return {
    observations: () => {
      measure();
      return recorder.tapes.filter(isNews).map(observationOf);
    },
    set: (nextAheadMs) => {
      aheadMs = nextAheadMs;
      for (let turn = 0; turn < 5; turn += 1) measure();
    },
  };
};
