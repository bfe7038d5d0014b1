import { type ReactNode, useMemo } from 'react';
import { useBoard, useStore } from './board.ts';
import classes from './filter-strips.module.css';
import { callsByQueue, waitingCalls } from './queues.ts';
import { Since } from './times.tsx';

const maxQueues = 6;

/** Calls that wait, the longest wait, and the calls of each queue, as far as the recorders report them. Pressing a queue searches for it. */
export const QueueStrip = ({ onSearch }: { onSearch(search: string): void }): ReactNode => {
  const calls = useStore(useBoard().live.calls);
  const waiting = useMemo(() => waitingCalls(calls), [calls]);
  const queues = useMemo(() => callsByQueue(calls), [calls]);
  const oldest = waiting[0]?.startedAt;
  return (
    <fieldset className={classes.queues} aria-label="Queues">
      <span className={classes.waiting} data-waiting={waiting.length > 0 || undefined}>
        <strong>{waiting.length}</strong> waiting
        {oldest ? (
          <>
            , longest <Since instant={oldest} />
          </>
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
