import type { ReactNode } from 'react';
import { directionLabels } from './labels.ts';
import type { AgentView } from './live-types.ts';
import classes from './tile-call.module.css';

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

/** The agent's call, and the source that reports it. */
export const CallLine = ({ view }: { view: AgentView }): ReactNode => (
  <div className={classes.callLine}>
    <p className={classes.call}>
      <CallFacts view={view} />
    </p>
    <bdi className={classes.source}>{view.agent.sourceName}</bdi>
  </div>
);
