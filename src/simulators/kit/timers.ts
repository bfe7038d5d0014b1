import type { Clock } from '../../domain/ports/clock.ts';

/** Timers of a simulated vendor, which end all at once. */
export interface Timers {
  /** Does nothing after `stop`. */
  after(ms: number, work: () => void): void;
  stop(): void;
}

export const createTimers = (clock: Clock): Timers => {
  const running = new Set<() => void>();
  let stopped = false;
  return {
    after: (ms, work) => {
      if (stopped) return;
      const cancel = clock.after(ms, () => {
        running.delete(cancel);
        work();
      });
      running.add(cancel);
    },
    stop: () => {
      stopped = true;
      for (const cancel of running) cancel();
    },
  };
};
