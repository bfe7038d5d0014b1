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
  /** The active call, or the first of those on hold. */
  call: LiveCall | null;
  /** Those being written now. */
  recordings: readonly LiveRecording[];
  blackout: LiveBlackout | null;
  /** Of the open blackout. */
  warnings: readonly BlackoutWarning[];
}

/** Returns true if a blackout is in force, so that a recording that runs is masked. */
export const isBlackedOut = ({ blackout }: Pick<AgentView, 'blackout'>): boolean =>
  blackout?.state === 'ACTIVE' || blackout?.state === 'STOPPING';

/** Returns true if something is recorded that somebody could listen to. */
export const isRecorded = (view: AgentView): boolean => view.recordings.length > 0 && !isBlackedOut(view);
