import { createUnreadableItems } from '../kit/index.ts';
import { pulledObservations } from './mapping.ts';
import { maxSpanMs, oldestMs, readDetails } from './readers.ts';
import type { PullingSource } from './source.ts';

const cursorKey = 'reconciledUntilMs';

/**
 * Reads the call records since the last time and an overlap before it, and reports them all: what a push reported already changes
 * nothing, what was never pushed appears. The cursor moves only when a window was read and kept whole.
 */
export const createReconcile = ({ settings, api, openIdentity, context }: PullingSource) => {
  /** An unreadable record comes again in every overlap. */
  const keepUnreadable = createUnreadableItems(context);

  const readWindow = async (fromMs: number, toMs: number, signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const records = { identity: await openIdentity(), keepMonths: settings.keepMonths };
    for await (const { details, unreadable } of readDetails(api, { fromMs, toMs }, signal)) {
      const stored = await context.known.recordingsOfCalls(details.map(({ SessionId }) => SessionId));
      const observations = details.flatMap((detail, index) => pulledObservations(detail, records, stored[index]!));
      if (observations.length > 0) await context.observe({ observations, asOfMs });
      for (const record of unreadable) {
        if (await keepUnreadable('DescribeTelCdr', 'a call record is not of the documented shape', record))
          context.log.warn('a call record could not be read and is kept as a dead letter', { source: settings.name });
      }
    }
  };

  return async (signal: AbortSignal): Promise<void> => {
    const nowMs = context.clock.now();
    const stored = await context.state.get(cursorKey);
    const since = typeof stored === 'number' && stored < nowMs ? stored : nowMs;
    const fromMs = Math.max(since - settings.api.overlapSeconds * 1000, nowMs - oldestMs);
    for (let startMs = fromMs; startMs < nowMs; startMs += maxSpanMs) {
      const endMs = Math.min(startMs + maxSpanMs, nowMs);
      await readWindow(startMs, endMs, signal);
      await context.state.put(cursorKey, endMs);
    }
  };
};
