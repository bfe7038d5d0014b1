/** What strangers get wrong: rationed by client, and written in the audit trail at most once a minute a kind. */
import { LRUCache } from 'lru-cache';
import { instant } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { AuditEntry } from '../domain/ports/store.ts';
import { createRateLimit, requireRate } from './rate.ts';

export interface Failure extends Omit<AuditEntry, 'at'> {
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
  /** Of each kind when its last entry was written, and how many it has had since. */
  const written = new LRUCache<string, { atMs: number; since: number }>({ max: 10_000 });
  return {
    record: async ({ kind, client, actor, action, subject }) => {
      const nowMs = clock.now();
      const last = written.get(kind);
      if (last !== undefined && nowMs - last.atMs < entryEveryMs) {
        last.since += 1;
      } else {
        written.set(kind, { atMs: nowMs, since: 0 });
        const others = last === undefined || last.since === 0 ? {} : { othersSinceTheLast: last.since };
        await append([{ at: instant(nowMs), actor, action, subject: { ...subject, ...others } }]);
      }
      requireRate(rate, client);
    },
  };
};
