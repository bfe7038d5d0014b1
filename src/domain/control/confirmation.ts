/** When a command counts as seen: one line an operation, over the agent's state as it is after what was shown. */
import type { Agent, Call, ControlCommand, MetadataEntry, Recording } from '../model/entities.ts';
import { type ControlOperation, liveRecordingStates, recordingOperations, sessionOperations } from '../model/enums.ts';
import type { Observation } from '../model/observation.ts';

/** An agent with its live recordings and the call it is in. */
export interface AgentState {
  agent: Agent | null;
  live: readonly Recording[];
  call: Call | null;
}

export interface Seen {
  done: boolean;
  /** External id of the recording that was made or touched. */
  recording: string | null;
}

type Input = ControlCommand['input'];
type Predicate = (state: AgentState, input: Input) => Seen;

const started =
  (matches: (recording: Recording, input: Input) => boolean): Predicate =>
  ({ live }, input) => {
    const recording = live.find((one) => one.state !== 'STOPPING' && matches(one, input));
    return { done: recording?.state === 'RECORDING', recording: recording?.externalId ?? null };
  };

const stopped =
  (matches: (recording: Recording, input: Input) => boolean): Predicate =>
  ({ live }, input) => ({ done: !live.some((one) => matches(one, input)), recording: null });

const holds = ({ call }: AgentState, input: Input): boolean =>
  call !== null &&
  ((input.metadata ?? []) as readonly MetadataEntry[]).every(({ key, value }) =>
    call.metadata.some((entry) => entry.key.toLowerCase() === key.toLowerCase() && entry.value === value),
  );

const updated =
  (matches: (recording: Recording) => boolean): Predicate =>
  (state, input) => ({ done: holds(state, input), recording: state.live.find(matches)?.externalId ?? null });

const isAudio = (recording: Recording): boolean => recording.kind === 'AUDIO' && !recording.isDuplicate;
const isScreen = (recording: Recording): boolean => recording.kind === 'SCREEN';
const isDuplicate = (recording: Recording, input: Input): boolean =>
  recording.isDuplicate && (input.call === undefined || recording.call === null || recording.call === input.call);

const predicates: Readonly<Record<ControlOperation, Predicate>> = {
  START_RECORDING: started(isAudio),
  STOP_RECORDING: stopped(isAudio),
  UPDATE_RECORDING: updated(isAudio),
  START_DUPLICATE_RECORDING: started(isDuplicate),
  STOP_DUPLICATE_RECORDING: stopped(isDuplicate),
  START_SCREEN_RECORDING: started(isScreen),
  UPDATE_SCREEN_RECORDING: updated(isScreen),
  STOP_SCREEN_RECORDING: stopped(isScreen),
  SIGN_IN_AGENT: ({ agent }) => ({ done: agent !== null && agent.status !== 'OFFLINE' && agent.status !== 'UNKNOWN', recording: null }),
  SIGN_OUT_AGENT: ({ agent }) => ({ done: agent?.status === 'OFFLINE', recording: null }),
};

const controlOperations: ReadonlySet<string> = new Set([...recordingOperations, ...sessionOperations]);
const inSessions: ReadonlySet<string> = new Set(sessionOperations);

export const isControlOperation = (operation: string): operation is ControlOperation => controlOperations.has(operation);

export const seenIn = (state: AgentState, command: Pick<ControlCommand, 'operation' | 'input'>): Seen =>
  isControlOperation(command.operation) ? predicates[command.operation](state, command.input) : { done: false, recording: null };

/** Whether a vendor's answer shows enough of the agent to say that the command was not done. */
export const shows = (operation: ControlOperation, observations: readonly Observation[]): boolean =>
  inSessions.has(operation)
    ? observations.some((one) => one.type === 'agent' && one.agent.status !== undefined)
    : observations.some((one) => one.type === 'presence');

export const isLive = (recording: Recording): boolean => liveRecordingStates.includes(recording.state);
