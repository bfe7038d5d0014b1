import type { ControlOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { underDeadline } from '../under-deadline.ts';
import { shows } from './confirmation.ts';
import type { ControlContext } from './context.ts';

/** Fetches and observes the agent's state. Returns false where the vendor cannot show what the operation changes, or not now. */
export const fetchAgentState = async (
  { clock, settings, observe, log }: ControlContext,
  source: VendorSource,
  operation: ControlOperation,
  agent: string,
): Promise<boolean> => {
  if (!source.agents) return false;
  const asOfMs = clock.now();
  try {
    const [agentSnapshot] = await underDeadline(clock, settings.commandDeadlineMs, `${source.name}: the agent's state`, (signal) =>
      source.agents!.byIdentifiers([{ identifier: 'ID', value: agent }], signal),
    );
    if (!agentSnapshot) return false;
    await observe(source.name, { observations: agentSnapshot.observations, asOfMs });
    return shows(operation, agentSnapshot.observations);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    log.info('the state of an agent could not be fetched for a command', { source: source.name, operation, code: error.code });
    return false;
  }
};
