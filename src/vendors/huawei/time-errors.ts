/** Computes the error of the times that the gateway reports of a recording. Pure. */
import type { GatewayEvent } from './wire.ts';

/** The resolution of the times of events and clocks. */
const indistinctMs = 500;
/** The longest time between an event and what it reports. */
const promptEventMs = 2_000;

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
    if (aheadMs >= 0) return aheadMs;
    return event.eventGenTime !== null && -aheadMs > promptEventMs ? -aheadMs : 0;
  });
  const unclearMs = isWholeSeconds(content.beginTime, content.endTime) && (content.beginTime ?? content.endTime) !== null ? 1000 : 0;
  const offByMs = Math.max(...contradictions, unclearMs, clockErrorMs);
  return offByMs > indistinctMs ? offByMs : 0;
};
