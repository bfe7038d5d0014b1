import type { ExternalStore } from '../external-store.ts';

/** The time in epoch milliseconds, told once a second while anyone listens. */
export const createTicker = (now: () => number = Date.now): ExternalStore<number> => {
  const listeners = new Set<() => void>();
  let value = now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = (): void => {
    value = now();
    for (const listener of listeners) listener();
  };
  return {
    get: () => value,
    subscribe: (listener) => {
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
