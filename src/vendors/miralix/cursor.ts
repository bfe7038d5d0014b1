import { epochMsOrNull } from '../../domain/instant.ts';
import { toInstant } from './times.ts';

export interface CursorItem {
  id: number;
  startedUtc: string | null | undefined;
  endedUtc: string | null | undefined;
}

export interface TrailingWindow {
  calls: number;
  hours: number;
}

/**
 * The exclusive id to read after next time. It never falls, and leaves both the last `calls` ids and whatever is younger than
 * `hours` to be read again: a call gets its id when it enters the queue, but is listed only after the conversation.
 */
export const nextFloor = (floor: number, items: readonly CursorItem[], window: TrailingWindow, nowMs: number): number => {
  if (items.length === 0) return floor;
  const youngAfter = nowMs - window.hours * 3_600_000;
  let highest = 0;
  let lowestYoung = Number.POSITIVE_INFINITY;
  for (const item of items) {
    highest = Math.max(highest, item.id);
    const lastMs = epochMsOrNull(toInstant(item.endedUtc) ?? toInstant(item.startedUtc));
    if (lastMs !== null && lastMs >= youngAfter) lowestYoung = Math.min(lowestYoung, item.id);
  }
  return Math.max(floor, Math.min(highest - window.calls, lowestYoung - 1));
};
