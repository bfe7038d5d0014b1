/**
 * Holds what the streams reported, by id, and joins it to what the board shows of an agent. Functions that apply an event return the ids of the
 * agents of whom something else is to be shown.
 */
import type { BlackoutWarning } from '../generated/graphql.ts';
import type {
  AgentEvent,
  AgentView,
  BlackoutEvent,
  CallEvent,
  LiveAgent,
  LiveBlackout,
  LiveCall,
  LiveRecording,
  RecordingEvent,
} from './live-types.ts';

export interface ReportedEntities {
  agents: Map<string, LiveAgent>;
  calls: Map<string, LiveCall>;
  /** By agent. */
  recordings: Map<string, Map<string, LiveRecording>>;
  /** The open one of each agent, by agent. */
  blackouts: Map<string, LiveBlackout>;
}

const liveRecording: ReadonlySet<string> = new Set(['STARTING', 'RECORDING', 'PAUSED', 'STOPPING']);
const openBlackout: ReadonlySet<string> = new Set(['SCHEDULED', 'ACTIVE', 'STOPPING']);
const noWarnings: readonly BlackoutWarning[] = [];

export const viewOf = ({ calls, recordings, blackouts }: ReportedEntities, agent: LiveAgent): AgentView => {
  const own = [agent.activeCall, ...agent.inactiveCalls].filter((call) => call !== null);
  const open = blackouts.get(agent.id);
  return {
    agent,
    call: own.map((call) => calls.get(call.id) ?? call).find((call) => call.state !== 'ENDED') ?? null,
    recordings: [...(recordings.get(agent.id)?.values() ?? [])],
    blackout: open ?? null,
    warnings: open?.warnings.map(({ warning }) => warning) ?? noWarnings,
  };
};

export const applyAgent = ({ agents, calls }: ReportedEntities, { agent }: AgentEvent): readonly string[] => {
  agents.set(agent.id, agent);
  for (const call of [agent.activeCall, ...agent.inactiveCalls]) if (call !== null) calls.set(call.id, call);
  return [agent.id];
};

export const applyCall = ({ agents, calls }: ReportedEntities, { call }: CallEvent): readonly string[] => {
  calls.set(call.id, call);
  return [...agents.values()]
    .filter((agent) => agent.activeCall?.id === call.id || agent.inactiveCalls.some((waiting) => waiting.id === call.id))
    .map((agent) => agent.id);
};

export const applyRecording = ({ recordings }: ReportedEntities, { recording }: RecordingEvent): readonly string[] => {
  if (recording.agent === null) return [];
  const own = recordings.get(recording.agent.id) ?? new Map<string, LiveRecording>();
  if (liveRecording.has(recording.state)) recordings.set(recording.agent.id, own.set(recording.id, recording));
  else own.delete(recording.id);
  return [recording.agent.id];
};

export const applyBlackout = ({ blackouts }: ReportedEntities, { blackout }: BlackoutEvent): readonly string[] => {
  const { id } = blackout.agent;
  if (openBlackout.has(blackout.state)) blackouts.set(id, blackout);
  else if (blackouts.get(id)?.id === blackout.id) blackouts.delete(id);
  return [id];
};
