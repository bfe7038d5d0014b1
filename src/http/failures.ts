/** Rations the failures of unknown clients, and writes them in the audit trail at most once a minute a kind. */
import { instant } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { AuditEntry } from '../domain/ports/store.ts';
import type { Slices } from '../lib/slices.ts';
import { createThinning } from '../lib/thinning.ts';
import { createRateLimit, requireRate } from './rate.ts';

interface Failure extends Omit<AuditEntry, 'at'> {
  /** Failures of one kind share an entry a minute. */
  kind: string;
  client: string;
}

export interface Failures {
  /**
   * Writes the failure down, unless one of its kind was within the minute; throws 429 where the client fails too often. Those of one client are
   * answered in slices.
   */
  record(failure: Failure): Promise<void>;
}

const failuresPerSecond = 10;
const entryEveryMs = 60_000;

export const createFailures = (
  append: (entries: readonly AuditEntry[]) => Promise<void>,
  clock: Clock,
  slices: Pick<Slices, 'next'>,
): Failures => {
  const rate = createRateLimit(failuresPerSecond, clock);
  const thinning = createThinning(entryEveryMs, clock.monotonicMs);
  return {
    record: async ({ kind, client, actor, action, subject }) => {
      const others = thinning.take(kind);
      if (others !== null) {
        const more = others === 0 ? {} : { othersSinceTheLast: others };
        await append([{ at: instant(clock.now()), actor, action, subject: { ...subject, ...more } }]);
      }
      await slices.next(client);
      requireRate(rate, client);
    },
  };
};
