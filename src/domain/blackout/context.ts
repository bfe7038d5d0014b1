import type { ControlContext } from '../control/context.ts';
import type { Instant } from '../model/entities.ts';
import type { AgentLock } from './agent-lock.ts';
import type { Retries } from './retries.ts';

/** All that the use cases of blackouts need. */
export interface BlackoutContext extends ControlContext {
  lock: AgentLock;
  retries: Retries;
  /** When the vendor took the stop of a blackout whose end could not be written down yet, by the blackout's id. */
  unwrittenStops: Map<string, Instant>;
}
