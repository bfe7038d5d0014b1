import { Button, Popover } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import classes from './alarm-bar.module.css';
import { alarmSentence, urgencyOf } from './alarms.ts';
import { useBoard, useNameOf, useNow, useStore } from './board.ts';
import { clockWords, timeWords } from './duration-words.ts';
import { WarningIcon } from './icons.tsx';
import { isRefused, type SourcesFault } from './sources.ts';

interface Notice {
  key: string;
  tone: 'alarm' | 'warning';
  title: string;
  text: string;
  action: { label: string; run(): void } | null;
}

const entityLabels = { agent: 'agents', call: 'calls', recording: 'recordings', blackout: 'blackouts' } as const;

/** Each says what is missing and what to do, so that none is mistaken for another. */
const refusalTitles: Readonly<Record<Exclude<SourcesFault, 'unreachable'>, string>> = {
  noKey: 'Access key required',
  wrongKey: 'Access key not valid',
  noScope: 'Access key lacks a permission',
};

const useRefusal = (onKey: () => void): Notice | null => {
  const { connection, sources } = useBoard();
  const { stage } = useStore(connection);
  const { fault, message } = useStore(sources);
  const refused = fault === null || fault === 'unreachable' ? (stage === 'refused' ? 'wrongKey' : null) : fault;
  if (refused === null) return null;
  const text =
    refused === 'noKey' ? 'Enter a key to see agents and recorders.' : (message ?? 'The server refused the key. Enter another one.');
  return { key: 'refused', tone: 'alarm', title: refusalTitles[refused], text, action: { label: 'Enter access key', run: onKey } };
};

const useConnectionLoss = (): Notice | null => {
  const { connection, sources } = useBoard();
  const { stage, sinceMs } = useStore(connection);
  const nowMs = useNow();
  const { fault } = useStore(sources);
  // The refusal says why there is no connection.
  if (stage !== 'lost' || isRefused(fault)) return null;
  const text = `Connection lost ${clockWords(Math.max(0, nowMs - sinceMs))} ago. Reconnecting; no event will be missed.`;
  return { key: 'lost', tone: 'warning', title: `Not live since ${timeWords(sinceMs)}`, text, action: null };
};

/** Recorders that do not answer. While they are down, "No alarms" would be a claim. */
const useDownSources = (): Notice | null => {
  const { connection, sources } = useBoard();
  const { stage } = useStore(connection);
  const { sources: known, fault } = useStore(sources);
  const down = known?.filter(({ health }) => health.status === 'DOWN') ?? [];
  if (stage !== 'live' || isRefused(fault) || down.length === 0) return null;
  const text = down.length === 1 ? 'recorder down, its agents are as last known' : 'recorders down, their agents are as last known';
  return { key: 'down', tone: 'warning', title: down.map(({ name }) => name).join(', '), text, action: null };
};

const isMissingScope = (reason: string): boolean => reason.includes('needs the scope');

/** A stream that fails while the others run. One that the key does not allow shows as a dash in the counters and is no alarm. */
const useStreamFaults = (): Notice | null => {
  const faults = Object.entries(useStore(useBoard().faults)) as [keyof typeof entityLabels, string][];
  const missing = faults.filter(([, reason]) => !isMissingScope(reason));
  if (missing.length === 0) return null;
  const title = `No live ${missing.map(([entity]) => entityLabels[entity]).join(', ')}`;
  return { key: 'streams', tone: 'warning', title, text: [...new Set(missing.map(([, reason]) => reason))].join(' '), action: null };
};

const useAlarms = (onOpen: (id: string) => void): Notice[] => {
  const { live, settings, connection } = useBoard();
  const views = useStore(live.views);
  const { thresholds } = useStore(settings);
  const { stage } = useStore(connection);
  const nameOf = useNameOf();
  const nowMs = useNow();
  return useMemo(() => {
    // A countdown of what was last known would claim to know what is now.
    if (stage !== 'live') return [];
    return [...views.values()]
      .flatMap((view) => {
        const sentence = alarmSentence(view, nowMs);
        return sentence === null ? [] : [{ view, sentence, urgency: urgencyOf(view, thresholds, nowMs) }];
      })
      .sort((a, b) => b.urgency - a.urgency || Date.parse(a.view.blackout!.startsAt) - Date.parse(b.view.blackout!.startsAt))
      .map(({ view: { agent }, sentence }) => ({
        key: agent.id,
        tone: 'alarm' as const,
        title: nameOf(agent),
        text: sentence,
        action: { label: 'Open', run: () => onOpen(agent.id) },
      }));
  }, [views, thresholds, stage, nameOf, nowMs, onOpen]);
};

const NoticeLine = ({ notice: { tone, title, text, action } }: { notice: Notice }): ReactNode => (
  <div className={classes.notice} data-tone={tone}>
    <WarningIcon size="1.2em" />
    <span className={classes.words}>
      <strong dir="auto">{title}</strong>
      <span>
        {': '}
        {text}
      </span>
    </span>
    {action === null ? null : (
      <Button size="compact-md" variant="default" className={classes.button ?? ''} onClick={action.run}>
        {action.label}
      </Button>
    )}
  </div>
);

interface AlarmBarProps {
  onKey(): void;
  onOpen(id: string): void;
}

/** The line that says what is wrong: no access, no connection, blackouts that need somebody. It keeps its height, so that nothing jumps. */
export const AlarmBar = ({ onKey, onOpen }: AlarmBarProps): ReactNode => {
  const [opened, setOpened] = useState(false);
  const alarms = useAlarms(onOpen);
  const notices = [useRefusal(onKey), useConnectionLoss(), ...alarms, useDownSources(), useStreamFaults()].filter(
    (notice) => notice !== null,
  );
  const { stage } = useStore(useBoard().connection);
  const [first, ...others] = notices;
  return (
    <section className={classes.bar} aria-label="Alarms" data-tone={first?.tone}>
      <div role="alert" className={classes.first}>
        {first === undefined ? null : <NoticeLine notice={first} />}
      </div>
      {first === undefined ? <p className={classes.calm}>{stage === 'live' ? 'No alarms' : 'Connecting to the server'}</p> : null}
      {others.length === 0 ? null : (
        <Popover opened={opened} onChange={setOpened} position="bottom-end" width="min(44rem, 95vw)" shadow="md" withinPortal={false}>
          <Popover.Target>
            <Button
              size="compact-md"
              variant="default"
              className={classes.button ?? ''}
              aria-expanded={opened}
              onClick={() => setOpened(!opened)}
            >
              {others.length} more
            </Button>
          </Popover.Target>
          <Popover.Dropdown className={classes.others ?? ''}>
            {others.map((notice) => (
              <NoticeLine key={notice.key} notice={notice} />
            ))}
          </Popover.Dropdown>
        </Popover>
      )}
    </section>
  );
};
