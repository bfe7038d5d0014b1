import type { ReactNode } from 'react';
import { useOfferedActions } from './agent-actions.ts';
import { useSource } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { BlackoutIcon, RecordIcon, StopIcon } from './icons.tsx';
import type { AgentView } from './live-types.ts';
import classes from './tile-actions.module.css';

const actionIcons: Readonly<Record<Action, typeof RecordIcon>> = {
  startRecording: RecordIcon,
  stopRecording: StopIcon,
  startBlackout: BlackoutIcon,
  stopBlackout: BlackoutIcon,
};

/** The buttons for what the recorder can do now. */
export const TileActions = ({
  view,
  name,
  tabIndex,
  onAct,
}: {
  view: AgentView;
  name: string;
  tabIndex: number;
  onAct(action: Action, target: ActionTarget): void;
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
