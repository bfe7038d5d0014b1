/** The acts on a blackout, in one place for the use cases, the engine and the fold. */
import type { ControlContext } from '../control/context.ts';
import { createMasking } from './masking.ts';
import type { Retries } from './retries.ts';
import { createRowWriter } from './row-writer.ts';
import { createStarting } from './starting.ts';
import { createStopping } from './stopping.ts';

export const createSteps = (deps: ControlContext, retries: Retries) => {
  const masking = createMasking(deps);
  const writer = createRowWriter(deps);
  const { warn, dateBack, over, openStops, settleCommands } = writer;
  return {
    ...createStarting(deps, retries, masking, writer),
    ...createStopping(deps, retries, masking, writer),
    masking,
    warn,
    dateBack,
    over,
    openStops,
    settleCommands,
  };
};

export type Steps = ReturnType<typeof createSteps>;
