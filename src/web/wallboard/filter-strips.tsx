import { type CSSProperties, type ReactNode, useMemo } from 'react';
import type { AgentStatus } from '../generated/graphql.ts';
import { alarmUrgency, urgencyOf } from './alarms.ts';
import { useBoard, useNow, useStore } from './board.ts';
import { type BoardFilter, type Lamp, toggled } from './board-view.ts';
import { timeWords } from './duration-words.ts';
import classes from './filter-strips.module.css';
import { BlackoutIcon, RecordIcon, WarningIcon } from './icons.tsx';
import { statusLabels, vendorLabel } from './labels.ts';
import { isRecorded, type Source } from './live-types.ts';

interface StripProps {
  filter: BoardFilter;
  onFilter(filter: Partial<BoardFilter>): void;
}

interface Health {
  level: 'UP' | 'DEGRADED' | 'DOWN' | 'UNKNOWN';
  words: string;
}

const healthOf = ({ health: { status, lastContactAt } }: Source, reachable: boolean): Health => {
  if (!reachable) return { level: 'UNKNOWN', words: 'Unknown' };
  if (status === 'UP') return lastContactAt === null ? { level: 'UNKNOWN', words: 'No contact yet' } : { level: 'UP', words: 'Up' };
  const since = lastContactAt ? `, last contact ${timeWords(lastContactAt)}` : '';
  return { level: status, words: `${status === 'DOWN' ? 'Down' : 'Degraded'}${since}` };
};

/** So many recorders share one line, however long the words of their health are; more take as many lines as they need. */
const maxInLine = 5;

/** Every recorder with its health; pressing one shows only its agents. */
export const SourceStrip = ({ filter, onFilter }: StripProps): ReactNode => {
  const board = useBoard();
  const { sources, fault } = useStore(board.sources);
  const { stage } = useStore(board.connection);
  if (sources === null) return null;
  const reachable = fault === null && stage !== 'lost' && stage !== 'refused';
  return (
    <ul className={classes.strip} data-few={sources.length <= maxInLine || undefined} aria-label="Sources">
      {sources.map((source) => {
        const { level, words } = healthOf(source, reachable);
        return (
          <li key={source.id}>
            <button
              type="button"
              className={classes.source}
              data-health={level}
              aria-pressed={filter.sources.includes(source.name)}
              title={source.health.lastError ?? undefined}
              onClick={() => onFilter({ sources: toggled(filter.sources, source.name) })}
            >
              <span className={classes.dot} aria-hidden="true" />
              <strong dir="auto">{source.name}</strong>
              <span className={classes.vendor}>{source.vendor === 'OTHER' ? source.vendorType : vendorLabel(source.vendor)}</span>
              <span className={classes.health}>{words}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
};

const lampChips: readonly { lamp: Lamp; label: string; icon: typeof RecordIcon }[] = [
  { lamp: 'recording', label: 'Recording', icon: RecordIcon },
  { lamp: 'blackout', label: 'Blackouts', icon: BlackoutIcon },
  { lamp: 'alarm', label: 'Alarms', icon: WarningIcon },
];

const useCounts = (sources: readonly string[]): ReadonlyMap<string, number> => {
  const { live, settings } = useBoard();
  const views = useStore(live.views);
  const { thresholds } = useStore(settings);
  const nowMs = useNow();
  return useMemo(() => {
    const counts = new Map<string, number>();
    const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const view of views.values()) {
      if (sources.length > 0 && !sources.includes(view.agent.sourceName)) continue;
      count(view.agent.status);
      if (isRecorded(view)) count('recording');
      if (view.blackout !== null) count('blackout');
      if (urgencyOf(view, thresholds, nowMs) >= alarmUrgency) count('alarm');
    }
    return counts;
  }, [views, thresholds, nowMs, sources]);
};

/** Returns true if counts are true now, what was last known, or nothing: a zero would be a claim. */
export const useKnown = (): 'live' | 'stale' | 'none' => {
  const { connection, live, sources } = useBoard();
  const { stage } = useStore(connection);
  const { sources: known, fault } = useStore(sources);
  useStore(live.views);
  const empty = live.views.get().size === 0;
  if (stage === 'live' && (fault === null || fault === 'unreachable')) {
    const down = known?.some(({ health }) => health.status === 'DOWN') ?? false;
    return down ? 'stale' : 'live';
  }
  return empty ? 'none' : 'stale';
};

/** How many agents are in each status, and how many lamps are lit; pressing a count shows only those. */
export const StatusStrip = ({ filter, onFilter }: StripProps): ReactNode => {
  const counts = useCounts(filter.sources);
  const known = useKnown();
  const { connection, faults: faultStore } = useBoard();
  const { stage } = useStore(connection);
  const faults = useStore(faultStore);
  const refused: Readonly<Record<string, boolean>> = {
    recording: 'recording' in faults,
    blackout: 'blackout' in faults,
    alarm: 'blackout' in faults,
  };
  // The widths of all counts with two digits, in their font size: they stand in one line.
  const lineEm = 92 + (counts.has('UNKNOWN') ? 9 : 0);
  const number = (key: string): ReactNode => (
    <span className={classes.number}>{known === 'none' || refused[key] ? '–' : (counts.get(key) ?? 0)}</span>
  );
  return (
    <fieldset
      className={`${classes.strip} ${classes.counts}`}
      style={{ '--line-em': lineEm } as CSSProperties}
      aria-label="Statuses"
      data-known={known}
      title={known === 'stale' ? 'Some of these counts are what was last known.' : undefined}
    >
      {(Object.keys(statusLabels) as AgentStatus[])
        .filter((status) => status !== 'UNKNOWN' || counts.has(status))
        .map((status) => (
          <button
            key={status}
            type="button"
            className={classes.count}
            data-status={status}
            aria-pressed={filter.statuses.includes(status)}
            onClick={() => onFilter({ statuses: toggled(filter.statuses, status) })}
          >
            {number(status)} {statusLabels[status]}
          </button>
        ))}
      <span className={classes.gap} />
      {lampChips.map(({ lamp, label, icon: Icon }) => (
        <button
          key={lamp}
          type="button"
          className={classes.count}
          data-lamp-count={lamp}
          data-lit={(lamp === 'alarm' || lamp === 'blackout') && stage === 'live' && (counts.get('alarm') ?? 0) > 0 ? '' : undefined}
          aria-pressed={filter.lamps.includes(lamp)}
          onClick={() => onFilter({ lamps: toggled(filter.lamps, lamp) })}
        >
          {number(lamp)}
          <Icon size="1em" /> {label}
        </button>
      ))}
    </fieldset>
  );
};
