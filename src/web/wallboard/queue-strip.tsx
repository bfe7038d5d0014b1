import { type ReactNode, useMemo } from 'react';
import { useBoard, useStore } from './board.ts';
import { useKnown } from './filter-strips.tsx';
import classes from './queue-strip.module.css';
import { callsByQueue, waitingCalls } from './queues.ts';
import { Since } from './times.tsx';

const maxQueues = 6;

interface QueueStripProps {
  sources: readonly string[];
  onSearch(search: string): void;
}

/** Calls that wait, the longest wait, and the calls of each queue, as far as the recorders report them. Pressing a queue searches for it. */
export const QueueStrip = ({ sources, onSearch }: QueueStripProps): ReactNode => {
  const board = useBoard();
  const all = useStore(board.live.calls);
  const refused = 'call' in useStore(board.faults);
  const known = useKnown();
  const calls = useMemo(() => (sources.length === 0 ? all : all.filter(({ sourceName }) => sources.includes(sourceName))), [all, sources]);
  const waiting = useMemo(() => waitingCalls(calls), [calls]);
  const queues = useMemo(() => callsByQueue(calls), [calls]);
  const oldest = known === 'live' ? waiting[0]?.startedAt : null;
  return (
    <fieldset className={classes.queues} aria-label="Queues" data-known={known}>
      {known === 'stale' ? <span className={classes.lastKnown}>Last known</span> : null}
      <span className={classes.waiting} data-waiting={(known === 'live' && waiting.length > 0) || undefined}>
        <strong>{known === 'none' || refused ? '–' : waiting.length}</strong> waiting
        {oldest ? (
          <span className={classes.longest}>
            <span>, longest</span> <Since instant={oldest} />
          </span>
        ) : null}
      </span>
      {queues.slice(0, maxQueues).map(({ queue, inCall, waiting: inQueue }) => (
        <button key={queue} type="button" className={classes.queue} onClick={() => onSearch(queue)} title={`Show the calls of ${queue}`}>
          <bdi>{queue}</bdi> <strong>{inCall}</strong>
          {inQueue > 0 ? ` +${inQueue} waiting` : ''}
        </button>
      ))}
    </fieldset>
  );
};
