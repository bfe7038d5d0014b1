import type { ObservationResult } from '../observe/observation-result.ts';

const addChanged = (agents: Set<string>, observed: ObservationResult): Set<string> => {
  for (const agent of observed.agents) agents.add(agent.externalId);
  for (const recording of observed.recordings) if (recording.agent !== null) agents.add(recording.agent);
  for (const call of observed.calls) for (const agent of call.agents) agents.add(agent);
  for (const { agent } of observed.failures) agents.add(agent);
  for (const { agent } of observed.blackouts) agents.add(agent);
  return agents;
};

/** External ids of the agents that an observation says something about. */
export const touchedAgents = (observed: ObservationResult): ReadonlySet<string> => addChanged(new Set(observed.reported), observed);

/** Of those, the ones that it says something new about, and of `awaited` the ones that it shows. */
export const newlyTouchedAgents = (observed: ObservationResult, awaited: ReadonlySet<string>): ReadonlySet<string> =>
  addChanged(new Set(observed.reported.filter((agent) => awaited.has(agent))), observed);
