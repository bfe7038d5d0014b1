import { useDebouncedValue } from '@mantine/hooks';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { AgentGrid, GridEmpty, GridLoading } from './agent-grid.tsx';
import { AttemptToasts } from './attempt-toasts.tsx';
import { BlackoutDialog } from './blackout-dialog.tsx';
import { useBoard, useStore } from './board.ts';
import { type BoardFilter, emptyFilter, isFiltering, matchingAgents, readFilter, writeFilter } from './board-filter.ts';
import type { Action, ActionTarget } from './control.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { SourceStrip, StatusStrip } from './filter-strips.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { StaleBanner } from './stale-banner.tsx';
import { TopBar, type View } from './top-bar.tsx';
import classes from './wallboard.module.css';

const AgentDrawer = lazy(() => import('./agent-drawer.tsx'));
const Charts = lazy(() => import('./charts.tsx'));

/** The same array as before while it holds the same ids, so that the grid is left alone. */
const useSameIds = (ids: string[]): readonly string[] => {
  const last = useRef<readonly string[]>(ids);
  if (ids.length !== last.current.length || ids.some((id, position) => id !== last.current[position])) last.current = ids;
  return last.current;
};

const useFilter = (): [BoardFilter, (filter: BoardFilter) => void] => {
  const [filter, setFilter] = useState(() => readFilter(location.search));
  useEffect(() => history.replaceState(null, '', `${location.pathname}${writeFilter(filter)}${location.hash}`), [filter]);
  return [filter, setFilter];
};

/** The agent that is open; closing it gives the focus back to where it was opened. */
const useOpened = (): [string | null, (id: string) => void, () => void] => {
  const [opened, setOpened] = useState<string | null>(null);
  const opener = useRef<Element | null>(null);
  const open = useCallback((id: string) => {
    opener.current = document.activeElement;
    setOpened(id);
  }, []);
  const close = useCallback(() => {
    setOpened(null);
    requestAnimationFrame(() => (opener.current as HTMLElement | null)?.focus());
  }, []);
  return [opened, open, close];
};

const useSourceOf = () => {
  const { live, sources } = useBoard();
  const state = useStore(sources);
  return useCallback(
    (id: string) => {
      const name = live.view(id)?.agent.sourceName;
      return state.sources?.find((source) => source.name === name);
    },
    [live, state.sources],
  );
};

const Agents = ({
  filter,
  onFilter,
  onOpen,
  onAct,
}: {
  filter: BoardFilter;
  onFilter(filter: BoardFilter): void;
  onOpen(id: string): void;
  onAct(action: Action, target: ActionTarget): void;
}): ReactNode => {
  const { live, connection } = useBoard();
  const views = useStore(live.views);
  const { stage, sinceMs } = useStore(connection);
  const sourceOf = useSourceOf();
  const [search] = useDebouncedValue(filter.search, 120);
  const ids = useSameIds(useMemo(() => matchingAgents(views, { ...filter, search }), [views, filter, search]));
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    // The snapshot follows the connection at once; a board still empty after that has no agents.
    const timer = stage === 'live' ? setTimeout(() => setSettled(true), Math.max(0, sinceMs + 1_500 - Date.now())) : undefined;
    return () => clearTimeout(timer);
  }, [stage, sinceMs]);
  if (ids.length > 0) return <AgentGrid ids={ids} sourceOf={sourceOf} onOpen={onOpen} onAct={onAct} />;
  if (views.size === 0 && !settled && stage !== 'refused') return <GridLoading />;
  return <GridEmpty filtered={views.size > 0 && isFiltering(filter)} onShowAll={() => onFilter(emptyFilter)} />;
};

export const Wallboard = (): ReactNode => {
  const { control, sources } = useBoard();
  const [filter, setFilter] = useFilter();
  const [view, setView] = useState<View>(location.hash === '#charts' ? 'charts' : 'agents');
  const [opened, open, close] = useOpened();
  const [blackingOut, setBlackingOut] = useState<ActionTarget | null>(null);
  const [keyOpen, setKeyOpen] = useState(false);
  const { fault } = useStore(sources);
  useEffect(() => {
    if (fault === 'unauthorized') setKeyOpen(true);
  }, [fault]);
  useEffect(() => history.replaceState(null, '', `${location.pathname}${location.search}${view === 'charts' ? '#charts' : ''}`), [view]);
  const act = useCallback(
    (action: Action, target: ActionTarget) => (action === 'startBlackout' ? setBlackingOut(target) : control.ask(action, target)),
    [control],
  );
  return (
    <div className={classes.page}>
      <TopBar
        view={view}
        onView={setView}
        search={filter.search}
        onSearch={(search) => setFilter({ ...filter, search })}
        onKey={() => setKeyOpen(true)}
      />
      <StaleBanner onKey={() => setKeyOpen(true)} />
      <nav className={classes.strips} aria-label="Filters">
        <StatusStrip filter={filter} onFilter={setFilter} />
        <SourceStrip filter={filter} onFilter={setFilter} />
      </nav>
      <main>
        <ErrorBoundary part="This view">
          {view === 'agents' ? (
            <Agents filter={filter} onFilter={setFilter} onOpen={open} onAct={act} />
          ) : (
            <Suspense fallback={<GridLoading />}>
              <Charts />
            </Suspense>
          )}
        </ErrorBoundary>
      </main>
      <Suspense fallback={null}>
        {opened === null ? null : (
          <ErrorBoundary part="This agent">
            <AgentDrawer id={opened} onClose={close} onAct={act} />
          </ErrorBoundary>
        )}
      </Suspense>
      <BlackoutDialog
        target={blackingOut}
        onStart={(target, wishes) => control.ask('startBlackout', target, wishes)}
        onClose={() => setBlackingOut(null)}
      />
      <KeyDialog opened={keyOpen} onClose={() => setKeyOpen(false)} />
      <AttemptToasts />
    </div>
  );
};
