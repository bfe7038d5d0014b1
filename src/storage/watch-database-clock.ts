/** Tells where the clock of this server and the database's differ, since each server keeps the times that others have set by its own. */
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Store } from '../domain/ports/store.ts';

const everyMs = 60_000;
const maxDifferenceMs = 1_000;

const secondsOf = (ms: number): number => Math.round(Math.abs(ms) / 100) / 10;

/** Looks at once and then every minute, until the returned function is called; warns once, until they agree again. */
export const watchDatabaseClock = ({ store, clock, log }: { store: Pick<Store, 'now'>; clock: Clock; log: Log }): (() => void) => {
  let differed = false;
  let stopped = false;
  let cancel = () => {};

  const look = async (): Promise<void> => {
    const sentMs = clock.monotonicMs();
    const nowMs = clock.now();
    const databaseMs = await store.now();
    // The database read its clock at some moment of the round trip.
    const halfTripMs = (clock.monotonicMs() - sentMs) / 2;
    const aheadMs = nowMs + halfTripMs - databaseMs;
    const differs = Math.abs(aheadMs) - halfTripMs > maxDifferenceMs;
    if (differs && !differed) {
      const [where, when] = aheadMs > 0 ? ['ahead of', 'early'] : ['behind', 'late'];
      log.warn(
        `the clock of this machine is ${secondsOf(aheadMs)} s ${where} the database's; blackouts that other servers started end ${when} by as much here; keep both right with a time service`,
      );
    } else if (!differs && differed) log.info("the clock of this machine agrees with the database's again");
    differed = differs;
  };

  const run = async (): Promise<void> => {
    // A user of the store tells that it does not answer.
    await look().catch(() => undefined);
    if (!stopped) cancel = clock.after(everyMs, () => void run());
  };
  void run();
  return () => {
    stopped = true;
    cancel();
  };
};
