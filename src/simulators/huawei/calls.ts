/** The agents' calls: what happens to them, and the events that tell of it. */
import type { Clock } from '../../domain/ports/clock.ts';
import { type Emit, endRecordings, type RecordingNode, startRecording } from './recording-node.ts';
import type { HuaweiSwitches } from './switches.ts';

/** Enumeration A, of agentstatus. */
export const agentStates = { signedOut: 2, busy: 3, idle: 4, wrapUp: 5, talking: 7, rest: 8 } as const;

export interface SimulatedAgent {
  workNo: string;
  password: string;
  name?: string;
  locked?: boolean;
}

export interface SimulatedCall {
  callId: string;
  caller: string;
  called: string;
  feature: string;
  held: boolean;
  talking: boolean;
  beganAtMs: number;
}

export type NewCall = Partial<Pick<SimulatedCall, 'caller' | 'called' | 'feature'>>;

/** The state behind a contact center. */
export interface ContactCenterState {
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

export const callsOf = ({ calls }: ContactCenterState, workNo: string): readonly SimulatedCall[] => calls.get(workNo) ?? [];
export const talkingCall = (state: ContactCenterState, workNo: string) => callsOf(state, workNo).find(({ talking }) => talking) ?? null;

export const callAt = (state: ContactCenterState, workNo: string, callId: string): SimulatedCall => {
  const call = callsOf(state, workNo).find((one) => one.callId === callId);
  if (!call) throw new Error(`agent ${workNo} has no call ${callId}`);
  return call;
};

export const isInCallOfOthers = ({ calls }: ContactCenterState, workNo: string, callId: string): boolean =>
  [...calls].some(([other, list]) => other !== workNo && list.some((one) => one.callId === callId));

const emitTalking = ({ emit }: ContactCenterState, workNo: string, { caller, callId: callid, called, feature }: SimulatedCall): void =>
  emit(workNo, 'AgentEvent_Talking', { caller, callid, called, feature, type: 'main', mediaAbility: '1' });

export const ring = (state: ContactCenterState, workNo: string, request: NewCall = {}): SimulatedCall => {
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

export const talk = (state: ContactCenterState, workNo: string, callId: string): void => {
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

export const hold = (state: ContactCenterState, workNo: string, callId: string): void => {
  callAt(state, workNo, callId).held = true;
  state.emit(workNo, 'AgentEvent_Hold', callId);
};

export const retrieve = (state: ContactCenterState, workNo: string, callId: string): void => {
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

export const leave = (state: ContactCenterState, workNo: string, { call, after, isOver }: Leaving): void => {
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

export const transfer = (state: ContactCenterState, callId: string, { from, to }: { from: string; to: string }): void => {
  const { emit, calls } = state;
  const call = callAt(state, from, callId);
  calls.set(to, [...callsOf(state, to), { ...call, held: false, talking: false }]);
  emit(to, 'AgentState_Busy', null);
  emit(to, 'AgentOther_PhoneAlerting', null);
  talk(state, to, callId);
  leave(state, from, { call, after: 'idle', isOver: false });
};
