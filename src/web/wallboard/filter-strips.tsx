import type { ReactNode } from 'react';
import type { AgentStatus } from '../generated/graphql.ts';
import { useBoard, useStore } from './board.ts';
import { type BoardFilter, type Lamp, toggled } from './board-filter.ts';
import { timeWords } from './duration-words.ts';
import classes from './filter-strips.module.css';
import { BlackoutIcon, RecordIcon } from './icons.tsx';
import { statusLabels, vendorLabel } from './labels.ts';
import type { Source } from './live-types.ts';

interface StripProps {
  filter: BoardFilter;
  onFilter(filter: BoardFilter): void;
}

const healthWords = (source: Source): string => {
  const { status, lastContactAt } = source.health;
  if (status === 'UP') return 'Up';
  const since = lastContactAt ? `, last heard ${timeWords(lastContactAt)}` : '';
  return `${status === 'DOWN' ? 'Down' : 'Degraded'}${since}`;
};

/** Every recorder with its health; pressing one shows only its agents. */
export const SourceStrip = ({ filter, onFilter }: StripProps): ReactNode => {
  const { sources } = useStore(useBoard().sources);
  if (sources === null) return null;
  return (
    <ul className={classes.strip} aria-label="Sources">
      {sources.map((source) => (
        <li key={source.id}>
          <button
            type="button"
            className={classes.source}
            data-health={source.health.status}
            aria-pressed={filter.sources.includes(source.name)}
            title={source.health.lastError ?? undefined}
            onClick={() => onFilter({ ...filter, sources: toggled(filter.sources, source.name) })}
          >
            <span className={classes.dot} aria-hidden="true" />
            <strong>{source.name}</strong>
            <span className={classes.vendor}>{vendorLabel(source.vendor)}</span>
            <span className={classes.health}>{healthWords(source)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
};

const lampChips: readonly { lamp: Lamp; label: string; icon: typeof RecordIcon }[] = [
  { lamp: 'recording', label: 'Recording', icon: RecordIcon },
  { lamp: 'blackout', label: 'Blackouts', icon: BlackoutIcon },
];

/** How many agents are in each status, and how many lamps are lit; pressing a count shows only those. */
export const StatusStrip = ({ filter, onFilter }: StripProps): ReactNode => {
  const views = useStore(useBoard().live.views);
  const counts = new Map<string, number>();
  const count = (word: string): void => void counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { agent, recordings, blackout } of views.values()) {
    if (filter.sources.length > 0 && !filter.sources.includes(agent.sourceName)) continue;
    count(agent.status);
    if (recordings.length > 0) count('recording');
    if (blackout !== null) count('blackout');
  }
  return (
    <fieldset className={classes.strip} aria-label="Statuses">
      {(Object.keys(statusLabels) as AgentStatus[])
        .filter((status) => status !== 'UNKNOWN' || counts.has(status))
        .map((status) => (
          <button
            key={status}
            type="button"
            className={classes.count}
            data-status={status}
            aria-pressed={filter.statuses.includes(status)}
            onClick={() => onFilter({ ...filter, statuses: toggled(filter.statuses, status) })}
          >
            <span className={classes.number}>{counts.get(status) ?? 0}</span> {statusLabels[status]}
          </button>
        ))}
      <span className={classes.gap} />
      {lampChips.map(({ lamp, label, icon: Icon }) => (
        <button
          key={lamp}
          type="button"
          className={classes.count}
          data-lamp-count={lamp}
          aria-pressed={filter.lamps.includes(lamp)}
          onClick={() => onFilter({ ...filter, lamps: toggled(filter.lamps, lamp) })}
        >
          <span className={classes.number}>{counts.get(lamp) ?? 0}</span>
          <Icon size="1em" /> {label}
        </button>
      ))}
    </fieldset>
  );
};
