/** Deletes what is kept no longer, every quarter of an hour. */
import { instant } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Store } from '../domain/ports/store.ts';

interface Retention {
  /** How long the event log is kept, where `keepDays.events` is absent. */
  eventDays: number;
  /** How many events are kept at most. */
  eventRows: number;
  /** Absent for what is kept for good. */
  keepDays: { events?: number | undefined; calls?: number | undefined; recordings?: number | undefined };
}

const everyMs = 15 * 60_000;

/** Begins at once; the function ends it, and resolves when nothing is being deleted any more. */
export const startHouseKeeping = (
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
  { keepDays, eventDays, eventRows }: Retention,
): (() => Promise<void>) => {
  let stopped = false;
  let cancel = () => {};
  const daysAgo = (days: number) => instant(clock.now() - days * 86_400_000);
  const trim = async (): Promise<void> => {
    const eventsFrom = daysAgo(keepDays.events ?? eventDays);
    await store.events.trim(eventsFrom, eventRows);
    await store.receipts.trim(eventsFrom);
    if (keepDays.calls !== undefined) await store.calls.trim(daysAgo(keepDays.calls));
    if (keepDays.recordings !== undefined) await store.recordings.trim(daysAgo(keepDays.recordings));
  };
  const run = async (): Promise<void> => {
    try {
      await trim();
    } catch (error) {
      log.warn('old rows could not be deleted; retrying later', { error });
    }
    if (stopped) return;
    cancel = clock.after(everyMs, () => {
      running = run();
    });
  };
  let running = run();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
};
