import { randomUUID } from 'node:crypto';
import type { Clock, Ids } from './domain/ports/clock.ts';

/** The machine's clocks. Delays past 24 days are cut into pieces, since Node's timers overflow there. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, callback) => {
    let timer: NodeJS.Timeout;
    const arm = (left: number) => {
      const piece = Math.min(left, 2_000_000_000);
      timer = setTimeout(() => (left > piece ? arm(left - piece) : callback()), Math.max(0, piece));
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};

const watchEveryMs = 1000;
/** Smaller steps are those by which time daemons keep a clock in place. */
const leastStepMs = 500;

/** Calls back with the milliseconds, negative for a step back, whenever the wall clock is set; the returned function ends it. */
export const watchWallClock = (clock: Clock, onSet: (byMs: number) => void): (() => void) => {
  const offset = () => clock.now() - clock.monotonicMs();
  let known = offset();
  let cancel = () => {};
  const look = () => {
    const byMs = offset() - known;
    known += byMs;
    if (Math.abs(byMs) >= leastStepMs) onSet(byMs);
    cancel = clock.after(watchEveryMs, look);
  };
  cancel = clock.after(watchEveryMs, look);
  return () => cancel();
};

export const randomIds: Ids = { next: () => randomUUID() };
