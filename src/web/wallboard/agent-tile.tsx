import { memo, type ReactNode, useSyncExternalStore } from 'react';
import { useOfferedActions } from './agent-actions.ts';
import { Lamps } from './agent-lamps.tsx';
import { nameLines } from './agent-name.ts';
import classes from './agent-tile.module.css';
import { alarmUrgency, lateness, urgencyOf } from './alarms.ts';
import { useAgentView, useBoard, useNameOf, useSource, useStaleSince, useStore, useTicking } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { BlackoutIcon, RecordIcon, StopIcon } from './icons.tsx';
import { directionLabels, statusLabels } from './labels.ts';
import type { AgentView } from './live-types.ts';
import { Since } from './times.tsx';

const actionIcons: Readonly<Record<Action, typeof RecordIcon>> = {
  startRecording: RecordIcon,
  stopRecording: StopIcon,
  startBlackout: BlackoutIcon,
  stopBlackout: BlackoutIcon,
};

const CallFacts = ({ view }: { view: AgentView }): ReactNode => {
  const { call, agent } = view;
  if (call === null) return null;
  const onHold = agent.inactiveCalls.filter(({ id }) => id !== call.id).length;
  const number = call.direction === 'OUTBOUND' ? call.called : call.caller;
  return (
    <>
      <span className={classes.party}>
        <span className={classes.direction}>{directionLabels[call.direction]}</span>
        <bdi className={classes.caller}>{number ?? 'Number withheld'}</bdi>
      </span>
      {call.queue ? <bdi className={classes.queue}>{call.queue}</bdi> : null}
      {onHold > 0 ? <span className={classes.queue}>+{onHold} on hold</span> : null}
    </>
  );
};

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

const Actions = ({
  view,
  name,
  tabIndex,
  onAct,
}: {
  view: AgentView;
  name: string;
  tabIndex: number;
  onAct: AgentTileProps['onAct'];
}): ReactNode => {
  const offered = useOfferedActions(view, useSource(view.agent.sourceName));
  return (
    <div className={classes.actions}>
      {offered.map(({ slot, action, label, shortLabel, busy }) => {
        const Icon = actionIcons[action];
        return (
          <button
            key={slot}
            type="button"
            className={classes.action}
            data-action={action}
            tabIndex={tabIndex}
            // A disabled button would lose the focus.
            aria-disabled={busy || undefined}
            aria-label={`${label}: ${name}`}
            title={label}
            onClick={() => busy || onAct(action, { id: view.agent.id, name })}
          >
            <Icon size="1.1em" />
            <span className={classes.actionLabel}>{busy ? 'Sending…' : shortLabel}</span>
          </button>
        );
      })}
    </div>
  );
};

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
      <div className={classes.callLine}>
        <p className={classes.call}>
          <CallFacts view={view} />
        </p>
        <bdi className={classes.source}>{agent.sourceName}</bdi>
      </div>
      <Lamps view={view} stale={staleSince !== null} />
      {controls ? <Actions view={view} name={name} tabIndex={tabIndex} onAct={onAct} /> : null}
    </article>
  );
};

/** One agent, readable from across the room. Plain elements: hundreds of them change at once. */
export const AgentTile = memo(({ id, ...rest }: AgentTileProps): ReactNode => {
  const view = useAgentView(id);
  return view === undefined ? null : <Tile view={view} {...rest} />;
});
