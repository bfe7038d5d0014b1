/** Rations the failures of unknown clients, and writes them in the audit trail at most once a minute a kind. */
import { instant } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { AuditEntry } from '../domain/ports/store.ts';
import { createThinning } from '../lib/thinning.ts';
import { createRateLimit, requireRate } from './rate.ts';

interface Failure extends Omit<AuditEntry, 'at'> {
  /** Failures of one kind share an entry a minute. */
  kind: string;
  client: string;
}

export interface Failures {
  /** Throws 429 where the client fails too often; else writes the failure down, unless one of its kind was within the minute. */
  record(failure: Failure): Promise<void>;
}

const failuresPerSecond = 10;
const entryEveryMs = 60_000;

export const createFailures = (append: (entries: readonly AuditEntry[]) => Promise<void>, clock: Clock): Failures => {
  const rate = createRateLimit(failuresPerSecond, clock);
  const thinning = createThinning(entryEveryMs, clock.now);
  return {
    record: async ({ kind, client, actor, action, subject }) => {
      const others = thinning.take(kind);
      if (others !== null) {
        const more = others === 0 ? {} : { othersSinceTheLast: others };
        await append([{ at: instant(clock.now()), actor, action, subject: { ...subject, ...more } }]);
      }
      requireRate(rate, client);
    },
  };
};
