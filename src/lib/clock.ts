import { randomUUID } from 'node:crypto';

/** The machine's clocks. Delays past 24 days are cut into parts, since Node's timers overflow there. */
export const systemClock = {
  now: (): number => Date.now(),
  monotonicMs: (): number => performance.now(),
  after: (ms: number, callback: () => void): (() => void) => {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const partMs = Math.min(leftMs, 2_000_000_000);
      timer = setTimeout(() => (leftMs > partMs ? arm(leftMs - partMs) : callback()), Math.max(0, partMs));
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};

const watchEveryMs = 1000;
/** Smaller steps are those by which time daemons keep a clock in place. */
const minStepMs = 500;

/** Calls back with the milliseconds, negative for a step back, whenever the wall clock is set; the returned function ends it. */
export const watchWallClock = (clock: typeof systemClock, onSet: (byMs: number) => void): (() => void) => {
  const offset = () => clock.now() - clock.monotonicMs();
  let known = offset();
  let cancel = () => {};
  const check = () => {
    const byMs = offset() - known;
    known += byMs;
    if (Math.abs(byMs) >= minStepMs) onSet(byMs);
    cancel = clock.after(watchEveryMs, check);
  };
  cancel = clock.after(watchEveryMs, check);
  return () => cancel();
};

export const randomIds = { next: (): string => randomUUID() };
