import type { Clock } from '../../../domain/ports/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on, running what falls due in its order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock by this much, which no timer feels. */
  set(byMs: number): void;
  /** How many timers wait. */
  pending(): number;
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock that only the test moves. */
export const createManualClock = (startMs = Date.UTC(2026, 0, 5, 9, 0, 0)): ManualClock => {
  let now = startMs;
  let setMs = 0;
  let next = 0;
  const timers = new Map<number, { due: number; callback: () => void }>();
  return {
    now: () => now + setMs,
    monotonicMs: () => now - startMs,
    set: (byMs) => {
      setMs += byMs;
    },
    after: (ms, callback) => {
      const id = next++;
      timers.set(id, { due: now + Math.max(0, ms), callback });
      return () => timers.delete(id);
    },
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.due <= end).sort(([a, left], [b, right]) => left.due - right.due || a - b)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].due);
        due[1].callback();
        await settle();
      }
      now = end;
      await settle();
    },
    pending: () => timers.size,
  };
};
