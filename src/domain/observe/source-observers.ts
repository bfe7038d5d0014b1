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

interface ObserverContext {
  sources: ReadonlyMap<string, VendorSource>;
  leases: Leases;
  clock: Clock;
  log: Log;
  /** This server among several. */
  holder: string;
  leaseMs: number;
}

/** The pause between requests for a lease that another server holds, and before an observer that broke off is started again. */
const retryMs = 1000;
/** Observing ends this long before the lease runs out, for what clocks differ by and what is on its way. */
const marginMs = 500;

interface Observing extends ObserverContext {
  /** Aborts when the server stops. */
  stopping: AbortSignal;
}

/** A lease that this server has, and when it requested it, in monotonic milliseconds. */
interface Lease {
  name: string;
  requestedMs: number;
}

/**
 * Renews until the lease is lost or the server stops. It counts as lost as soon as it has run out, however long the store takes
 * to say so: another server may have it by then.
 */
const hold = async (
  { leases, clock, log, holder, leaseMs }: ObserverContext,
  { name, requestedMs }: Lease,
  lost: AbortController,
): Promise<void> => {
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

/** Returns null where another server has the lease. */
const acquire = async ({ leases, clock, log, holder, leaseMs }: ObserverContext, name: string): Promise<Lease | null> => {
  const requestedMs = clock.monotonicMs();
  try {
    return (await leases.acquire(name, holder, leaseMs)) ? { name, requestedMs } : null;
  } catch (error) {
    log.warn('a lease could not be requested', { lease: name, error });
    return null;
  }
};

/** Observes the source while its lease is this server's. */
const observeWhileHeld = async (context: Observing, source: VendorSource, lease: Lease): Promise<void> => {
  const { clock, log, stopping } = context;
  const lost = new AbortController();
  const end = () => lost.abort();
  stopping.addEventListener('abort', end, { once: true });
  const holding = hold(context, lease, lost);
  try {
    await source.observer!.run(lost.signal);
  } catch (error) {
    log.error('an observer broke off; it is started again', { source: source.name, error });
    await pause(clock, retryMs, stopping);
  } finally {
    stopping.removeEventListener('abort', end);
    lost.abort();
    await holding;
  }
};

const observe = async (context: Observing, source: VendorSource): Promise<void> => {
  const { leases, clock, holder, stopping } = context;
  const name = `observe:${source.name}`;
  while (!stopping.aborted) {
    const lease = await acquire(context, name);
    if (lease === null) await pause(clock, retryMs, stopping);
    else await observeWhileHeld(context, source, lease);
  }
  await leases.release(name, holder).catch(() => undefined);
};

export const createObservers = (context: ObserverContext): Observers => {
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  return {
    start: () => {
      for (const source of context.sources.values())
        if (source.observer) running.push(observe({ ...context, stopping: stopping.signal }, source));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
};
