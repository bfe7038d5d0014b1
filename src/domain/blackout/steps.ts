/** The acts on a blackout, in one place for the use cases, the engine and the fold. */
import type { Commands } from '../control/commands.ts';
import type { ControlDependencies } from '../control/dependencies.ts';
import type { Ledger } from '../control/ledger.ts';
import { createMasking } from './masking.ts';
import type { Retries } from './retries.ts';
import { createRowWriter } from './row-writer.ts';
import { createStarting } from './starting.ts';
import { createStopping } from './stopping.ts';

export const createSteps = (deps: ControlDependencies, ledger: Ledger, commands: Pick<Commands, 'commit'>, retries: Retries) => {
  const masking = createMasking(deps);
  const writer = createRowWriter(deps, ledger, commands);
  const { warn, over, openStops, settleCommands } = writer;
  return {
    ...createStarting(deps, ledger, commands, retries, masking, writer),
    ...createStopping(deps, commands, retries, masking, writer),
    masking,
    warn,
    over,
    openStops,
    settleCommands,
  };
};

export type Steps = ReturnType<typeof createSteps>;
