import { Progress, Text } from '@mantine/core';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useBoard, useStore } from './board.ts';
import classes from './charts.module.css';
import { reasonLabels, warningLabels } from './labels.ts';
import { type AgentView, agentName, type LiveBlackout } from './live-types.ts';
import { Since, Until } from './times.tsx';

interface OpenBlackout {
  view: AgentView;
  blackout: LiveBlackout;
}

const Age = ({ view, blackout }: OpenBlackout): ReactNode => {
  const { ticker } = useBoard();
  const endsAt = blackout.stopsAt ?? blackout.deadline;
  const wholeMs = Date.parse(endsAt) - Date.parse(blackout.startsAt);
  const share = useSyncExternalStore(ticker.subscribe, () =>
    Math.min(100, Math.max(0, Math.round((100 * (ticker.get() - Date.parse(blackout.startsAt))) / wholeMs))),
  );
  const name = agentName(view.agent);
  return (
    <li className={classes.blackout}>
      <div className={classes.line}>
        <strong>{name}</strong>
        <span>
          <Since instant={blackout.startsAt} /> old, <Until instant={endsAt} /> left
        </span>
      </div>
      <Progress
        value={share}
        size="lg"
        color={share > 50 ? 'var(--status-ringing)' : 'var(--status-on-call)'}
        aria-label={`Blackout of ${name}`}
        transitionDuration={0}
      />
      <Text c="var(--muted)">
        {reasonLabels[blackout.reason]}, {view.agent.sourceName}
        {view.warning ? `. ${warningLabels[view.warning]}.` : ''}
      </Text>
    </li>
  );
};

export const OpenBlackouts = (): ReactNode => {
  const views = useStore(useBoard().live.views);
  const open: OpenBlackout[] = [...views.values()]
    .flatMap((view) => (view.blackout === null ? [] : [{ view, blackout: view.blackout }]))
    .sort((a, b) => Date.parse(a.blackout.startsAt) - Date.parse(b.blackout.startsAt));
  if (open.length === 0) return <Text fz="1.1rem">No blackout is open.</Text>;
  return (
    <ul className={classes.blackouts} aria-label="Open blackouts">
      {open.map(({ view, blackout }) => (
        <Age key={blackout.id} view={view} blackout={blackout} />
      ))}
    </ul>
  );
};
