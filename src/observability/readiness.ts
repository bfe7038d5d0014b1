import type { Bus } from '../domain/ports/bus.ts';
import type { Store } from '../domain/ports/store.ts';

interface Readiness {
  ok: boolean;
  checks: Readonly<Record<'store' | 'bus' | 'leases', string>>;
}

/** True if this server can do its work: no vendor is asked, since a dead one is no reason to take traffic away. */
export const createReadiness =
  (options: { store: Pick<Store, 'ping' | 'leases'>; bus: Pick<Bus, 'ping'>; server: string; leaseMs: number }) =>
  async (): Promise<Readiness> => {
    const { store, bus, server, leaseMs } = options;
    const check = (work: Promise<unknown>) =>
      work.then(
        () => 'ok',
        () => 'does not answer',
      );
    // A lease that is taken shows that the store takes writes too, without which no server observes or ends a blackout.
    const lease = store.leases.acquire(`ready:${server}`, server, leaseMs);
    const [answers, carries, leases] = await Promise.all([check(store.ping()), check(bus.ping()), check(lease)]);
    const checks = { store: answers, bus: carries, leases };
    return { ok: Object.values(checks).every((one) => one === 'ok'), checks };
  };
