import { turnsBetween } from '../../src/lib/slices.ts';

/** A clock that goes on by what is worked, and to the next timer where the turns of the event loop between two slices have nothing to do. */
export const createWorkingClock = () => {
  let nowMs = 0;
  let workedMs = 0;
  const timers = new Set<{ dueMs: number; callback: () => void }>();
  return {
    monotonicMs: () => nowMs,
    after: (ms: number, callback: () => void) => {
      const timer = { dueMs: nowMs + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    work: (ms: number) => {
      nowMs += ms;
      workedMs += ms;
    },
    /** Resolves after the next turn in which something was worked, if anything ever will be. */
    turn: async () => {
      const beganMs = workedMs;
      for (let turns = 0; turns < turnsBetween && workedMs === beganMs; turns += 1)
        await new Promise<void>((resolve) => setImmediate(resolve));
      while (workedMs === beganMs && timers.size > 0) {
        const first = [...timers].reduce((left, right) => (right.dueMs < left.dueMs ? right : left));
        timers.delete(first);
        nowMs = Math.max(nowMs, first.dueMs);
        first.callback();
        // All that the callback leads to by itself.
        for (let idle = 0, seenMs = workedMs; idle < 5; idle = workedMs === seenMs ? idle + 1 : 0, seenMs = workedMs)
          await new Promise<void>((resolve) => process.nextTick(resolve));
      }
    },
    workedMs: () => workedMs,
  };
};
