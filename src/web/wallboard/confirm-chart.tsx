import { BarChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Client } from 'urql';
import { LedgerDocument } from '../generated/graphql.ts';
import { useBoard, useSelected } from './board.ts';
import { hourMs } from './call-samples.ts';
import { ChartPanel } from './chart-panel.tsx';
import { confirmTimes, type LedgerRow } from './chart-series.ts';
import { allows } from './sources.ts';
import { errorText } from './use-pages.ts';

const refreshMs = 60_000;

const loadCommands = async (client: Client, requestedAfter: string): Promise<readonly LedgerRow[] | string> => {
  const { data, error } = await client
    .query(LedgerDocument, { filter: { requestedAfter, statuses: ['CONFIRMED'] }, first: 100 })
    .toPromise();
  return data?.commands?.nodes ?? errorText(error);
};

export const ConfirmChart = ({ shows }: { shows(agent: string): boolean }): ReactNode => {
  const { client, ticker, sources } = useBoard();
  const allowed = useSelected(sources, ({ access }) => allows(access, 'audit:read'));
  const [rows, setRows] = useState<readonly LedgerRow[] | string | null>(null);
  useEffect(() => {
    if (!allowed) return;
    const load = async () => setRows(await loadCommands(client, new Date(ticker.now() - 24 * hourMs).toISOString()));
    void load();
    const timer = setInterval(() => void load(), refreshMs);
    return () => clearInterval(timer);
  }, [client, ticker, allowed]);
  const times = useMemo(() => (Array.isArray(rows) ? confirmTimes(rows.filter(({ agent }) => shows(agent.id))) : []), [rows, shows]);
  const empty = allowed
    ? typeof rows === 'string'
      ? rows
      : 'No command was confirmed in the last day.'
    : 'This chart needs the permission audit:read.';
  return (
    <ChartPanel title="Time to confirm" note="Seconds from a command to its confirmation by the recorder, in the last day.">
      {times.length > 0 ? (
        <BarChart
          h={260}
          data={times}
          dataKey="source"
          withLegend
          series={[
            { name: 'median', label: 'Median', color: 'var(--status-on-call)' },
            { name: 'slow', label: '95th percentile', color: 'var(--status-on-hold)' },
          ]}
          unit=" s"
          tickLine="none"
          barProps={{ isAnimationActive: false, maxBarSize: 48 }}
          yAxisProps={{ width: 60 }}
          textColor="var(--muted)"
          gridColor="var(--line)"
        />
      ) : rows === null && allowed ? null : (
        <Text fz="1.1rem">{empty}</Text>
      )}
    </ChartPanel>
  );
};
