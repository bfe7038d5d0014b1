/** Computes the error of the times that the gateway reports of a recording. Pure. */
import type { GatewayEvent } from './wire.ts';

/** Times in whole seconds were cut off. */
const isWholeSeconds = (...times: readonly (number | null)[]): boolean => times.every((time) => time === null || time % 1000 === 0);

/**
 * By how many ms an end's own times may be off: by what they contradict when the events came to be, and by what they leave open. Without
 * a time of its own an event may have waited, so that only times ahead of it are a contradiction.
 */
export const offByOf = (
  event: GatewayEvent,
  content: { beginTime: number | null; endTime: number | null },
  {
    reportedBeginMs,
    reportedEndMs,
    ...context
  }: { reportedBeginMs: number | null; reportedEndMs: number | null; begunMs: number | null; atMs: number; clockErrorMs: number },
): number => {
  const { begunMs, atMs, clockErrorMs } = context;
  const aheadOfEvents = [
    ...(reportedEndMs === null ? [] : [reportedEndMs - atMs]),
    ...(reportedBeginMs === null || begunMs === null ? [] : [reportedBeginMs - begunMs]),
  ];
  const contradictions = aheadOfEvents.map((aheadMs) => {
    // Behind its event it may have been told late, or by a clock that is behind: more is silenced, not less.
    return event.eventGenTime === null ? Math.max(0, aheadMs) : Math.abs(aheadMs);
  });
  const unclearMs = isWholeSeconds(content.beginTime, content.endTime) && (content.beginTime ?? content.endTime) !== null ? 1000 : 0;
  return Math.max(...contradictions, unclearMs, clockErrorMs);
};
