/** The contact centre behind the gateway: agents, their calls, and everything that was ever recorded. */
import type { Clock } from '../../domain/ports/clock.ts';
import { createRecordingNode, type Emit, type RecordedSegment } from './recording-node.ts';
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
  ring(workNo: string, call?: Partial<Pick<SimulatedCall, 'caller' | 'called' | 'feature'>>): SimulatedCall;
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

export const createContactCenter = (clock: Clock, switches: HuaweiSwitches, emit: Emit): ContactCenter => {
  const agents = new Map<string, SimulatedAgent>();
  const states = new Map<string, number>();
  const calls = new Map<string, SimulatedCall[]>();
  const node = createRecordingNode(clock, switches, emit);
  const screenRecorded = new Set<string>();
  let lastCall = 0;

  const callsOf = (workNo: string) => calls.get(workNo) ?? [];
  const talkingCall = (workNo: string) => callsOf(workNo).find(({ talking }) => talking) ?? null;
  const callAt = (workNo: string, callId: string): SimulatedCall => {
    const call = callsOf(workNo).find((one) => one.callId === callId);
    if (!call) throw new Error(`agent ${workNo} has no call ${callId}`);
    return call;
  };
  const later = (ms: number, work: () => void) => (ms > 0 ? void clock.after(ms, work) : work());

  const leave = (workNo: string, call: SimulatedCall, after: 'idle' | 'wrapUp', over: boolean) => {
    if (switches.stopRecordDoneFirst) node.endCall(workNo, call.callId);
    calls.set(
      workNo,
      callsOf(workNo).filter((one) => one !== call),
    );
    emit(workNo, 'AgentEvent_Call_Release', call.callId);
    if (over) emit(workNo, 'AgentEvent_Customer_Release', { callid: call.callId, number: call.caller });
    if (!switches.stopRecordDoneFirst) node.endCall(workNo, call.callId);
    if (callsOf(workNo).length > 0) return;
    emit(workNo, 'AgentOther_PhoneRelease', { phoneState: 3 });
    states.set(workNo, after === 'idle' ? agentStates.idle : agentStates.wrapUp);
    emit(workNo, after === 'idle' ? 'AgentState_Ready' : 'AgentState_Work', null);
  };

  const emitTalking = (workNo: string, { caller, callId: callid, called, feature }: SimulatedCall) =>
    emit(workNo, 'AgentEvent_Talking', { caller, callid, called, feature, type: 'main', mediaAbility: '1' });

  const othersIn = (workNo: string, callId: string) =>
    [...calls].some(([other, list]) => other !== workNo && list.some((one) => one.callId === callId));

  const contactCenter: ContactCenter = {
    agents,
    addAgent: (agent) => {
      agents.set(agent.workNo, agent);
      states.set(agent.workNo, agentStates.idle);
    },
    stateOf: (workNo) => (callsOf(workNo).length > 0 ? agentStates.talking : (states.get(workNo) ?? agentStates.signedOut)),
    setState: (workNo, state) => void states.set(workNo, state),
    callsOf,
    segments: node.segments,
    files: () => [...new Set(node.segments.map(({ fileName }) => fileName))],
    recordingOf: node.recordingOf,
    screenRecorded,
    ring: (workNo, { caller = '88880165', called = '310300', feature = '0' } = {}) => {
      lastCall += 1;
      const call = {
        callId: `${Math.floor(clock.now() / 1000)}-${lastCall}`,
        caller,
        called,
        feature,
        held: false,
        talking: false,
        beganAtMs: clock.now(),
      };
      calls.set(workNo, [...callsOf(workNo), call]);
      emit(workNo, 'AgentState_Busy', null);
      emit(workNo, 'AgentOther_PhoneAlerting', null);
      emit(workNo, 'AgentEvent_Incoming_CallInfo', {
        callId: call.callId,
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
    },
    talk: (workNo, callId) => {
      const call = callAt(workNo, callId);
      call.talking = true;
      emit(workNo, 'AgentOther_PhoneOffhook', { type: 'main' });
      emit(workNo, 'AgentEvent_Customer_Alerting', { callid: callId, otherPhoneWorkno: '', otherPhone: call.caller, type: 'main' });
      emitTalking(workNo, call);
      if (!switches.autoRecord) return;
      later(switches.autoRecordAfterMs, () => {
        if (callsOf(workNo).includes(call) && node.recordingOf(workNo) === null) node.start(workNo, { byClient: false, call });
      });
    },
    hold: (workNo, callId) => {
      callAt(workNo, callId).held = true;
      emit(workNo, 'AgentEvent_Hold', callId);
    },
    retrieve: (workNo, callId) => {
      const call = callAt(workNo, callId);
      call.held = false;
      emitTalking(workNo, call);
    },
    transfer: (from, to, callId) => {
      const call = callAt(from, callId);
      calls.set(to, [...callsOf(to), { ...call, held: false, talking: false }]);
      emit(to, 'AgentState_Busy', null);
      emit(to, 'AgentOther_PhoneAlerting', null);
      contactCenter.talk(to, callId);
      leave(from, call, 'idle', false);
    },
    release: (workNo, callId, after = 'idle') => leave(workNo, callAt(workNo, callId), after, !othersIn(workNo, callId)),
    startRecording: (workNo, { call = talkingCall(workNo), ...options }) => node.start(workNo, { ...options, call }),
    stopRecording: node.stop,
    recordVideo: (workNo) => node.recordVideo(workNo, talkingCall(workNo)),
  };
  return contactCenter;
};
