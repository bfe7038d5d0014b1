/** The contact center behind the gateway: agents, their calls, and everything that was ever recorded. */
import type { Clock } from '../../domain/ports/clock.ts';
import {
  agentStates,
  type ContactCenterState,
  callAt,
  callsOf,
  hold,
  isInCallOfOthers,
  leave,
  type NewCall,
  retrieve,
  ring,
  type SimulatedAgent,
  type SimulatedCall,
  talk,
  talkingCall,
  transfer,
} from './calls.ts';
import { createRecordingNode, type Emit, type RecordedSegment, recordVideo, startRecording, stopRecording } from './recording-node.ts';
import type { HuaweiSwitches } from './switches.ts';

export { agentStates } from './calls.ts';

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

export const createContactCenter = (clock: Clock, switches: HuaweiSwitches, emit: Emit): ContactCenter => {
  const node = createRecordingNode({ clock, switches, emit });
  const state: ContactCenterState = { clock, switches, emit, node, agents: new Map(), states: new Map(), calls: new Map(), lastCall: 0 };
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
