import type { ControlCommand } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { isControlOperation, shows } from './confirmation.ts';
import type { ControlContext } from './context.ts';
import { readAgent } from './read-agent.ts';

/** Fetches and observes the state of the command's agent. Returns false where the vendor cannot show what the operation changes, or not now. */
export const observeOutcome = async (context: ControlContext, { source: name, operation, agent }: ControlCommand): Promise<boolean> => {
  const { clock, observe, applied, log, sources } = context;
  if (!isControlOperation(operation)) return false;
  const asOfMs = clock.now();
  try {
    const snapshot = await readAgent(context, sources.get(name)!, { identifier: 'ID', value: agent ?? '' });
    if (snapshot === null) return false;
    await applied();
    await observe(name, { observations: snapshot.observations, asOfMs });
    return shows(operation, snapshot.observations);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    log.info('the state of an agent could not be fetched for a command', { source: name, operation, code: error.code });
    return false;
  }
};
