import type { LiveCall } from './live-types.ts';

interface QueueCount {
  queue: string;
  waiting: number;
  inCall: number;
}

/** Calls that nobody has answered yet, oldest first. */
export const waitingCalls = (calls: readonly LiveCall[]): LiveCall[] =>
  calls
    .filter(({ state, direction }) => state === 'RINGING' && direction !== 'OUTBOUND')
    .sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));

/** Calls of each queue that a recorder names, the busiest first. */
export const callsByQueue = (calls: readonly LiveCall[]): QueueCount[] => {
  const counts = new Map<string, QueueCount>();
  for (const { queue, state } of calls) {
    if (!queue) continue;
    const count = counts.get(queue) ?? { queue, waiting: 0, inCall: 0 };
    counts.set(queue, state === 'RINGING' ? { ...count, waiting: count.waiting + 1 } : { ...count, inCall: count.inCall + 1 });
  }
  return [...counts.values()].sort((a, b) => b.waiting - a.waiting || b.inCall - a.inCall || a.queue.localeCompare(b.queue));
};
