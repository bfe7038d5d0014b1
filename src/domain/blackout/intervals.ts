import type { Blackout, Instant, Recording } from '../model/entities.ts';
import { epochMs, epochMsOrNull, instant } from '../model/instant.ts';

export interface BlackoutInterval {
  blackout: Blackout;
  startsAt: Instant;
  /** Null while both still run. */
  endsAt: Instant | null;
  /** From the recording's start. */
  offsetMs: number;
}

/** The stretches of a recording that blackouts cover, earliest first; none where it is not known when the recording began. */
export const blackoutIntervals = (
  recording: Pick<Recording, 'startedAt' | 'endedAt'>,
  blackouts: readonly Blackout[],
): readonly BlackoutInterval[] => {
  const startMs = epochMsOrNull(recording.startedAt);
  if (startMs === null) return [];
  const endMs = epochMsOrNull(recording.endedAt) ?? Number.POSITIVE_INFINITY;
  return blackouts
    .filter(({ state }) => state !== 'FAILED' && state !== 'SCHEDULED')
    .flatMap((blackout): BlackoutInterval[] => {
      const fromMs = Math.max(startMs, epochMs(blackout.startsAt));
      const toMs = Math.min(endMs, epochMsOrNull(blackout.endedAt) ?? Number.POSITIVE_INFINITY);
      if (fromMs >= toMs) return [];
      return [{ blackout, startsAt: instant(fromMs), endsAt: Number.isFinite(toMs) ? instant(toMs) : null, offsetMs: fromMs - startMs }];
    })
    .sort((left, right) => left.offsetMs - right.offsetMs);
};
