import { Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { alarmUrgency, blackoutEnd, blackoutFinding, overdueMs } from './alarms.ts';
import { useBoard, useNameOf, useStore, useTicking } from './board.ts';
import classes from './charts.module.css';
import { clockWords } from './duration-words.ts';
import { reasonLabels } from './labels.ts';
import type { AgentView, LiveBlackout } from './live-types.ts';

interface OpenBlackout {
  view: AgentView;
  blackout: LiveBlackout;
}

/** Such as `Running 0:18, overdue 0:03` or `Running 0:18, 1:42 left`. */
const ageText = (blackout: LiveBlackout, nowMs: number): string => {
  const startMs = Date.parse(blackout.startsAt);
  if (nowMs < startMs) return `Starts in ${clockWords(startMs - nowMs + 999)}`;
  const late = overdueMs(blackout, nowMs);
  const rest = late > 0 ? `overdue ${clockWords(late)}` : `${clockWords(Date.parse(blackoutEnd(blackout)) - nowMs + 999)} left`;
  return `Running ${clockWords(nowMs - startMs)}, ${rest}`;
};

const Age = ({ view, blackout }: OpenBlackout): ReactNode => {
  const name = useNameOf()(view.agent);
  const startMs = Date.parse(blackout.startsAt);
  const wholeMs = Date.parse(blackoutEnd(blackout)) - startMs;
  const share = useTicking((nowMs) => Math.min(100, Math.max(0, Math.round((100 * (nowMs - startMs)) / wholeMs))));
  const age = useTicking((nowMs) => ageText(blackout, nowMs));
  const finding = useTicking((nowMs) => {
    const found = blackoutFinding(view, nowMs);
    return found === null ? '' : `${found.urgency >= alarmUrgency ? '!' : ''}${found.label}`;
  });
  const alarm = finding.startsWith('!');
  return (
    <li className={classes.blackout} data-alarm={alarm || undefined}>
      <div className={classes.line}>
        <strong dir="auto">{name}</strong>
        <span>{age}</span>
      </div>
      <Progress
        value={share}
        size="lg"
        color={alarm ? 'var(--alarm)' : share > 80 ? 'var(--status-ringing)' : 'var(--status-on-call)'}
        aria-label={`Blackout of ${name}`}
        transitionDuration={0}
      />
      <Text c="var(--muted)">
        {reasonLabels[blackout.reason]}, {view.agent.sourceName}
        {finding === '' ? '' : `. ${finding.replace('!', '')}.`}
      </Text>
    </li>
  );
};

export const OpenBlackouts = ({ shows }: { shows(agent: string): boolean }): ReactNode => {
  const views = useStore(useBoard().live.views);
  const open: OpenBlackout[] = [...views.values()]
    .flatMap((view) => (view.blackout === null || !shows(view.agent.id) ? [] : [{ view, blackout: view.blackout }]))
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
