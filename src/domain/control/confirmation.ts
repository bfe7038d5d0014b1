/** When a command counts as done: one line an operation, over the agent's state as it is after what was observed. */
import type { Agent, Call, ControlCommand, MetadataEntry, Recording } from '../model/entities.ts';
import { type ControlOperation, recordingOperations, sessionOperations } from '../model/enums.ts';
import type { Observation } from '../model/observation.ts';
import { type AgentState, stateAtDevice } from './agent-state.ts';

export interface Evidence {
  done: boolean;
  /** External id of the recording that was made or touched. */
  recording: string | null;
}

type Input = ControlCommand['input'];
type Predicate = (state: AgentState, input: Input) => Evidence;
type Match = (recording: Recording, state: AgentState, input: Input) => boolean;

const started =
  (matches: Match): Predicate =>
  (state, input) => {
    const recording = state.live.find((one) => one.state !== 'STOPPING' && matches(one, state, input));
    return { done: recording?.state === 'RECORDING', recording: recording?.externalId ?? null };
  };

const stopped =
  (matches: Match): Predicate =>
  (state, input) => ({ done: !state.live.some((one) => matches(one, state, input)), recording: null });

const activeCallOf = ({ agent, calls }: AgentState): Call | null =>
  (agent?.activeCall ? calls.get(agent.activeCall) : undefined) ?? [...calls.values()][0] ?? null;

const holds = (state: AgentState, input: Input): boolean => {
  const call = activeCallOf(state);
  return (
    call !== null &&
    ((input.metadata ?? []) as readonly MetadataEntry[]).every(({ key, value }) =>
      call.metadata.some((entry) => entry.key.toLowerCase() === key.toLowerCase() && entry.value === value),
    )
  );
};

const updated =
  (matches: Match): Predicate =>
  (state, input) => ({
    done: holds(state, input),
    recording: state.live.find((one) => matches(one, state, input))?.externalId ?? null,
  });

const isAudio: Match = ({ kind, isDuplicate }) => kind === 'AUDIO' && !isDuplicate;
const isScreen: Match = ({ kind }) => kind === 'SCREEN';

/** A client may name the call by the vendor's `callid`, which is another text than the call's external id at some recorders. */
const isNamed = (call: Call, wanted: unknown): boolean =>
  call.externalId === wanted || call.metadata.some(({ key, value }) => key.toLowerCase() === 'callid' && value === wanted);

const isDuplicateOf: Match = (recording, { agent, calls }, { call: wanted }) => {
  if (!recording.isDuplicate) return false;
  if (recording.call === null) return true;
  if (wanted === undefined) return (agent?.activeCall ?? recording.call) === recording.call;
  const call = calls.get(recording.call);
  return call === undefined ? recording.call === wanted : isNamed(call, wanted);
};

/** Returns true if the named call is known: of any other, nothing can be said. */
const callIsKnown = ({ calls }: AgentState, { call: wanted }: Input): boolean =>
  wanted === undefined || [...calls.values()].some((call) => isNamed(call, wanted));

const predicates: Readonly<Record<ControlOperation, Predicate>> = {
  START_RECORDING: started(isAudio),
  STOP_RECORDING: stopped(isAudio),
  UPDATE_RECORDING: updated(isAudio),
  START_DUPLICATE_RECORDING: started(isDuplicateOf),
  STOP_DUPLICATE_RECORDING: (state, input) =>
    callIsKnown(state, input) ? stopped(isDuplicateOf)(state, input) : { done: false, recording: null },
  START_SCREEN_RECORDING: started(isScreen),
  UPDATE_SCREEN_RECORDING: updated(isScreen),
  STOP_SCREEN_RECORDING: stopped(isScreen),
  SIGN_IN_AGENT: ({ agent }) => ({ done: isSignedIn(agent), recording: null }),
  SIGN_OUT_AGENT: ({ agent }) => ({ done: agent?.status === 'OFFLINE', recording: null }),
};

const isSignedIn = (agent: Agent | null): boolean => agent !== null && agent.status !== 'OFFLINE' && agent.status !== 'UNKNOWN';

const controlOperations: ReadonlySet<string> = new Set([...recordingOperations, ...sessionOperations]);
const inSessions: ReadonlySet<string> = new Set(sessionOperations);

export const isControlOperation = (operation: string): operation is ControlOperation => controlOperations.has(operation);

/** Judges a command by the agent's state; where one device of several was meant, by the part that belongs to that device. */
export const evidenceFor = (state: AgentState, { operation, input }: Pick<ControlCommand, 'operation' | 'input'>): Evidence => {
  if (!isControlOperation(operation)) return { done: false, recording: null };
  return predicates[operation](typeof input.device === 'string' ? stateAtDevice(state, input.device) : state, input);
};

/** Returns true if a vendor's answer shows enough of the agent to say that the command was not done. */
export const shows = (operation: ControlOperation, observations: readonly Observation[]): boolean =>
  inSessions.has(operation)
    ? observations.some((one) => one.type === 'agent' && one.agent.status !== undefined)
    : observations.some((one) => one.type === 'liveness');
