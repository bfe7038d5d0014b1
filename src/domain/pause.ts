import type { Clock } from './ports/clock.ts';

/** Waits `ms` by the clock, or less: until `signal` aborts or what `onWait` is given is called. Never throws. */
export const pause = (clock: Clock, ms: number, signal?: AbortSignal, onWait?: (wake: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
    onWait?.(done);
  });
