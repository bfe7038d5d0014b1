/** Reads agents: the list shows everyone with every identifier, and one read of it serves all concurrent callers. */
import { type AgentReader, abortable, sharedIdentifier, snapshotsInOurTime } from '../kit/index.ts';
import { agentIdOf, sameEndpoint } from './identity.ts';
import { liveReportOf, type Snapshot } from './live.ts';
import type { PullingSource } from './source.ts';

export const createAgentReader = ({ settings, clock }: PullingSource, read: () => Promise<Snapshot>): AgentReader => ({
  identifiers: ['ID', 'EMAIL', 'PHONE', 'USERNAME'],
  byIdentifiers: async (lookups, signal) => {
    const shown = await abortable(read(), signal);
    const snapshots = snapshotsInOurTime(liveReportOf(shown).agentSnapshots, clock);
    const agentSnapshots = new Map(snapshots.map((agentSnapshot) => [agentSnapshot.agent, agentSnapshot]));
    return lookups.map(({ identifier, value }) => {
      if (identifier === 'ID' || identifier === 'EMAIL') return agentSnapshots.get(agentIdOf(value)) ?? null;
      const bearers = shown.staff.filter((one) => (identifier === 'PHONE' ? sameEndpoint(one.Phone, value) : one.StaffNumber === value));
      if (bearers.length > 1) {
        const ids = bearers.flatMap(({ Mail }) => (Mail === null ? [] : [agentIdOf(Mail)]));
        throw sharedIdentifier(settings.name, identifier, ids);
      }
      return bearers[0]?.Mail ? (agentSnapshots.get(agentIdOf(bearers[0].Mail)) ?? null) : null;
    });
  },
  list: async (signal) => snapshotsInOurTime(liveReportOf(await abortable(read(), signal)).agentSnapshots, clock),
});
