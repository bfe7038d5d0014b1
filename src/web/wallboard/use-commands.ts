import { useMemo } from 'react';
import { useBoard, useNameOf } from './board.ts';
import { arrangeAgents } from './board-order.ts';
import { type BoardView, emptyFilter, groupings, layouts, sorts } from './board-view.ts';
import type { Command } from './commands.ts';
import { agentsCsv, downloadCsv } from './csv.ts';
import { groupingLabels, layoutLabels, sortLabels } from './labels.ts';
import type { ChangeView } from './use-view.ts';

interface CommandTargets {
  view: BoardView;
  onView: ChangeView;
  onFullscreen(): Promise<void>;
  onSettings(): void;
  onPalette(): void;
  onScheme(): void;
  onSound(): void;
}

/** Everything the page can do besides acting on an agent. */
export const useCommands = ({
  view,
  onView,
  onFullscreen,
  onSettings,
  onPalette,
  onScheme,
  onSound,
}: CommandTargets): readonly Command[] => {
  const { live, settings, ticker } = useBoard();
  const nameOf = useNameOf();
  return useMemo(() => {
    const exportCsv = (): void => {
      const views = live.views.get();
      const options = { nameOf, thresholds: settings.get().thresholds, nowMs: ticker.now() };
      const groups = arrangeAgents(views, { filter: view, sort: view.sort, grouping: view.group }, options);
      const shown = groups.flatMap(({ ids }) => ids.map((id) => views.get(id)!));
      downloadCsv(`agents-${new Date(ticker.now()).toISOString().slice(0, 19).replaceAll(':', '')}.csv`, agentsCsv(shown, nameOf));
    };
    const menu = (id: string, label: string, run: () => void): Command => ({ id, label, menu: true, run });
    const entry = (id: string, label: string, run: () => void): Command => ({ id, label, menu: false, run });
    return [
      menu('kiosk', view.kiosk ? 'Leave kiosk mode' : 'Kiosk mode', () => onView({ kiosk: !view.kiosk, agent: null })),
      menu('fullscreen', 'Full screen', () => void onFullscreen()),
      menu('csv', 'Export as CSV', exportCsv),
      menu('link', 'Copy link to this view', () => void navigator.clipboard?.writeText(location.href)),
      menu('settings', 'Settings', onSettings),
      menu('palette', 'Find anything (Ctrl K)', onPalette),
      entry('scheme', 'Switch between light and dark colours', onScheme),
      entry('sound', 'Turn the alert sound on or off', onSound),
      entry('charts', view.charts ? 'Show agents' : 'Show charts', () => onView({ charts: !view.charts })),
      entry('all', 'Show all agents', () => onView(emptyFilter)),
      entry('alarms', 'Show only agents with an alarm', () => onView({ ...emptyFilter, lamps: ['alarm'] })),
      ...sorts.map((sort) => entry(`sort-${sort}`, `Sort by ${sortLabels[sort].toLowerCase()}`, () => onView({ sort }))),
      ...groupings.map((group) => entry(`group-${group}`, `Group by ${groupingLabels[group].toLowerCase()}`, () => onView({ group }))),
      ...layouts.map((layout) => entry(`layout-${layout}`, `Layout: ${layoutLabels[layout].toLowerCase()}`, () => onView({ layout }))),
    ];
  }, [live, settings, ticker, nameOf, view, onView, onFullscreen, onSettings, onPalette, onScheme, onSound]);
};
