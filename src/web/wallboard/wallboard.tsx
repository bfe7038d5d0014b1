import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useFullscreenDocument, useViewportSize } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { type CSSProperties, lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { GridLoading } from './agent-grid.tsx';
import { Agents } from './agents.tsx';
import { AlarmBar } from './alarm-bar.tsx';
import { useAlarmSound } from './alarm-sound.ts';
import { AttemptToasts } from './attempt-toasts.tsx';
import { BlackoutDialog } from './blackout-dialog.tsx';
import { useBoard, useSelected, useStore } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { SourceStrip, StatusStrip } from './filter-strips.tsx';
import { KeyDialog } from './key-dialog.tsx';
import type { AgentView } from './live-types.ts';
import { QueueStrip } from './queue-strip.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { TopBar } from './top-bar.tsx';
import { useCommands } from './use-commands.ts';
import { type ChangeView, useView } from './use-view.ts';
import classes from './wallboard.module.css';

const AgentDrawer = lazy(() => import('./agent-drawer.tsx'));
const Charts = lazy(() => import('./charts.tsx'));
const Palette = lazy(() => import('./palette.tsx'));

/** Opens an agent's drawer by way of the address; closing it gives the focus back to where it was opened. */
const useDrawer = (onView: ChangeView): [(id: string) => void, () => void] => {
  const opener = useRef<HTMLElement | null>(null);
  const open = useCallback(
    (agent: string) => {
      opener.current = document.activeElement as HTMLElement | null;
      onView({ agent });
    },
    [onView],
  );
  const close = useCallback(() => {
    onView({ agent: null });
    requestAnimationFrame(() =>
      (opener.current?.isConnected ? opener.current : document.querySelector<HTMLElement>('[data-agent][tabindex="0"]'))?.focus(),
    );
  }, [onView]);
  return [open, close];
};

/** Calls after the key event that closed a dialog: the drawer beneath would take the same key for its own. */
const afterKey = (run: () => void): void => void setTimeout(run);

/** Loads the palette when it is first opened. */
const usePalette = (): { loaded: boolean; opened: boolean; show(): void; onClose(): void } => {
  const [loaded, setLoaded] = useState(false);
  const [opened, setOpened] = useState(false);
  const show = useCallback(() => {
    setLoaded(true);
    setOpened(true);
    spotlight.open();
  }, []);
  const onClose = useCallback(() => afterKey(() => setOpened(false)), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      show();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [show]);
  return { loaded, opened, show, onClose };
};

const countIn = (views: ReadonlyMap<string, AgentView>, sources: readonly string[]): number =>
  sources.length === 0 ? views.size : [...views.values()].filter(({ agent }) => sources.includes(agent.sourceName)).length;

/** The font of counters and alarms: larger the fewer agents share the screen. */
const useBarSize = (count: number): number => {
  const { width, height } = useViewportSize();
  if (width < 640 || height === 0) return 16;
  const room = Math.sqrt((width * (height - 190)) / Math.max(1, count));
  return Math.round(Math.min(Math.max(16, room / 13), width / 80, 56));
};

export const Wallboard = (): ReactNode => {
  const { control, sources, live } = useBoard();
  const [view, onView] = useView();
  const [open, close] = useDrawer(onView);
  const [blackingOut, setBlackingOut] = useState<ActionTarget | null>(null);
  const [dialog, setDialog] = useState<'key' | 'settings' | null>(null);
  const palette = usePalette();
  const sound = useAlarmSound();
  const { toggle: toggleFullscreen } = useFullscreenDocument();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const onScheme = useCallback(() => setColorScheme(scheme === 'dark' ? 'light' : 'dark'), [scheme, setColorScheme]);
  const { fault } = useStore(sources);
  const barSize = useBarSize(useSelected(live.views, (views) => countIn(views, view.sources)));
  const openKey = useCallback(() => setDialog('key'), []);
  const openSettings = useCallback(() => setDialog('settings'), []);
  const closeDialog = useCallback(() => afterKey(() => setDialog(null)), []);
  const closeBlackout = useCallback(() => afterKey(() => setBlackingOut(null)), []);
  useEffect(() => {
    if (fault === 'noKey' || fault === 'wrongKey') openKey();
  }, [fault, openKey]);
  const act = useCallback(
    (action: Action, target: ActionTarget) => (action === 'startBlackout' ? setBlackingOut(target) : control.send(action, target)),
    [control],
  );
  const targets = {
    view,
    onView,
    onFullscreen: toggleFullscreen,
    onSettings: openSettings,
    onPalette: palette.show,
    onScheme,
    onSound: sound.toggle,
  };
  const commands = useCommands(targets);
  const isBeneath = blackingOut !== null || dialog !== null || palette.opened;
  return (
    <div className={classes.page} data-kiosk={view.kiosk || undefined} style={{ '--bar-size': `${barSize}px` } as CSSProperties}>
      <TopBar view={view} onView={onView} scheme={scheme} sound={sound} commands={commands} onScheme={onScheme} onKey={openKey} />
      <div className={classes.notices}>
        <AlarmBar onKey={openKey} onOpen={open} />
        <AttemptToasts overDrawer={view.agent !== null} />
      </div>
      <nav className={classes.strips} aria-label="Filters">
        <StatusStrip filter={view} onFilter={onView} />
        <div className={classes.secondStrip}>
          <SourceStrip filter={view} onFilter={onView} />
          <QueueStrip sources={view.sources} onSearch={(search) => onView({ search })} />
        </div>
      </nav>
      <main className={classes.main}>
        <ErrorBoundary part="This view">
          {view.charts ? (
            <Suspense fallback={<GridLoading />}>
              <Charts filter={view} />
            </Suspense>
          ) : (
            <Agents view={view} onView={onView} onOpen={open} onAct={act} />
          )}
        </ErrorBoundary>
      </main>
      <Suspense fallback={null}>
        {view.agent === null ? null : (
          <ErrorBoundary part="This agent">
            <AgentDrawer id={view.agent} isBeneath={isBeneath} onClose={close} onAct={act} />
          </ErrorBoundary>
        )}
        {palette.loaded ? <Palette commands={commands} onOpen={open} onClose={palette.onClose} /> : null}
      </Suspense>
      <BlackoutDialog
        target={blackingOut}
        onStart={(target, wishes) => control.send('startBlackout', target, wishes)}
        onClose={closeBlackout}
      />
      <KeyDialog opened={dialog === 'key'} onClose={closeDialog} />
      <SettingsDialog opened={dialog === 'settings'} onClose={closeDialog} />
    </div>
  );
};
