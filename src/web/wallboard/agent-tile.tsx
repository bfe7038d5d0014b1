import { memo, type ReactNode } from 'react';
import { useOfferedActions } from './agent-actions.ts';
import classes from './agent-tile.module.css';
import { useAgentView } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { timeWords } from './duration-words.ts';
import { BlackoutIcon, RecordIcon, StopIcon, WarningIcon } from './icons.tsx';
import { directionLabels, reasonLabels, statusLabels, warningLabels, wordLabel } from './labels.ts';
import { type AgentView, agentName, type Source } from './live-types.ts';
import { Since, Until } from './times.tsx';

const actionIcons: Readonly<Record<Action, typeof RecordIcon>> = {
  startRecording: RecordIcon,
  stopRecording: StopIcon,
  startBlackout: BlackoutIcon,
  stopBlackout: BlackoutIcon,
};

/** The two lamps: being recorded, and blacked out with the time that is left. */
export const Lamps = ({ view }: { view: AgentView }): ReactNode => {
  const running = view.recordings.filter(({ state }) => state === 'RECORDING');
  const lit = running.find(({ kind }) => kind === 'AUDIO') ?? running[0] ?? view.recordings[0];
  const { blackout, warning } = view;
  return (
    <div className={classes.lamps}>
      {lit ? (
        <span className={classes.lamp} data-lamp="recording" data-state={lit.state}>
          <RecordIcon size="1em" />
          {lit.state === 'RECORDING' ? (lit.kind === 'SCREEN' ? 'Recording screen' : 'Recording') : wordLabel(lit.state)}
        </span>
      ) : null}
      {blackout ? (
        <span className={classes.lamp} data-lamp="blackout" title={`${reasonLabels[blackout.reason]}, asked by ${blackout.requestedBy}`}>
          <BlackoutIcon size="1em" />
          {blackout.state === 'SCHEDULED' ? 'Blackout in ' : blackout.state === 'STOPPING' ? 'Ending blackout ' : 'Blackout '}
          <Until instant={blackout.state === 'SCHEDULED' ? blackout.startsAt : (blackout.stopsAt ?? blackout.deadline)} />
        </span>
      ) : null}
      {blackout && warning ? (
        <span className={classes.lamp} data-lamp="warning">
          <WarningIcon size="1em" />
          {warningLabels[warning]}
        </span>
      ) : null}
    </div>
  );
};

const CallLine = ({ view }: { view: AgentView }): ReactNode => {
  const { call, agent } = view;
  if (call === null) return null;
  const waiting = agent.inactiveCalls.filter(({ id }) => id !== call.id).length;
  const number = call.direction === 'OUTBOUND' ? call.called : call.caller;
  return (
    <p className={classes.call}>
      <span className={classes.direction}>{directionLabels[call.direction]}</span>
      <span className={classes.caller}>{number ?? 'Number withheld'}</span>
      {call.queue ? <span className={classes.queue}>{call.queue}</span> : null}
      {waiting > 0 ? <span className={classes.queue}>+{waiting} on hold</span> : null}
    </p>
  );
};

export interface AgentTileProps {
  id: string;
  source: Source | undefined;
  onOpen(id: string): void;
  onAct(action: Action, target: ActionTarget): void;
}

const Tile = ({ view, source, onOpen, onAct }: Omit<AgentTileProps, 'id'> & { view: AgentView }): ReactNode => {
  const { agent } = view;
  const name = agentName(agent);
  const offered = useOfferedActions(view, source);
  const down = source !== undefined && source.health.status === 'DOWN';
  return (
    <article
      className={classes.tile}
      data-status={agent.status}
      data-blackout={view.blackout ? '' : undefined}
      data-down={down ? '' : undefined}
      aria-label={name}
    >
      <header className={classes.head}>
        <h3 className={classes.name}>
          <button type="button" className={classes.open} onClick={() => onOpen(agent.id)} aria-haspopup="dialog">
            {name}
          </button>
        </h3>
        <span className={classes.source}>{agent.sourceName}</span>
      </header>
      <p className={classes.status}>
        <span title={agent.vendorStatus ?? undefined}>{statusLabels[agent.status]}</span>
        {agent.statusSince ? (
          <span className={classes.since}>
            <Since instant={agent.statusSince} />
          </span>
        ) : null}
      </p>
      <CallLine view={view} />
      {down && agent.observedAt ? <p className={classes.stale}>As seen at {timeWords(agent.observedAt)}</p> : null}
      <footer className={classes.foot}>
        <Lamps view={view} />
        {offered.length > 0 ? (
          <div className={classes.actions}>
            {offered.map(({ action, label, busy }) => {
              const Icon = actionIcons[action];
              return (
                <button
                  key={action}
                  type="button"
                  className={classes.action}
                  data-action={action}
                  disabled={busy}
                  aria-label={`${label}: ${name}`}
                  onClick={() => onAct(action, { id: agent.id, name })}
                >
                  <Icon size="1.1em" />
                  {busy ? 'Asking…' : label}
                </button>
              );
            })}
          </div>
        ) : null}
      </footer>
    </article>
  );
};

/** One agent, readable from across the room. Plain elements: hundreds of them change at once. */
export const AgentTile = memo(({ id, ...rest }: AgentTileProps): ReactNode => {
  const view = useAgentView(id);
  return view === undefined ? null : <Tile view={view} {...rest} />;
});
