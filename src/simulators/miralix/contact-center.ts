import type { Clock } from '../../domain/ports/clock.ts';
import type { QueueRecording, UserRecording } from '../../vendors/miralix/wire.ts';
import { toneMp3 } from '../kit/audio.ts';

export interface SimulatedAgent {
  id: number;
  forename: string;
  surname: string;
  email: string;
  sipUri: string;
  syncId: string;
  phone: string;
  /** The agent's number as a user: another space than `id`. */
  userId: number;
  department: string;
  tags: readonly string[];
  queues: readonly number[];
  loggedIn: boolean;
}

interface SimulatedCall {
  queueCallId: number;
  queueId: number;
  type: 'QueueCall' | 'CallbackCall';
  agentId: number;
  caller: string;
  state: 'Offered' | 'Answered' | 'Held';
  offeredMs: number;
  answeredMs: number | null;
  /** The colleague whom the agent consults while the caller waits. */
  consulted: string | null;
}

interface ContactCenterOptions {
  clock: Clock;
  /** Between a conversation's end and its recording's appearance in lists. */
  publishAfterMs: number;
}

export const fullName = (agent: SimulatedAgent): string => `${agent.forename} ${agent.surname}`;

/** .NET's seven fractional digits; the last four are made of `salt`. */
export const ticks = (ms: number, salt: number): string =>
  `${new Date(ms).toISOString().slice(0, -1)}${String((salt * 7919 + 1237) % 10_000).padStart(4, '0')}Z`;

const fileNameOf = (callId: number, agentId: number): string =>
  `${callId.toString(16).padStart(8, '0')}-637f-4c3c-b1fb-${agentId.toString(16).padStart(12, '0')}.mp3`;

export interface ContactCenter {
  agents: Map<number, SimulatedAgent>;
  queues: Map<number, string>;
  calls: Map<number, SimulatedCall>;
  /** In the order of their appearance. */
  recordings: QueueRecording[];
  direct: UserRecording[];
  media: Map<number, Buffer>;
  callOf(agentId: number): SimulatedCall | null;
  publish(recording: QueueRecording, audio: Buffer | null): void;
  addAgent(agent: SimulatedAgent): void;
  /** A call is numbered when it is offered, long before its recording can be listed. */
  offer(agentId: number, queueId: number, caller: string, type?: SimulatedCall['type']): SimulatedCall;
  answer(agentId: number): boolean;
  clear(agentId: number): boolean;
  consult(agentId: number, endpoint: string): boolean;
  alternate(agentId: number): boolean;
  /** Hands the call to `endpoint`, or to whom the agent consults; a colleague is offered it under the same id. */
  transfer(agentId: number, endpoint: string | null): boolean;
}

/** The server's state: people, queues, calls going on, and recordings in the order of their appearance. */
export const createContactCenter = ({ clock, publishAfterMs }: ContactCenterOptions): ContactCenter => {
  const agents = new Map<number, SimulatedAgent>();
  const queues = new Map<number, string>();
  const calls = new Map<number, SimulatedCall>();
  const recordings: QueueRecording[] = [];
  const direct: UserRecording[] = [];
  const media = new Map<number, Buffer>();
  let nextCallId = 47_610;

  const callOf = (agentId: number): SimulatedCall | null => [...calls.values()].find((call) => call.agentId === agentId) ?? null;

  const publish = (recording: QueueRecording, audio: Buffer | null) => {
    recordings.push(recording);
    if (audio && !media.has(recording.QueueCallId)) media.set(recording.QueueCallId, audio);
  };

  /** A leg that was answered becomes a recording of its agent. */
  const record = (call: SimulatedCall) => {
    if (call.answeredMs === null) return;
    const agent = agents.get(call.agentId)!;
    const endedMs = clock.now();
    const recording: QueueRecording = {
      QueueId: String(call.queueId),
      QueueName: queues.get(call.queueId) ?? '',
      QueueCallId: call.queueCallId,
      QueueCallType: call.type,
      Culture: 'da-DK',
      ConversationStartedUtc: ticks(call.answeredMs, call.queueCallId),
      ConversationEndedUtc: ticks(endedMs, call.queueCallId + 1),
      AgentName: fullName(agent),
      AgentId: String(agent.id),
      RecordingFileName: fileNameOf(call.queueCallId, agent.id),
      Caller: call.caller,
    };
    const audio = toneMp3(Math.min(60, (endedMs - call.answeredMs) / 1000), 300 + (call.queueCallId % 12) * 40);
    if (publishAfterMs > 0) clock.after(publishAfterMs, () => publish(recording, audio));
    else publish(recording, audio);
  };

  return {
    agents,
    queues,
    calls,
    recordings,
    direct,
    media,
    callOf,
    publish,
    addAgent: (agent) => {
      agents.set(agent.id, agent);
    },
    offer: (agentId, queueId, caller, type = 'QueueCall') => {
      const call: SimulatedCall = {
        queueCallId: nextCallId++,
        queueId,
        type,
        agentId,
        caller,
        state: 'Offered',
        offeredMs: clock.now(),
        answeredMs: null,
        consulted: null,
      };
      calls.set(call.queueCallId, call);
      return call;
    },
    answer: (agentId) => {
      const call = callOf(agentId);
      if (call?.state !== 'Offered') return false;
      call.state = 'Answered';
      call.answeredMs = clock.now();
      return true;
    },
    clear: (agentId) => {
      const call = callOf(agentId);
      if (!call) return false;
      calls.delete(call.queueCallId);
      record(call);
      return true;
    },
    consult: (agentId, endpoint) => {
      const call = callOf(agentId);
      if (call?.state !== 'Answered') return false;
      call.state = 'Held';
      call.consulted = endpoint;
      return true;
    },
    alternate: (agentId) => {
      const call = callOf(agentId);
      if (!call?.consulted) return false;
      call.state = call.state === 'Held' ? 'Answered' : 'Held';
      return true;
    },
    transfer: (agentId, endpoint) => {
      const call = callOf(agentId);
      const target = endpoint ?? call?.consulted;
      if (!call || call.answeredMs === null || !target) return false;
      calls.delete(call.queueCallId);
      record(call);
      const colleague = [...agents.values()].find((agent) => agent.phone === target || agent.sipUri === target);
      if (colleague?.loggedIn && !callOf(colleague.id)) {
        calls.set(call.queueCallId, {
          ...call,
          agentId: colleague.id,
          state: 'Offered',
          offeredMs: clock.now(),
          answeredMs: null,
          consulted: null,
        });
      }
      return true;
    },
  };
};
