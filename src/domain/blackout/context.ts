import type { ControlContext } from '../control/context.ts';
import type { AgentLock } from './agent-lock.ts';
import type { Retries } from './retries.ts';

/** All that the use cases of blackouts need. */
export interface BlackoutContext extends ControlContext {
  lock: AgentLock;
  retries: Retries;
}
