/** Executes one planned step of a blackout. Called under the agent's lock. */
import { inLane } from '../../lib/lane.ts';
import type { Blackout } from '../model/entities.ts';
import type { AgentLease } from './agent-lock.ts';
import type { BlackoutContext } from './context.ts';
import { begin, mask, maskAgain } from './masking.ts';
import type { PlannedStep } from './plan.ts';
import { warnOf } from './repository.ts';
import { end, unmask } from './unmasking.ts';

export const executeStep = async (context: BlackoutContext, row: Blackout, planned: PlannedStep, lease: AgentLease): Promise<void> => {
  const source = context.sources.get(row.source)!;
  switch (planned.step) {
    case 'mask':
      return inLane('command', () => mask(context, row, source, lease));
    case 'maskAgain':
      return inLane('command', () => maskAgain(context, row, source, lease));
    case 'unmask':
      return inLane('deadline', () => unmask(context, row, source, lease));
    case 'end':
      return end(context, row, planned.by);
    case 'warn':
      await warnOf(context, row, planned.warning);
      return;
    case 'begin':
      await begin(context, row);
  }
};
