import type {
  AgentChangedSubscription,
  BlackoutChangedSubscription,
  BlackoutWarning,
  CallChangedSubscription,
  RecordingChangedSubscription,
  SourcesQuery,
} from '../generated/graphql.ts';

export type LiveAgent = AgentChangedSubscription['agentChanged']['agent'];
export type LiveCall = NonNullable<LiveAgent['activeCall']>;
export type LiveRecording = RecordingChangedSubscription['recordingChanged']['recording'];
export type LiveBlackout = BlackoutChangedSubscription['blackoutChanged']['blackout'];
export type Source = NonNullable<SourcesQuery['sources']>[number];

export type AgentEvent = AgentChangedSubscription['agentChanged'];
export type CallEvent = CallChangedSubscription['callChanged'];
export type RecordingEvent = RecordingChangedSubscription['recordingChanged'];
export type BlackoutEvent = BlackoutChangedSubscription['blackoutChanged'];

/** Everything a tile shows. A new object whenever any of it changed, the same one otherwise. */
export interface AgentView {
  agent: LiveAgent;
  /** The active call, or the first of those that wait. */
  call: LiveCall | null;
  /** Those being written now. */
  recordings: readonly LiveRecording[];
  blackout: LiveBlackout | null;
  warning: BlackoutWarning | null;
}

/** What people call the agent; the vendor's own id where it shows no name. */
export const agentName = ({ name, username, systemUsername, externalId }: LiveAgent): string =>
  name ?? username ?? systemUsername ?? `Agent ${externalId}`;
