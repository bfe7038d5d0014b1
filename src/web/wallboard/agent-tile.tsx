import { memo, type ReactNode, useSyncExternalStore } from 'react';
import { Lamps } from './agent-lamps.tsx';
import { nameLines } from './agent-name.ts';
import classes from './agent-tile.module.css';
import { alarmUrgency, lateness, urgencyOf } from './alarms.ts';
import { useAgentView, useBoard, useNameOf, useSource, useStaleSince, useStore, useTicking } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { statusLabels } from './labels.ts';
import type { AgentView } from './live-types.ts';
import { TileActions } from './tile-actions.tsx';
import { CallLine } from './tile-call.tsx';
import { Since } from './times.tsx';

const StatusLine = ({ view, staleSince }: { view: AgentView; staleSince: number | null }): ReactNode => {
  const { status, vendorStatus, statusSince } = view.agent;
  return (
    <p className={classes.status}>
      <span className={classes.statusWord} title={vendorStatus ?? undefined}>
        {statusLabels[status]}
      </span>
      {staleSince !== null ? (
        <span className={classes.lastSeen}>
          <span className={classes.lastSeenWords}>last seen </span>
          <Since instant={new Date(staleSince).toISOString()} /> ago
        </span>
      ) : statusSince ? (
        <span className={classes.since}>
          <Since instant={statusSince} />
        </span>
      ) : null}
    </p>
  );
};

export interface AgentTileProps {
  id: string;
  /** In kiosk mode nobody operates the page. */
  controls: boolean;
  onOpen(id: string): void;
  onAct(action: Action, target: ActionTarget): void;
}

const Tile = ({ view, controls, onOpen, onAct }: Omit<AgentTileProps, 'id'> & { view: AgentView }): ReactNode => {
  const { settings, tabStop } = useBoard();
  const { agent } = view;
  const name = useNameOf()(agent);
  const lines = nameLines(name);
  const { thresholds } = useStore(settings);
  const staleSince = useStaleSince(agent, useSource(agent.sourceName));
  const isTabStop = useSyncExternalStore(tabStop.subscribe, () => tabStop.get() === agent.id);
  const late = useTicking((nowMs) => lateness(view, thresholds, nowMs));
  const alarm = useTicking((nowMs) => urgencyOf(view, thresholds, nowMs) >= alarmUrgency);
  const tabIndex = isTabStop ? 0 : -1;
  return (
    <article
      className={classes.tile}
      data-status={agent.status}
      data-blackout={view.blackout ? '' : undefined}
      data-alarm={alarm ? '' : undefined}
      data-late={(staleSince === null && late) || undefined}
      data-stale={staleSince === null ? undefined : ''}
      data-call={view.call === null ? undefined : ''}
      data-name-lines={lines > 1 ? lines : undefined}
      aria-label={name}
    >
      <h3 className={classes.name}>
        <button
          type="button"
          dir="auto"
          className={classes.open}
          title={name}
          data-agent={agent.id}
          tabIndex={tabIndex}
          onFocus={() => tabStop.set(agent.id)}
          onClick={() => onOpen(agent.id)}
          aria-haspopup="dialog"
        >
          {name}
        </button>
      </h3>
      <StatusLine view={view} staleSince={staleSince} />
      <CallLine view={view} />
      <Lamps view={view} stale={staleSince !== null} />
      {controls ? <TileActions view={view} name={name} tabIndex={tabIndex} onAct={onAct} /> : null}
    </article>
  );
};

/** One agent, readable from across the room. Plain elements: hundreds of them change at once. */
export const AgentTile = memo(({ id, ...rest }: AgentTileProps): ReactNode => {
  const view = useAgentView(id);
  return view === undefined ? null : <Tile view={view} {...rest} />;
});
