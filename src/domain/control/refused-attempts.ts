/** Records in the audit trail the attempts of callers without the scope or the reach for them. */
import { createThinning } from '../../lib/thinning.ts';
import { instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

interface RefusedAttempt {
  /** The scope or source that the caller lacks. */
  lacks: 'scope' | 'reach';
  /** The fields as the schema names them, or the operation: words of which there are only so many, and none of the caller's own. */
  what: readonly string[];
  /** The configured source that is out of reach. */
  source?: string;
  correlationId: string;
}

/** Writes it down without being waited for: at most once a minute a caller, word and source, with how many there were meanwhile. */
export type NoteRefusedAttempt = (principal: Pick<Principal, 'name'>, attempt: RefusedAttempt) => void;

const entryEveryMs = 60_000;
/** Of one word. */
const maxLength = 200;

export const createRefusedAttempts = (given: { store: Pick<Store, 'audit'>; clock: Clock; log: Log }): NoteRefusedAttempt => {
  const { store, clock, log } = given;
  const thinning = createThinning(entryEveryMs, clock.monotonicMs);
  return ({ name }, { lacks, what, source, correlationId }) => {
    const news = what.map((word) => thinning.take(JSON.stringify([lacks, name, word, source]))).filter((others) => others !== null);
    if (news.length === 0) return;
    const others = news.reduce((sum, one) => sum + one, 0);
    const othersSinceTheLast = others === 0 ? undefined : others;
    const subject = { lacks, what: what.map((word) => word.slice(0, maxLength)).join(' '), correlationId, source, othersSinceTheLast };
    store.audit
      .append([{ at: instant(clock.now()), actor: name, action: 'access.refused', subject }])
      .catch((error: unknown) => log.error('a refused attempt could not be written into the audit trail', { correlationId, error }));
  };
};
