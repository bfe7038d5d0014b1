import { randomUUID } from 'node:crypto';
import type { Clock, Ids } from './domain/ports.ts';

/** The machine's clock. Delays past 24 days are cut into pieces, since Node's timers overflow there. */
export const systemClock: Clock = {
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
};

export const randomIds: Ids = { next: () => randomUUID() };
