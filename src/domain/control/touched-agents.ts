import type { ObservationResult } from './context.ts';

/** External ids of the agents that an observation says something about. */
export const touchedAgents = (observed: ObservationResult): ReadonlySet<string> => {
  const touched = new Set(observed.shown);
  for (const agent of observed.agents) touched.add(agent.externalId);
  for (const recording of observed.recordings) if (recording.agent !== null) touched.add(recording.agent);
  for (const call of observed.calls) for (const agent of call.agents) touched.add(agent);
  for (const { agent } of observed.failures) touched.add(agent);
  for (const { agent } of observed.blackouts) touched.add(agent);
  return touched;
};
