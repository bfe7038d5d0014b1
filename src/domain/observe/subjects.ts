/** Says which rows a batch of observations concerns, so that batches about others need not wait for it. */
import type { Observation, ObservationBatch } from '../model/observation.ts';
import type { LiveState } from './live-state.ts';

/** Names of rows of one source; null for all of them. */
export type Subjects = ReadonlySet<string> | null;

interface Named {
  agents: readonly (string | null | undefined)[];
  calls?: readonly (string | null | undefined)[];
  recordings?: readonly (string | null | undefined)[];
}

const namedBy = (observation: Observation): Named => {
  switch (observation.type) {
    case 'agent': {
      const { externalId, activeCall, inactiveCalls = [] } = observation.agent;
      return { agents: [externalId], calls: [activeCall, ...inactiveCalls] };
    }
    case 'call': {
      const { externalId, agents = [], legs = [] } = observation.call;
      return { agents: [...agents, ...legs.map(({ agent }) => agent)], calls: [externalId] };
    }
    case 'recording': {
      const { externalId, formerId, agent, call } = observation.recording;
      return { agents: [agent], calls: [call], recordings: [externalId, formerId] };
    }
    case 'liveness':
      return { agents: [observation.agent], calls: observation.calls, recordings: observation.recordings };
    case 'commandFailed':
      return { agents: [observation.agent], recordings: [observation.recording] };
    default:
      return { agents: [observation.agent] };
  }
};

/**
 * Returns the rows that the batch names, and those that live state joins to them: an agent's calls and recordings, and whose these are. A delivery's
 * receipt is one more.
 */
export const subjectsOf = (
  source: string,
  batch: ObservationBatch,
  liveState: Pick<LiveState, 'agent' | 'call' | 'recording' | 'liveRecordings'>,
): Subjects => {
  if (batch.complete) return null;
  const named = batch.observations.map(namedBy);
  const agents = new Set(named.flatMap((one) => one.agents));
  const calls = new Set(named.flatMap((one) => one.calls ?? []));
  const recordings = new Set(named.flatMap((one) => one.recordings ?? []));
  const keyOf = (externalId: string | null | undefined) => ({ source, externalId: externalId ?? '' });
  for (const id of agents) {
    const agent = liveState.agent(keyOf(id));
    for (const call of [agent?.activeCall, ...(agent?.inactiveCalls ?? [])]) calls.add(call);
    for (const { externalId } of liveState.liveRecordings(keyOf(id))) recordings.add(externalId);
  }
  for (const id of recordings) {
    const recording = liveState.recording(keyOf(id));
    agents.add(recording?.agent);
    calls.add(recording?.call);
  }
  for (const id of calls) for (const agent of liveState.call(keyOf(id))?.agents ?? []) agents.add(agent);
  const names = (kind: string, ids: ReadonlySet<string | null | undefined>) =>
    [...ids].flatMap((id) => (id === null || id === undefined ? [] : `${kind} ${id}`));
  const receipt = names('receipt', new Set([batch.receipt]));
  return new Set([...names('agent', agents), ...names('call', calls), ...names('recording', recordings), ...receipt]);
};
