import type { AgentSnapshot, Observation, VendorContext } from '../kit/index.ts';
import type { BusyAnswer } from './client.ts';
import { agentId, agentObservation, busyObservations, idleObservations } from './mapping.ts';
import { shownStatus } from './statuses.ts';
import type { OverviewAgent } from './wire.ts';

const talking: ReadonlySet<string> = new Set(['RINGING', 'ON_CALL', 'ON_HOLD', 'BUSY']);

/** One observation of the agent, so that what busycall shows replaces the overview's word instead of following it. */
const asOneAgent = (observations: readonly Observation[]): readonly Observation[] => {
  const agents = observations.flatMap((observation) => (observation.type === 'agent' ? [observation.agent] : []));
  const others = observations.filter((observation) => observation.type !== 'agent');
  const [first] = agents;
  return first ? [{ type: 'agent', agent: Object.assign({}, first, ...agents) }, ...others] : others;
};

const noStatus = { status: null, vendorStatus: null };
const unknownStatus = { status: 'UNKNOWN', vendorStatus: null, coarse: false } as const;

/**
 * One agent as the overview shows it, and as `busy` does where that was read. A 404 of busycall means logged out, unknown, or
 * a server without that call: nothing is known of the status then, unless the overview has it.
 */
export const agentSnapshot = (agent: OverviewAgent, busy: BusyAnswer | null, known: VendorContext['known']): AgentSnapshot => {
  const id = agentId(agent);
  const shown = shownStatus(agent) ?? (busy?.state === 'unknown' ? unknownStatus : null);
  const observations: Observation[] = [];
  if (busy?.state === 'busy') {
    const call = known.call(busy.call.QueueCallId ?? '');
    observations.push(agentObservation(agent, shown ?? noStatus), ...busyObservations(id, busy.call, call));
  } else if (shown?.status === 'OFFLINE') {
    observations.push(agentObservation(agent, shown), ...idleObservations(id));
  } else if (busy?.state === 'free') {
    observations.push(agentObservation(agent, shown ?? { status: 'IDLE', vendorStatus: null }), ...idleObservations(id));
  } else if (!shown?.coarse) {
    observations.push(agentObservation(agent, shown ?? noStatus));
  } else {
    // "Logged in" takes nobody out of a call that another answer shows them in, and proves nothing of it: what is known of it grows old.
    const before = known.agent(id)?.status ?? 'UNKNOWN';
    const { vendorStatus } = shown;
    if (!talking.has(before)) observations.push(agentObservation(agent, before === 'IDLE' ? { status: null, vendorStatus } : shown));
  }
  return { agent: id, observations: asOneAgent(observations) };
};
