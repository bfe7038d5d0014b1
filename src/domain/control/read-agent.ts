import type { AgentSnapshot } from '../model/observation.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { underDeadline } from '../under-deadline.ts';
import type { ControlContext } from './context.ts';

/** Reads the agent as the vendor shows it now; null where it finds nobody, or shows no agents. */
export const readAgent = async (
  { clock, settings }: Pick<ControlContext, 'clock' | 'settings'>,
  { name, agents }: VendorSource,
  lookup: AgentLookup,
): Promise<AgentSnapshot | null> => {
  if (!agents) return null;
  const deadline = { ms: settings.commandDeadlineMs, subject: `${name}: the agent's state` };
  const [snapshot] = await underDeadline(clock, deadline, (signal) => agents.byIdentifiers([lookup], signal));
  return snapshot ?? null;
};
