import type { ControlCommand } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { underDeadline } from '../under-deadline.ts';
import { isControlOperation, shows } from './confirmation.ts';
import type { ControlContext } from './context.ts';

/** Fetches and observes the state of the command's agent. Returns false where the vendor cannot show what the operation changes, or not now. */
export const observeOutcome = async (
  { clock, settings, observe, applied, log, sources }: ControlContext,
  { source: name, operation, agent }: ControlCommand,
): Promise<boolean> => {
  const { agents } = sources.get(name)!;
  if (!agents || !isControlOperation(operation)) return false;
  const asOfMs = clock.now();
  try {
    const [agentSnapshot] = await underDeadline(clock, settings.commandDeadlineMs, `${name}: the agent's state`, (signal) =>
      agents.byIdentifiers([{ identifier: 'ID', value: agent ?? '' }], signal),
    );
    if (!agentSnapshot) return false;
    await applied();
    await observe(name, { observations: agentSnapshot.observations, asOfMs });
    return shows(operation, agentSnapshot.observations);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    log.info('the state of an agent could not be fetched for a command', { source: name, operation, code: error.code });
    return false;
  }
};
