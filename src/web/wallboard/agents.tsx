import { useElementSize } from '@mantine/hooks';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { AgentGrid, GridEmpty, GridLoading } from './agent-grid.tsx';
import { nameLines } from './agent-name.ts';
import type { AgentTileProps } from './agent-tile.tsx';
import classes from './agents.module.css';
import { useBoard, useNameOf, useNow, useStore } from './board.ts';
import { type BoardFit, fitBoard } from './board-fit.ts';
import { type AgentGroup, arrangeAgents } from './board-order.ts';
import { type BoardView, emptyFilter, isFiltering } from './board-view.ts';
import { isRefused } from './sources.ts';
import { TurningPages } from './turning-pages.tsx';
import type { ChangeView } from './use-view.ts';

interface AgentsProps extends Pick<AgentTileProps, 'onOpen' | 'onAct'> {
  view: BoardView;
  onView: ChangeView;
}

/** The same groups as before while they hold the same agents in the same order, so that the grid is left alone. */
const useSameGroups = (groups: AgentGroup[]): readonly AgentGroup[] => {
  const last = useRef<{ key: string; groups: readonly AgentGroup[] }>({ key: '', groups: [] });
  const key = JSON.stringify(groups);
  if (key !== last.current.key) last.current = { key, groups };
  return last.current.groups;
};

const useGroups = ({ sources, statuses, lamps, search, sort, group }: BoardView): readonly AgentGroup[] => {
  const { live, settings } = useBoard();
  const views = useStore(live.views);
  const { thresholds } = useStore(settings);
  const nameOf = useNameOf();
  const nowMs = useNow();
  // Typing stays fluent: the list is drawn as soon as there is time.
  const wanted = useDeferredValue(search);
  return useSameGroups(
    useMemo(
      () =>
        arrangeAgents(
          views,
          { filter: { sources, statuses, lamps, search: wanted }, sort, grouping: group },
          { nameOf, thresholds, nowMs },
        ),
      [views, sources, statuses, lamps, wanted, sort, group, nameOf, thresholds, nowMs],
    ),
  );
};

/** The snapshot arrives with the connection; a board that is still empty after that has no agents. */
const useSettled = (): boolean => {
  const { stage, sinceMs } = useStore(useBoard().connection);
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = stage === 'live' ? setTimeout(() => setSettled(true), Math.max(0, sinceMs + 1_500 - Date.now())) : undefined;
    return () => clearTimeout(timer);
  }, [stage, sinceMs]);
  return settled;
};

const scrollingRows: BoardFit = { shape: 'rows', columns: null, sizePx: 14, heightPx: null, perPage: Number.POSITIVE_INFINITY };

/** How many lines the longest name needs. */
const useNameLines = (groups: readonly AgentGroup[]): 1 | 2 | 3 => {
  const { live } = useBoard();
  const nameOf = useNameOf();
  return useMemo(() => {
    const views = groups.flatMap(({ ids }) => ids.flatMap((id) => live.view(id) ?? []));
    return views.reduce<1 | 2 | 3>((most, { agent }) => {
      const lines = nameLines(nameOf(agent));
      return lines > most ? lines : most;
    }, 1);
  }, [groups, live, nameOf]);
};

const useFit = (groups: readonly AgentGroup[], view: BoardView, space: { width: number; height: number }): BoardFit | null => {
  const lines = useNameLines(groups);
  const sizes = groups.map(({ ids }) => ids.length).join();
  const { layout, kiosk } = view;
  const { width, height } = space;
  return useMemo(() => {
    if (layout === 'large') return null;
    if (layout === 'rows') return scrollingRows;
    // On a phone, and before anything is measured, the page scrolls.
    if (width < 600 || height < 300) return null;
    return fitBoard(sizes === '' ? [] : sizes.split(',').map(Number), { widthPx: width, heightPx: height }, { kiosk, nameLines: lines });
  }, [sizes, lines, layout, kiosk, width, height]);
};

/** All agents that match, as large as the screen allows; in kiosk mode, page by page where they are too many. */
export const Agents = ({ view, onView, onOpen, onAct }: AgentsProps): ReactNode => {
  const { live, connection, sources } = useBoard();
  const { stage } = useStore(connection);
  const { fault } = useStore(sources);
  const groups = useGroups(view);
  const settled = useSettled();
  const { ref, width, height } = useElementSize();
  const fit = useFit(groups, view, { width, height });
  const refused = stage === 'refused' || isRefused(fault);
  const anyAgents = live.views.get().size > 0;
  const content = (): ReactNode => {
    if (groups.length > 0) {
      const grid = (shown: readonly AgentGroup[]): ReactNode => (
        <AgentGrid groups={shown} fit={fit} controls={!view.kiosk} onOpen={onOpen} onAct={onAct} />
      );
      return view.kiosk && fit !== null ? <TurningPages groups={groups} perPage={fit.perPage} render={grid} /> : grid(groups);
    }
    if (!anyAgents && !settled && !refused) return <GridLoading />;
    const reason = anyAgents && isFiltering(view) ? 'filtered' : fault === 'noScope' ? 'noScope' : refused ? 'refused' : 'none';
    return <GridEmpty reason={reason} onShowAll={() => onView(emptyFilter)} />;
  };
  return (
    <div ref={ref} className={classes.frame} data-layout={view.layout} data-kiosk={view.kiosk || undefined}>
      {content()}
    </div>
  );
};
