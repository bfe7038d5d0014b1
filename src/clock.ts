import { randomUUID } from 'node:crypto';
import type { Clock, Ids } from './domain/ports/clock.ts';

/** A clock that goes on from where it was when the one below is set back, so that what is seen later always bears a later time. */
export const steady = (clock: Clock): Clock => {
  let latestMs = Number.NEGATIVE_INFINITY;
  let setBackMs = 0;
  return {
    now: () => {
      const rawMs = clock.now();
      if (rawMs < latestMs) setBackMs += latestMs - rawMs;
      latestMs = rawMs;
      return rawMs + setBackMs;
    },
    after: clock.after,
  };
};

/** The machine's clock, steadied. Delays past 24 days are cut into pieces, since Node's timers overflow there. */
export const systemClock: Clock = steady({
  now: () => Date.now(),
  after: (ms, callback) => {
    let timer: NodeJS.Timeout;
    const arm = (left: number) => {
      const piece = Math.min(left, 2_000_000_000);
      timer = setTimeout(() => (left > piece ? arm(left - piece) : callback()), Math.max(0, piece));
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
});

export const randomIds: Ids = { next: () => randomUUID() };
