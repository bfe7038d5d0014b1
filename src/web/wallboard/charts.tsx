import '@mantine/charts/styles.css';
import { AreaChart, BarChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Client } from 'urql';
import { CallHistoryDocument, type CallHistoryQuery, LedgerDocument } from '../generated/graphql.ts';
import { useBoard, useStore } from './board.ts';
import { countOnCall, hourMs } from './call-samples.ts';
import { confirmTimes, type HistoricCall, type LedgerRow, onCallByMinute } from './chart-series.ts';
import classes from './charts.module.css';
import { OpenBlackouts } from './open-blackouts.tsx';

const mostPages = 5;
const againMs = 60_000;

const callsSince = async (client: Client, startedAfter: string): Promise<HistoricCall[]> => {
  const calls: HistoricCall[] = [];
  let after: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const { data }: { data?: CallHistoryQuery | undefined } = await client.query(CallHistoryDocument, { startedAfter, after }).toPromise();
    if (!data?.calls) break;
    calls.push(...data.calls.nodes);
    after = data.calls.pageInfo.endCursor;
    if (!data.calls.pageInfo.hasNextPage) break;
  }
  return calls;
};

const rowsSince = async (client: Client, requestedAfter: string): Promise<readonly LedgerRow[] | string> => {
  const { data, error } = await client
    .query(LedgerDocument, { filter: { requestedAfter, statuses: ['CONFIRMED'] }, first: 100 })
    .toPromise();
  return data?.commands?.nodes ?? error?.graphQLErrors[0]?.message ?? 'The server did not answer.';
};

const Panel = ({ title, note, children }: { title: string; note: string; children: ReactNode }): ReactNode => (
  <section className={classes.panel} aria-label={title}>
    <h2 className={classes.title}>{title}</h2>
    <Text c="var(--muted)" mb="md">
      {note}
    </Text>
    {children}
  </section>
);

const OnCall = (): ReactNode => {
  const { client, samples, live } = useBoard();
  useStore(live.views);
  const seen = useStore(samples.samples);
  const [history, setHistory] = useState<readonly HistoricCall[] | null>(null);
  useEffect(() => {
    const look = async () => setHistory(await callsSince(client, new Date(Date.now() - hourMs).toISOString()));
    void look();
  }, [client]);
  const points = useMemo(
    () =>
      onCallByMinute(history ?? [], seen, Date.now()).map(({ atMs, onCall }) => ({
        time: new Date(atMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
        onCall,
      })),
    [history, seen],
  );
  return (
    <Panel title="Agents on call" note={`The last hour, as far as it is known. Now: ${countOnCall(live)}.`}>
      <AreaChart
        h={320}
        data={points}
        dataKey="time"
        series={[{ name: 'onCall', label: 'On call', color: 'var(--status-on-call)' }]}
        curveType="stepAfter"
        withDots={false}
        tickLine="none"
        yAxisProps={{ allowDecimals: false, width: 40 }}
        xAxisProps={{ minTickGap: 48 }}
        areaProps={{ isAnimationActive: false }}
        textColor="var(--muted)"
        gridColor="var(--line)"
      />
    </Panel>
  );
};

const TimeToConfirm = (): ReactNode => {
  const { client } = useBoard();
  const [rows, setRows] = useState<readonly LedgerRow[] | string | null>(null);
  useEffect(() => {
    const look = async () => setRows(await rowsSince(client, new Date(Date.now() - 24 * hourMs).toISOString()));
    void look();
    const timer = setInterval(() => void look(), againMs);
    return () => clearInterval(timer);
  }, [client]);
  const times = useMemo(() => (Array.isArray(rows) ? confirmTimes(rows) : []), [rows]);
  const empty = typeof rows === 'string' ? rows : 'Nothing was confirmed in the last day.';
  return (
    <Panel title="Time to confirm" note="Seconds from a request until it was seen at the recorder, in the last day.">
      {times.length > 0 ? (
        <BarChart
          h={260}
          data={times}
          dataKey="source"
          withLegend
          series={[
            { name: 'median', label: 'Half are faster', color: 'var(--status-on-call)' },
            { name: 'slow', label: 'All but 5 in 100 are faster', color: 'var(--status-on-hold)' },
          ]}
          unit=" s"
          tickLine="none"
          barProps={{ isAnimationActive: false, maxBarSize: 48 }}
          yAxisProps={{ width: 60 }}
          textColor="var(--muted)"
          gridColor="var(--line)"
        />
      ) : rows === null ? null : (
        <Text fz="1.1rem">{empty}</Text>
      )}
    </Panel>
  );
};

/** Where people would rather look than read. */
const Charts = (): ReactNode => (
  <div className={classes.charts}>
    <OnCall />
    <Panel title="Open blackouts" note="How much of the time to its end each has used up; the longest first.">
      <OpenBlackouts />
    </Panel>
    <TimeToConfirm />
  </div>
);

export default Charts;
