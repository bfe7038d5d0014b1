/** The contact centre behind the gateway: agents, their calls, and everything that was ever recorded. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HuaweiSwitches } from './switches.ts';

/** Enumeration A, of agentstatus. */
export const agentStates = { signedOut: 2, busy: 3, idle: 4, wrapUp: 5, talking: 7, rest: 8 } as const;

export interface FloorAgent {
  workNo: string;
  password: string;
  name?: string;
  locked?: boolean;
}

export interface FloorCall {
  callId: string;
  caller: string;
  called: string;
  feature: string;
  held: boolean;
  talking: boolean;
  beganAtMs: number;
}

/** One recording task: a segment that was recorded without a break. */
export interface RecordedSegment {
  taskId: number;
  workNo: string;
  callId: string;
  fileName: string;
  recordId: string;
  beginMs: number;
  endMs: number | null;
  /** True if a client started it, rather than the platform. */
  byClient: boolean;
  /** 1 voice, 2 video. */
  mediaType: '1' | '2';
}

export interface Floor {
  agents: ReadonlyMap<string, FloorAgent>;
  addAgent(agent: FloorAgent): void;
  stateOf(workNo: string): number;
  setState(workNo: string, state: number): void;
  callsOf(workNo: string): readonly FloorCall[];
  /** All that was recorded, oldest first: what is in no segment was masked. */
  readonly segments: readonly RecordedSegment[];
  /** File names, in the order in which they were begun. */
  files(): readonly string[];
  recordingOf(workNo: string): RecordedSegment | null;
  screenRecorded: Set<string>;
  /** A call comes in and rings; `talk` answers it. */
  ring(workNo: string, call?: Partial<Pick<FloorCall, 'caller' | 'called' | 'feature'>>): FloorCall;
  talk(workNo: string, callId: string): void;
  hold(workNo: string, callId: string): void;
  retrieve(workNo: string, callId: string): void;
  /** The call goes to another agent and leaves this one. */
  transfer(from: string, to: string, callId: string): void;
  /** The agent leaves the call; with nobody left it is over. */
  release(workNo: string, callId: string, after?: 'idle' | 'wrapUp'): void;
  startRecording(workNo: string, options: { fileName?: string | undefined; byClient: boolean; call?: FloorCall }): RecordedSegment;
  stopRecording(workNo: string): RecordedSegment | null;
  /** The platform records the agent's call as video, which no command stops, until the call ends. */
  recordVideo(workNo: string): RecordedSegment;
}

type Emit = (workNo: string, eventType: string, content: unknown) => void;

const digits = (value: number, length: number) => String(value).padStart(length, '0');

export const createFloor = (clock: Clock, switches: HuaweiSwitches, emit: Emit): Floor => {
  const agents = new Map<string, FloorAgent>();
  const states = new Map<string, number>();
  const calls = new Map<string, FloorCall[]>();
  const running = new Map<string, RecordedSegment>();
  const videos = new Map<string, RecordedSegment>();
  const segments: RecordedSegment[] = [];
  const screenRecorded = new Set<string>();
  let lastTask = 5085;
  let lastCall = 0;

  const callsOf = (workNo: string) => calls.get(workNo) ?? [];
  const callAt = (workNo: string, callId: string): FloorCall => {
    const call = callsOf(workNo).find((one) => one.callId === callId);
    if (!call) throw new Error(`agent ${workNo} has no call ${callId}`);
    return call;
  };
  const later = (ms: number, work: () => void) => (ms > 0 ? void clock.after(ms, work) : work());

  const newFile = (workNo: string): string => {
    const now = new Date(clock.now());
    const day = `${now.getUTCFullYear()}${digits(now.getUTCMonth() + 1, 2)}${digits(now.getUTCDate(), 2)}`;
    const time = `${digits(now.getUTCHours(), 2)}${digits(now.getUTCMinutes(), 2)}${digits(now.getUTCSeconds(), 2)}`;
    for (let turn = 0; ; turn += 1) {
      const name = `Y:/6/0/${day}/${workNo}/${time}${turn}.V3`;
      if (!segments.some(({ fileName }) => fileName === name)) return name;
    }
  };

  const recordContent = (segment: RecordedSegment, call: FloorCall | null) => ({
    taskId: segment.taskId,
    caller: call?.caller ?? '',
    recordID: segment.recordId,
    called: call?.called ?? '',
    locationId: '256',
    fileName: segment.fileName,
    fileMediaType: segment.mediaType,
    callId: segment.callId,
  });
  /** A time by the clock of the node that records. */
  const reportedTime = (ms: number): number => {
    const ofRecorder = ms + switches.recorderAheadMs;
    return switches.timesInSeconds ? Math.floor(ofRecorder / 1000) : ofRecorder;
  };
  const emitEnd = (segment: RecordedSegment): void =>
    emit(segment.workNo, 'AgentMediaEvent_StopRecordDone', {
      beginTime: reportedTime(segment.beginMs),
      endTime: reportedTime(segment.endMs!),
      fileMediaType: segment.mediaType,
      taskId: segment.taskId,
      ...(switches.stopRecordDone >= 2025 ? { recordFormat: '3' } : {}),
      ...(switches.stopRecordDone >= 2026 ? { callId: segment.callId } : {}),
    });

  const begin: Floor['startRecording'] = (workNo, { fileName, byClient, call }) => {
    const about = call ?? callsOf(workNo).find(({ talking }) => talking) ?? null;
    lastTask += 1;
    const file = fileName ?? newFile(workNo);
    const segment: RecordedSegment = {
      taskId: lastTask,
      workNo,
      callId: about?.callId ?? '',
      fileName: file,
      recordId: `Yc1v6a${workNo}d${file.replace(/\D/g, '').slice(-15)}`,
      beginMs: clock.now(),
      endMs: null,
      byClient,
      mediaType: '1',
    };
    if (byClient && switches.recordFails) {
      later(switches.recordDelayMs, () =>
        emit(workNo, 'AgentMediaEvent_Record_Fail', { ...recordContent(segment, about), locationId: '65535' }),
      );
      return segment;
    }
    running.set(workNo, segment);
    later(switches.recordDelayMs, () => {
      if (segment.endMs !== null) return;
      segment.beginMs = clock.now();
      segments.push(segment);
      emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, about));
    });
    return segment;
  };

  const stop: Floor['stopRecording'] = (workNo) => {
    const segment = running.get(workNo);
    if (!segment) return null;
    running.delete(workNo);
    later(switches.recordDelayMs, () => {
      segment.endMs = clock.now();
      emitEnd(segment);
    });
    return segment;
  };

  const recordVideo: Floor['recordVideo'] = (workNo) => {
    const call = callsOf(workNo).find(({ talking }) => talking) ?? null;
    lastTask += 1;
    const segment: RecordedSegment = {
      taskId: lastTask,
      workNo,
      callId: call?.callId ?? '',
      fileName: newFile(workNo).replace('.V3', '.mp4'),
      recordId: `Yc1v6a${workNo}d${lastTask}.`,
      beginMs: clock.now(),
      endMs: null,
      byClient: false,
      mediaType: '2',
    };
    videos.set(workNo, segment);
    segments.push(segment);
    emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, call));
    return segment;
  };

  const endVideo = (workNo: string): void => {
    const segment = videos.get(workNo);
    if (!segment) return;
    videos.delete(workNo);
    segment.endMs = clock.now();
    emitEnd(segment);
  };

  const leave = (workNo: string, call: FloorCall, after: 'idle' | 'wrapUp', over: boolean) => {
    const endOfRecording = () => {
      if (running.get(workNo)?.callId === call.callId) stop(workNo);
      if (videos.get(workNo)?.callId === call.callId) endVideo(workNo);
    };
    if (switches.stopRecordDoneFirst) endOfRecording();
    calls.set(
      workNo,
      callsOf(workNo).filter((one) => one !== call),
    );
    emit(workNo, 'AgentEvent_Call_Release', call.callId);
    if (over) emit(workNo, 'AgentEvent_Customer_Release', { callid: call.callId, number: call.caller });
    if (!switches.stopRecordDoneFirst) endOfRecording();
    if (callsOf(workNo).length > 0) return;
    emit(workNo, 'AgentOther_PhoneRelease', { phoneState: 3 });
    states.set(workNo, after === 'idle' ? agentStates.idle : agentStates.wrapUp);
    emit(workNo, after === 'idle' ? 'AgentState_Ready' : 'AgentState_Work', null);
  };

  const othersIn = (workNo: string, callId: string) =>
    [...calls].some(([other, list]) => other !== workNo && list.some((one) => one.callId === callId));

  const floor: Floor = {
    agents,
    addAgent: (agent) => {
      agents.set(agent.workNo, agent);
      states.set(agent.workNo, agentStates.idle);
    },
    stateOf: (workNo) => (callsOf(workNo).length > 0 ? agentStates.talking : (states.get(workNo) ?? agentStates.signedOut)),
    setState: (workNo, state) => void states.set(workNo, state),
    callsOf,
    segments,
    files: () => [...new Set(segments.map(({ fileName }) => fileName))],
    recordingOf: (workNo) => running.get(workNo) ?? null,
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
      emit(workNo, 'AgentEvent_Talking', {
        caller: call.caller,
        callid: callId,
        called: call.called,
        feature: call.feature,
        type: 'main',
        mediaAbility: '1',
      });
      if (!switches.autoRecord) return;
      later(switches.autoRecordAfterMs, () => {
        if (callsOf(workNo).includes(call) && !running.has(workNo)) begin(workNo, { byClient: false, call });
      });
    },
    hold: (workNo, callId) => {
      callAt(workNo, callId).held = true;
      emit(workNo, 'AgentEvent_Hold', callId);
    },
    retrieve: (workNo, callId) => {
      const call = callAt(workNo, callId);
      call.held = false;
      emit(workNo, 'AgentEvent_Talking', {
        caller: call.caller,
        callid: callId,
        called: call.called,
        feature: call.feature,
        type: 'main',
        mediaAbility: '1',
      });
    },
    transfer: (from, to, callId) => {
      const call = callAt(from, callId);
      calls.set(to, [...callsOf(to), { ...call, held: false, talking: false }]);
      emit(to, 'AgentState_Busy', null);
      emit(to, 'AgentOther_PhoneAlerting', null);
      floor.talk(to, callId);
      leave(from, call, 'idle', false);
    },
    release: (workNo, callId, after = 'idle') => leave(workNo, callAt(workNo, callId), after, !othersIn(workNo, callId)),
    startRecording: begin,
    stopRecording: stop,
    recordVideo,
  };
  return floor;
};
