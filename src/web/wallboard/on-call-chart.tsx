import { AreaChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Client, CombinedError } from 'urql';
import { CallHistoryDocument, type CallHistoryQuery } from '../generated/graphql.ts';
import { useBoard, useStore } from './board.ts';
import { agentsOnCall, hourMs } from './call-samples.ts';
import { ChartPanel } from './chart-panel.tsx';
import { callPoints, type HistoricCall } from './chart-series.ts';
import { errorText } from './use-pages.ts';

const maxPages = 5;
const tickMs = 600_000;

/** The calls of the sources since an instant; what could be loaded of them, and why not the rest. */
const loadCalls = async (client: Client, startedAfter: string): Promise<{ calls: HistoricCall[]; error: string | null }> => {
  const calls: HistoricCall[] = [];
  let after: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const { data, error }: { data?: CallHistoryQuery | undefined; error?: CombinedError | undefined } = await client
      .query(CallHistoryDocument, { startedAfter, after })
      .toPromise();
    if (!data?.calls) return { calls, error: errorText(error) };
    calls.push(...data.calls.nodes);
    after = data.calls.pageInfo.endCursor;
    if (!data.calls.pageInfo.hasNextPage) break;
  }
  return { calls, error: null };
};

const hourAndMinute = (ms: number): string => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** Round times of day within the last hour. */
const ticksOf = (nowMs: number): number[] => {
  const ticks: number[] = [];
  for (let at = Math.ceil((nowMs - hourMs) / tickMs) * tickMs; at <= nowMs; at += tickMs) ticks.push(at);
  return ticks;
};

interface OnCallChartProps {
  shows(agent: string): boolean;
  sources: readonly string[];
}

export const OnCallChart = ({ shows, sources }: OnCallChartProps): ReactNode => {
  const { client, samples, live, ticker } = useBoard();
  const views = useStore(live.views);
  const sampled = useStore(samples.samples);
  const [history, setHistory] = useState<{ calls: HistoricCall[]; error: string | null }>({ calls: [], error: null });
  useEffect(() => {
    void loadCalls(client, new Date(ticker.now() - hourMs).toISOString()).then(setHistory);
  }, [client, ticker]);
  const nowMs = sampled.at(-1)?.atMs ?? ticker.now();
  const points = useMemo(() => callPoints(history.calls, sampled, shows, nowMs), [history, sampled, shows, nowMs]);
  const now = agentsOnCall(views).filter(shows).length;
  const scope = sources.length === 0 ? 'all sources' : sources.join(', ');
  return (
    <ChartPanel title="Agents on call" note={`Now: ${now}, ${scope}. Before this page was opened: agents with a call, from call records.`}>
      <AreaChart
        h={320}
        data={points}
        dataKey="atMs"
        withLegend
        series={[
          { name: 'onCall', label: 'On call', color: 'var(--status-on-call)' },
          { name: 'inCall', label: 'With a call, from call records', color: 'var(--status-offline)' },
        ]}
        curveType="stepAfter"
        connectNulls={false}
        withDots={false}
        tickLine="none"
        textColor="var(--muted)"
        gridColor="var(--line)"
        areaProps={{ isAnimationActive: false }}
        xAxisProps={{
          type: 'number',
          scale: 'time',
          domain: [nowMs - hourMs, nowMs],
          ticks: ticksOf(nowMs),
          tickFormatter: hourAndMinute,
          allowDataOverflow: true,
        }}
        yAxisProps={{ allowDecimals: false, width: 40 }}
        tooltipProps={{ labelFormatter: (ms) => hourAndMinute(Number(ms)) }}
      />
      {history.error === null ? null : <Text role="alert">Earlier calls cannot be shown: {history.error}</Text>}
    </ChartPanel>
  );
};
