import type { InTransaction } from '../commit.ts';
import type { ControlContext } from '../control/context.ts';
import type { Instant } from '../model/entities.ts';
import type { AgentLock } from './agent-lock.ts';
import type { Retries } from './retries.ts';

/** A stop that a vendor took while the store accepted no writes. */
export interface UnwrittenStop {
  sentAt: Instant;
  /** The caller who asked for it; null for one that was due. */
  requestedBy: string | null;
}

/** All that the use cases of blackouts need. */
export interface BlackoutContext extends ControlContext {
  lock: AgentLock;
  retries: Retries;
  /** The stops that vendors took and that could not be written down yet, by the blackout's id. */
  unwrittenStops: Map<string, UnwrittenStop>;
}

/** The part of it that transactions use, an observation's among them. */
type StoredBlackoutContext = Pick<
  BlackoutContext,
  'clock' | 'ids' | 'hash' | 'sources' | 'liveState' | 'settings' | 'retries' | 'unwrittenStops'
>;

export type BlackoutTransaction = InTransaction<StoredBlackoutContext>;
