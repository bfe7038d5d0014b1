import { createHash } from 'node:crypto';
import type { VendorContext } from '../kit/index.ts';
import type { TencentApi } from './client.ts';
import { pulledObservations } from './mapping.ts';
import { longestSpanMs, oldestMs, readDetails } from './readers.ts';
import type { ApiSettings } from './settings.ts';
import { voicemailId } from './voicemail-id.ts';

const cursorKey = 'reconciledUntilMs';

export interface ReconcileOptions {
  source: string;
  api: TencentApi;
  settings: ApiSettings;
}

/**
 * Reads the call records since the last time and an overlap before it, and reports them all: what a push told already changes
 * nothing, what was never pushed appears. The cursor moves only when a window was read and kept whole.
 */
export const createReconcile = ({ source, api, settings }: ReconcileOptions, context: VendorContext) => {
  /** An unreadable record comes again in every overlap; it is kept once. */
  const kept = new Set<string>();
  const keepUnreadable = async (records: readonly unknown[]): Promise<void> => {
    for (const record of records) {
      const body = JSON.stringify(record) ?? 'null';
      const digest = createHash('sha256').update(body).digest('base64');
      if (kept.has(digest)) continue;
      await context.deadLetter('a record of DescribeTelCdr is not of the documented shape', body);
      context.log.warn('a call record could not be read and is kept as a dead letter', { source });
      if (kept.size > 10_000) kept.clear();
      kept.add(digest);
    }
  };

  const readWindow = async (fromMs: number, toMs: number, signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    for await (const { details, unreadable } of readDetails(api, { fromMs, toMs }, signal)) {
      const observations = details.flatMap((detail) => pulledObservations(detail, voicemailId));
      if (observations.length > 0) await context.observe({ observations, asOfMs });
      await keepUnreadable(unreadable);
    }
  };

  return async (signal: AbortSignal): Promise<void> => {
    const nowMs = context.clock.now();
    const stored = await context.state.get(cursorKey);
    const since = typeof stored === 'number' && stored < nowMs ? stored : nowMs;
    const fromMs = Math.max(since - settings.overlapSeconds * 1000, nowMs - oldestMs);
    for (let startMs = fromMs; startMs < nowMs; startMs += longestSpanMs) {
      const endMs = Math.min(startMs + longestSpanMs, nowMs);
      await readWindow(startMs, endMs, signal);
      await context.state.put(cursorKey, endMs);
    }
  };
};
