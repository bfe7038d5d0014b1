import type { ExternalStore } from '../external-store.ts';

export interface Ticker extends ExternalStore<number> {
  /** The server's time in epoch milliseconds, to the millisecond. */
  now(): number;
  /** Takes the time that the server put into an answer, in whole seconds, as HTTP's `Date` does. */
  setServerTime(serverMs: number): void;
}

/** Within this, the two clocks may differ because `Date` has no fractions and the answer was under way. */
const toleranceMs = 2_000;

/** The server's time, read from this machine's clock and corrected by how far that is off. Changes once a second while anyone listens. */
export const createTicker = (now: () => number = Date.now): Ticker => {
  const listeners = new Set<() => void>();
  let differenceMs = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const serverNow = (): number => now() + differenceMs;
  let value = serverNow();
  const tick = (): void => {
    value = serverNow();
    for (const listener of listeners) listener();
  };
  return {
    now: serverNow,
    setServerTime: (serverMs) => {
      const difference = serverMs - now();
      if (Math.abs(difference - differenceMs) > toleranceMs) differenceMs = Math.abs(difference) > toleranceMs ? difference : 0;
    },
    get: () => value,
    subscribe: (listener) => {
      if (listeners.size === 0) value = serverNow();
      listeners.add(listener);
      timer ??= setInterval(tick, 1_000);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
};
