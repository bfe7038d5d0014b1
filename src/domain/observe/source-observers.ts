/** Observes each source from one server at a time, the holder of its lease. */
import { pause } from '../pause.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Leases } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';

interface Observers {
  start(): void;
  /** Resolves when every observer has stopped and its lease is given back. */
  stop(): Promise<void>;
}

interface ObserverDependencies {
  sources: ReadonlyMap<string, VendorSource>;
  leases: Leases;
  clock: Clock;
  log: Log;
  /** This server among several. */
  holder: string;
  leaseMs: number;
}

/** The pause between requests for a lease that another server holds. */
const retryMs = 1000;
/** Observing ends this long before the lease runs out, for what clocks differ by and what is on its way. */
const marginMs = 500;

export const createObservers = ({ sources, leases, clock, log, holder, leaseMs }: ObserverDependencies): Observers => {
  const stopping = new AbortController();
  const running: Promise<void>[] = [];

  /**
   * Renews until the lease is lost or the server stops. It counts as lost as soon as it has run out, however long the store takes
   * to say so: another server may have it by then.
   */
  const hold = async (name: string, requestedMs: number, lost: AbortController): Promise<void> => {
    const endAt = (untilMs: number) => clock.after(Math.max(0, untilMs - clock.monotonicMs()), () => lost.abort());
    let cancelEnd = endAt(requestedMs + leaseMs - marginMs);
    while (!lost.signal.aborted) {
      await pause(clock, leaseMs / 3, lost.signal);
      if (lost.signal.aborted) break;
      try {
        const renewedMs = clock.monotonicMs();
        const held = await leases.acquire(name, holder, leaseMs);
        if (!held) lost.abort();
        else if (!lost.signal.aborted) {
          cancelEnd();
          cancelEnd = endAt(renewedMs + leaseMs - marginMs);
        }
      } catch (error) {
        log.warn('a lease could not be renewed', { lease: name, error });
      }
    }
    cancelEnd();
  };

  const observe = async (source: VendorSource): Promise<void> => {
    const name = `observe:${source.name}`;
    while (!stopping.signal.aborted) {
      const requestedMs = clock.monotonicMs();
      const held = await leases.acquire(name, holder, leaseMs).catch((error: unknown) => {
        log.warn('a lease could not be requested', { lease: name, error });
        return false;
      });
      if (!held) {
        await pause(clock, retryMs, stopping.signal);
        continue;
      }
      const lost = new AbortController();
      const end = () => lost.abort();
      stopping.signal.addEventListener('abort', end, { once: true });
      const holding = hold(name, requestedMs, lost);
      try {
        await source.observer!.run(lost.signal);
      } catch (error) {
        log.error('an observer broke off; it is started again', { source: source.name, error });
        await pause(clock, 1000, stopping.signal);
      } finally {
        stopping.signal.removeEventListener('abort', end);
        lost.abort();
        await holding;
      }
    }
    await leases.release(name, holder).catch(() => undefined);
  };

  return {
    start: () => {
      for (const source of sources.values()) if (source.observer) running.push(observe(source));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
};
