/** One act at a time on an agent's blackout: a queue within this server, and a lease in the store between servers. */

import { createTurns } from '../../lib/turns.ts';
import type { SourceKey } from '../model/entities.ts';
import { mapKey } from '../model/ids.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';

export interface AgentLease {
  /** Leaves the lease to run out by itself, because a command may be on its way still: nobody else repeats it within the lease. */
  retain(): void;
  /** Returns true if it is still this server's, for as long as the transaction lasts: a server that stood still may have lost it. */
  isHeld(operations: Pick<StoreOperations, 'holdsLease'>): Promise<boolean>;
}

export interface AgentLock {
  /** Null, without having called `work`, where another server holds the agent for longer than `waitMs`. */
  run<T>(agent: SourceKey, waitMs: number, work: (lease: AgentLease) => Promise<T>): Promise<T | null>;
  /** Resolves when this server does nothing with the agent. */
  drained(agent: SourceKey): Promise<void>;
}

const pollMs = 50;

export const createAgentLock = ({
  store,
  clock,
  ids,
  leaseMs,
}: {
  store: Pick<Store, 'leases'>;
  clock: Clock;
  ids: Ids;
  leaseMs: number;
}): AgentLock => {
  const holder = ids.next();
  const turns = createTurns();
  const leaseName = ({ source, externalId }: SourceKey) => `blackout:${source}:${externalId}`;

  const acquire = async (name: string, waitMs: number): Promise<boolean> => {
    const untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      if (await store.leases.acquire(name, holder, leaseMs)) return true;
      if (clock.monotonicMs() >= untilMs) return false;
      await new Promise<void>((resolve) => clock.after(pollMs, resolve));
    }
  };

  /** Keeps the lease from running out while a slow vendor is waited for. */
  const renew = (name: string): (() => void) => {
    let cancel = () => {};
    let stopped = false;
    const next = () => {
      cancel = clock.after(leaseMs / 3, () => {
        if (stopped) return;
        next();
        void store.leases.acquire(name, holder, leaseMs).catch(() => undefined);
      });
    };
    next();
    return () => {
      stopped = true;
      cancel();
    };
  };

  const exclusive = async <T>(agent: SourceKey, waitMs: number, work: (lease: AgentLease) => Promise<T>): Promise<T | null> => {
    const name = leaseName(agent);
    if (!(await acquire(name, waitMs))) return null;
    const stopRenewing = renew(name);
    let retained = false;
    try {
      return await work({
        retain: () => {
          retained = true;
        },
        isHeld: (operations) => operations.holdsLease(name, holder),
      });
    } finally {
      stopRenewing();
      // Before anybody is answered: should this server die now, the next one that has to act need not wait for the lease to run out.
      if (!retained) await store.leases.release(name, holder).catch(() => undefined);
    }
  };

  return {
    drained: (agent) => turns.drained(mapKey(agent)),
    run: (agent, waitMs, work) => turns.run(mapKey(agent), () => exclusive(agent, waitMs, work)),
  };
};
