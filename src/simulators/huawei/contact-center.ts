/** The contact centre behind the gateway: agents, their calls, and everything that was ever recorded. */
import type { Clock } from '../../domain/ports/clock.ts';
import {
  createRecordingNode,
  type Emit,
  endRecordings,
  type RecordedSegment,
  type RecordingNode,
  recordVideo,
  startRecording,
  stopRecording,
} from './recording-node.ts';
import type { HuaweiSwitches } from './switches.ts';

/** Enumeration A, of agentstatus. */
export const agentStates = { signedOut: 2, busy: 3, idle: 4, wrapUp: 5, talking: 7, rest: 8 } as const;

interface SimulatedAgent {
  workNo: string;
  password: string;
  name?: string;
  locked?: boolean;
}

interface SimulatedCall {
  callId: string;
  caller: string;
  called: string;
  feature: string;
  held: boolean;
  talking: boolean;
  beganAtMs: number;
}

type NewCall = Partial<Pick<SimulatedCall, 'caller' | 'called' | 'feature'>>;

export interface ContactCenter {
  agents: ReadonlyMap<string, SimulatedAgent>;
  addAgent(agent: SimulatedAgent): void;
  stateOf(workNo: string): number;
  setState(workNo: string, state: number): void;
  callsOf(workNo: string): readonly SimulatedCall[];
  /** All that was recorded, oldest first: what is in no segment was masked. */
  readonly segments: readonly RecordedSegment[];
  /** File names, in the order in which they were begun. */
  files(): readonly string[];
  recordingOf(workNo: string): RecordedSegment | null;
  screenRecorded: Set<string>;
  /** A call comes in and rings; `talk` answers it. */
  ring(workNo: string, request?: NewCall): SimulatedCall;
  talk(workNo: string, callId: string): void;
  hold(workNo: string, callId: string): void;
  retrieve(workNo: string, callId: string): void;
  /** The call goes to another agent and leaves this one. */
  transfer(from: string, to: string, callId: string): void;
  /** The agent leaves the call; with nobody left it is over. */
  release(workNo: string, callId: string, after?: 'idle' | 'wrapUp'): void;
  startRecording(
    workNo: string,
    options: { fileName?: string | undefined; byClient: boolean; call?: SimulatedCall | null },
  ): RecordedSegment;
  stopRecording(workNo: string): RecordedSegment | null;
  /** The platform records the agent's call as video, which no command stops, until the call ends. */
  recordVideo(workNo: string): RecordedSegment;
}

/** The state behind a contact center. */
interface State {
  clock: Clock;
  switches: HuaweiSwitches;
  emit: Emit;
  node: RecordingNode;
  agents: Map<string, SimulatedAgent>;
  /** Of agents who are in no call. */
  states: Map<string, number>;
  /** By agent. */
  calls: Map<string, SimulatedCall[]>;
  lastCall: number;
}

const callsOf = ({ calls }: State, workNo: string): readonly SimulatedCall[] => calls.get(workNo) ?? [];
const talkingCall = (state: State, workNo: string) => callsOf(state, workNo).find(({ talking }) => talking) ?? null;

const callAt = (state: State, workNo: string, callId: string): SimulatedCall => {
  const call = callsOf(state, workNo).find((one) => one.callId === callId);
  if (!call) throw new Error(`agent ${workNo} has no call ${callId}`);
  return call;
};

const isInCallOfOthers = ({ calls }: State, workNo: string, callId: string): boolean =>
  [...calls].some(([other, list]) => other !== workNo && list.some((one) => one.callId === callId));

const emitTalking = ({ emit }: State, workNo: string, { caller, callId: callid, called, feature }: SimulatedCall): void =>
  emit(workNo, 'AgentEvent_Talking', { caller, callid, called, feature, type: 'main', mediaAbility: '1' });

const ring = (state: State, workNo: string, request: NewCall = {}): SimulatedCall => {
  const { clock, emit, calls } = state;
  const { caller = '88880165', called = '310300', feature = '0' } = request;
  state.lastCall += 1;
  const callId = `${Math.floor(clock.now() / 1000)}-${state.lastCall}`;
  const call: SimulatedCall = { callId, caller, called, feature, held: false, talking: false, beganAtMs: clock.now() };
  calls.set(workNo, [...callsOf(state, workNo), call]);
  emit(workNo, 'AgentState_Busy', null);
  emit(workNo, 'AgentOther_PhoneAlerting', null);
  emit(workNo, 'AgentEvent_Incoming_CallInfo', {
    callId,
    skillName: 'voice',
    skillId: 1,
    caller,
    called,
    lastReleaseAgentId: 65535,
    mediaType: 5,
    releaseAndReQueueCount: 0,
    releaseAndReQueueCallFlag: 0,
  });
  return call;
};

const talk = (state: State, workNo: string, callId: string): void => {
  const { clock, switches, emit, node } = state;
  const call = callAt(state, workNo, callId);
  call.talking = true;
  emit(workNo, 'AgentOther_PhoneOffhook', { type: 'main' });
  emit(workNo, 'AgentEvent_Customer_Alerting', { callid: callId, otherPhoneWorkno: '', otherPhone: call.caller, type: 'main' });
  emitTalking(state, workNo, call);
  if (!switches.autoRecord) return;
  const record = () => {
    if (callsOf(state, workNo).includes(call) && !node.running.has(workNo)) startRecording(node, workNo, { byClient: false, call });
  };
  if (switches.autoRecordAfterMs > 0) clock.after(switches.autoRecordAfterMs, record);
  else record();
};

const hold = (state: State, workNo: string, callId: string): void => {
  callAt(state, workNo, callId).held = true;
  state.emit(workNo, 'AgentEvent_Hold', callId);
};

const retrieve = (state: State, workNo: string, callId: string): void => {
  const call = callAt(state, workNo, callId);
  call.held = false;
  emitTalking(state, workNo, call);
};

interface Leaving {
  call: SimulatedCall;
  after: 'idle' | 'wrapUp';
  /** True if nobody is left in the call. */
  isOver: boolean;
}

const leave = (state: State, workNo: string, { call, after, isOver }: Leaving): void => {
  const { switches, emit, node, calls, states } = state;
  if (switches.stopRecordDoneFirst) endRecordings(node, workNo, call.callId);
  const others = callsOf(state, workNo).filter((one) => one !== call);
  calls.set(workNo, others);
  emit(workNo, 'AgentEvent_Call_Release', call.callId);
  if (isOver) emit(workNo, 'AgentEvent_Customer_Release', { callid: call.callId, number: call.caller });
  if (!switches.stopRecordDoneFirst) endRecordings(node, workNo, call.callId);
  if (others.length > 0) return;
  emit(workNo, 'AgentOther_PhoneRelease', { phoneState: 3 });
  states.set(workNo, after === 'idle' ? agentStates.idle : agentStates.wrapUp);
  emit(workNo, after === 'idle' ? 'AgentState_Ready' : 'AgentState_Work', null);
};

const transfer = (state: State, callId: string, { from, to }: { from: string; to: string }): void => {
  const { emit, calls } = state;
  const call = callAt(state, from, callId);
  calls.set(to, [...callsOf(state, to), { ...call, held: false, talking: false }]);
  emit(to, 'AgentState_Busy', null);
  emit(to, 'AgentOther_PhoneAlerting', null);
  talk(state, to, callId);
  leave(state, from, { call, after: 'idle', isOver: false });
};

export const createContactCenter = (clock: Clock, switches: HuaweiSwitches, emit: Emit): ContactCenter => {
  const node = createRecordingNode({ clock, switches, emit });
  const state: State = { clock, switches, emit, node, agents: new Map(), states: new Map(), calls: new Map(), lastCall: 0 };
  return {
    agents: state.agents,
    addAgent: (agent) => {
      state.agents.set(agent.workNo, agent);
      state.states.set(agent.workNo, agentStates.idle);
    },
    stateOf: (workNo) => (callsOf(state, workNo).length > 0 ? agentStates.talking : (state.states.get(workNo) ?? agentStates.signedOut)),
    setState: (workNo, value) => void state.states.set(workNo, value),
    callsOf: (workNo) => callsOf(state, workNo),
    segments: node.segments,
    files: () => [...new Set(node.segments.map(({ fileName }) => fileName))],
    recordingOf: (workNo) => node.running.get(workNo) ?? null,
    screenRecorded: new Set(),
    ring: (workNo, request) => ring(state, workNo, request),
    talk: (workNo, callId) => talk(state, workNo, callId),
    hold: (workNo, callId) => hold(state, workNo, callId),
    retrieve: (workNo, callId) => retrieve(state, workNo, callId),
    transfer: (from, to, callId) => transfer(state, callId, { from, to }),
    release: (workNo, callId, after = 'idle') =>
      leave(state, workNo, { call: callAt(state, workNo, callId), after, isOver: !isInCallOfOthers(state, workNo, callId) }),
    startRecording: (workNo, { call = talkingCall(state, workNo), ...options }) => startRecording(node, workNo, { ...options, call }),
    stopRecording: (workNo) => stopRecording(node, workNo),
    recordVideo: (workNo) => recordVideo(node, workNo, talkingCall(state, workNo)),
  };
};
