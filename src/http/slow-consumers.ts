import type { Clock } from '../domain/ports/clock.ts';

/**
 * Waits for what is being sent to leave; calls `drop` where it has not after `seconds`. Meanwhile no more events are taken from
 * the source, which reads them later from the event log, so that a short stall costs nothing and no memory.
 */
export const flushOrDrop = async (flushed: Promise<void>, seconds: number, clock: Clock, drop: () => void): Promise<void> => {
  let cancel: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(seconds * 1000, () => {
      drop();
      resolve();
    });
  });
  await Promise.race([flushed, late]);
  cancel();
};
