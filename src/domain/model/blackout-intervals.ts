import type { Blackout, Instant, Recording } from './entities.ts';
import { epochMs, epochMsOrNull, instant } from './instant.ts';

export interface BlackoutInterval {
  blackout: Blackout;
  startsAt: Instant;
  /** Null while both still run. */
  endsAt: Instant | null;
  /** From the recording's start. */
  offsetMs: number;
}

type Timed = Pick<Recording, 'startedAt' | 'endedAt' | 'timesOffByMs'>;

/** From when to when a blackout may concern the recording, as far as its times can be relied on; one that runs has no end. */
export const timeSpanOf = ({ startedAt, endedAt, timesOffByMs = 0 }: Timed): { from: Instant; to: Instant | null } => ({
  from: startedAt === null ? instant(0) : instant(epochMs(startedAt) - timesOffByMs),
  to: endedAt === null ? null : instant(epochMs(endedAt) + timesOffByMs),
});

/** The intervals of a recording that blackouts cover, earliest first, wider by what its times may be off; none where it is not known when it began. */
export const blackoutIntervals = (recording: Timed, blackouts: readonly Blackout[]): readonly BlackoutInterval[] => {
  const startMs = epochMsOrNull(recording.startedAt);
  if (startMs === null) return [];
  const endMs = epochMsOrNull(recording.endedAt) ?? Number.POSITIVE_INFINITY;
  const offByMs = recording.timesOffByMs ?? 0;
  return blackouts
    .filter(({ state }) => state !== 'FAILED' && state !== 'SCHEDULED')
    .flatMap((blackout): BlackoutInterval[] => {
      const fromMs = Math.max(startMs, epochMs(blackout.startsAt) - offByMs);
      const toMs = Math.min(endMs, (epochMsOrNull(blackout.endedAt) ?? Number.POSITIVE_INFINITY) + offByMs);
      if (fromMs >= toMs) return [];
      return [{ blackout, startsAt: instant(fromMs), endsAt: Number.isFinite(toMs) ? instant(toMs) : null, offsetMs: fromMs - startMs }];
    })
    .sort((left, right) => left.offsetMs - right.offsetMs);
};
