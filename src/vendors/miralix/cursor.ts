import { epochMsOrNull } from '../kit/index.ts';
import type { Segment } from './segments.ts';

interface TrailingWindow {
  calls: number;
  hours: number;
}

/** The result of reading a list on from `floor`. */
interface CursorReading {
  floor: number;
  segments: readonly Pick<Segment, 'id' | 'startedAt' | 'endedAt'>[];
  window: TrailingWindow;
  nowMs: number;
}

/**
 * The exclusive id to read after next time. It never falls, and leaves both the last `calls` ids and whatever is younger than
 * `hours` to be read again: a call gets its id when it enters the queue, but is listed only after the conversation.
 */
export const nextFloor = ({ floor, segments, window, nowMs }: CursorReading): number => {
  if (segments.length === 0) return floor;
  const youngAfter = nowMs - window.hours * 3_600_000;
  let highest = 0;
  let lowestYoung = Number.POSITIVE_INFINITY;
  for (const { id, startedAt, endedAt } of segments) {
    highest = Math.max(highest, id);
    const lastMs = epochMsOrNull(endedAt ?? startedAt);
    if (lastMs !== null && lastMs >= youngAfter) lowestYoung = Math.min(lowestYoung, id);
  }
  return Math.max(floor, Math.min(highest - window.calls, lowestYoung - 1));
};
