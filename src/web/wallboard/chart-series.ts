import type { CallHistoryQuery, LedgerQuery } from '../generated/graphql.ts';
import { type CallSample, hourMs } from './call-samples.ts';

export type HistoricCall = NonNullable<CallHistoryQuery['calls']>['nodes'][number];
export type LedgerRow = NonNullable<LedgerQuery['commands']>['nodes'][number];

const minuteMs = 60_000;

/** Calls that were up at each minute of the last hour; where the page was watching, what it saw instead. Oldest first. */
export const onCallByMinute = (history: readonly HistoricCall[], samples: readonly CallSample[], nowMs: number): CallSample[] => {
  const spans = history
    .filter((call) => call.startedAt !== null && (call.state !== 'ENDED' || call.endedAt !== null))
    .map((call) => ({
      from: Date.parse(call.answeredAt ?? call.startedAt!),
      to: call.endedAt === null ? nowMs : Date.parse(call.endedAt),
    }));
  const seenFromMs = samples[0]?.atMs ?? Number.POSITIVE_INFINITY;
  // Nothing is known of the time before the first call: a line at zero would claim that nobody talked.
  const firstMs = Math.max(nowMs - hourMs, Math.min(nowMs, ...spans.map(({ from }) => from)));
  const points: CallSample[] = [];
  const add = (atMs: number): void => void points.push({ atMs, onCall: spans.filter(({ from, to }) => from <= atMs && atMs < to).length });
  for (let atMs = Math.floor(firstMs / minuteMs) * minuteMs; atMs <= nowMs && atMs < seenFromMs; atMs += minuteMs) add(atMs);
  if (samples.length === 0) add(nowMs - 1);
  return [...points, ...samples];
};

/** Seconds from the request to its confirmation, by source: the middle one and the one in twenty that took longest. */
export const confirmTimes = (rows: readonly LedgerRow[]): { source: string; median: number; slow: number; count: number }[] => {
  const bySource = new Map<string, number[]>();
  for (const { status, requestedAt, completedAt, agent } of rows) {
    if (status !== 'CONFIRMED' || completedAt === null) continue;
    const seconds = Math.max(0, Date.parse(completedAt) - Date.parse(requestedAt)) / 1_000;
    bySource.set(agent.sourceName, [...(bySource.get(agent.sourceName) ?? []), seconds]);
  }
  const at = (sorted: readonly number[], share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const rounded = (seconds: number): number => Math.round(seconds * 100) / 100;
  return [...bySource]
    .map(([source, seconds]) => {
      const sorted = seconds.toSorted((a, b) => a - b);
      return { source, median: rounded(at(sorted, 0.5)), slow: rounded(at(sorted, 0.95)), count: sorted.length };
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1));
};
