import { Alert, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useBoard, useStore } from './board.ts';
import { timeWords } from './duration-words.ts';
import { WarningIcon } from './icons.tsx';
import { Since } from './times.tsx';

const large = { title: { fontSize: '1.3rem' }, message: { fontSize: '1.05rem', color: 'var(--text)' } };

const nounLabels = { agent: 'agents', call: 'calls', recording: 'recordings', blackout: 'blackouts' } as const;

/** Says that what is shown is no longer live, since when, and what happens next. Silent while all is well. */
export const StaleBanner = ({ onKey }: { onKey(): void }): ReactNode => {
  const { connection, faults, sources } = useBoard();
  const { stage, sinceMs } = useStore(connection);
  const missing = Object.entries(useStore(faults)) as [keyof typeof nounLabels, string][];
  const { fault } = useStore(sources);
  const key = (
    <Button size="compact-md" variant="default" onClick={onKey}>
      Enter access key
    </Button>
  );
  if (stage === 'refused' || fault === 'unauthorized') {
    return (
      <Alert
        color="red"
        variant="outline"
        styles={large}
        role="alert"
        icon={<WarningIcon />}
        title="This server wants an access key"
        bg="var(--surface)"
      >
        What is shown was true at {timeWords(sinceMs)}. {key}
      </Alert>
    );
  }
  if (stage === 'lost') {
    return (
      <Alert
        color="orange"
        variant="outline"
        styles={large}
        role="alert"
        icon={<WarningIcon />}
        title={`Not live since ${timeWords(sinceMs)}`}
        bg="var(--surface)"
      >
        The connection was lost <Since instant={new Date(sinceMs).toISOString()} /> ago. It comes back by itself and misses nothing.
      </Alert>
    );
  }
  if (missing.length > 0) {
    return (
      <Alert
        color="orange"
        variant="outline"
        styles={large}
        role="alert"
        icon={<WarningIcon />}
        title={`No live ${missing.map(([noun]) => nounLabels[noun]).join(', ')}`}
        bg="var(--surface)"
      >
        {[...new Set(missing.map(([, reason]) => reason))].join(' ')} {key}
      </Alert>
    );
  }
  return null;
};
