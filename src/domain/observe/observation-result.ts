/** Says what a batch of observations changed, for the use cases that resolve commands and blackouts from it. */

import type { Agent, Call, Recording } from '../model/entities.ts';
import type { Observation } from '../model/observation.ts';

/** The changes of a batch, for the control and blackout use cases inside the same transaction. */
export interface ObservationResult {
  source: string;
  asOfMs: number;
  agents: readonly Agent[];
  calls: readonly Call[];
  recordings: readonly Recording[];
  /** External ids of every agent that the batch showed, changed or not. */
  reported: readonly string[];
  failures: readonly Extract<Observation, { type: 'commandFailed' }>[];
  blackouts: readonly Extract<Observation, { type: 'blackout' }>[];
}

/** An open command that a batch made at `sinceMs` (epoch ms) or later may resolve, where it shows the agent. */
export interface AwaitedCommand {
  id: string;
  agent: string;
  sinceMs: number;
}
