import '@mantine/charts/styles.css';
import { type ReactNode, useCallback } from 'react';
import { useBoard, useNameOf } from './board.ts';
import { matchesFilter } from './board-order.ts';
import { type BoardFilter, emptyFilter } from './board-view.ts';
import { ChartPanel } from './chart-panel.tsx';
import classes from './charts.module.css';
import { ConfirmChart } from './confirm-chart.tsx';
import { OnCallChart } from './on-call-chart.tsx';
import { OpenBlackouts } from './open-blackouts.tsx';

/** Sources and search narrow the charts. Statuses and lamps do not: what is drawn is how these change. */
const useShows = ({ sources, search }: BoardFilter): ((agent: string) => boolean) => {
  const { live, settings, ticker } = useBoard();
  const nameOf = useNameOf();
  return useCallback(
    (agent) => {
      if (sources.length === 0 && search.trim() === '') return true;
      const view = live.view(agent);
      if (view === undefined) return false;
      return matchesFilter(
        view,
        { ...emptyFilter, sources, search },
        { nameOf, thresholds: settings.get().thresholds, nowMs: ticker.now() },
      );
    },
    [live, settings, ticker, nameOf, sources, search],
  );
};

/** Draws the last hour, the open blackouts, and how fast recorders confirm. */
const Charts = ({ filter }: { filter: BoardFilter }): ReactNode => {
  const shows = useShows(filter);
  return (
    <div className={classes.charts}>
      <OnCallChart shows={shows} sources={filter.sources} />
      <ChartPanel title="Open blackouts" note="How much of its time each has used. The oldest comes first.">
        <OpenBlackouts shows={shows} />
      </ChartPanel>
      <ConfirmChart shows={shows} />
    </div>
  );
};

export default Charts;
