import type { CallHistoryQuery, LedgerQuery } from '../generated/graphql.ts';
import { type CallSample, hourMs } from './call-samples.ts';

export type HistoricCall = NonNullable<CallHistoryQuery['calls']>['nodes'][number];
export type LedgerRow = NonNullable<LedgerQuery['commands']>['nodes'][number];

/** A point of the chart; a series that says nothing of that time is null. */
interface CallPoint {
  atMs: number;
  /** Agents with the status On call, as the page saw it. */
  onCall: number | null;
  /** Agents with a call, on hold or not, as the call records say. */
  inCall: number | null;
}

const minuteMs = 60_000;

interface Span {
  fromMs: number;
  toMs: number;
  agents: readonly string[];
}

const spansOf = (history: readonly HistoricCall[]): Span[] =>
  history
    .filter((call) => call.startedAt !== null && (call.state !== 'ENDED' || call.endedAt !== null))
    .map((call) => ({
      fromMs: Date.parse(call.answeredAt ?? call.startedAt!),
      toMs: call.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(call.endedAt),
      agents: call.agents.map(({ id }) => id),
    }));

/**
 * The last hour, oldest first: what the page saw since it was opened, and before that what the call records say. `shows` is the filter.
 * Nothing is drawn of the time before the first call: a line at zero would claim that nobody talked.
 */
export const callPoints = (
  history: readonly HistoricCall[],
  samples: readonly CallSample[],
  shows: (agent: string) => boolean,
  nowMs: number,
): CallPoint[] => {
  const spans = spansOf(history);
  const openedMs = samples[0]?.atMs ?? nowMs;
  const firstMs = Math.max(nowMs - hourMs, Math.min(openedMs, ...spans.map(({ fromMs }) => fromMs)));
  const inCall = (atMs: number): number =>
    new Set(spans.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs).flatMap(({ agents }) => agents.filter(shows))).size;
  const points: CallPoint[] = [];
  for (let atMs = Math.ceil(firstMs / minuteMs) * minuteMs; atMs < openedMs; atMs += minuteMs) {
    points.push({ atMs, onCall: null, inCall: inCall(atMs) });
  }
  if (openedMs < nowMs || points.length > 0) points.push({ atMs: openedMs, onCall: null, inCall: inCall(openedMs) });
  return [...points, ...samples.map(({ atMs, agents }) => ({ atMs, onCall: agents.filter(shows).length, inCall: null }))];
};

/** Reading is written to the ledger too, and is nothing that a recorder confirms. */
const isCommand = ({ operation }: LedgerRow): boolean => !/^(LIST|OBSERVE|DOWNLOAD)_/.test(operation);

/** Seconds from the request to its confirmation, by source: the median and the 95th percentile. */
export const confirmTimes = (rows: readonly LedgerRow[]): { source: string; median: number; slow: number; count: number }[] => {
  const bySource = new Map<string, number[]>();
  for (const row of rows) {
    if (row.status !== 'CONFIRMED' || row.completedAt === null || !isCommand(row)) continue;
    const seconds = Math.max(0, Date.parse(row.completedAt) - Date.parse(row.requestedAt)) / 1_000;
    bySource.set(row.agent.sourceName, [...(bySource.get(row.agent.sourceName) ?? []), seconds]);
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
