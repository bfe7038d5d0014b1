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

interface CallOffer extends Pick<SimulatedCall, 'queueId' | 'caller'> {
  /** A QueueCall when absent. */
  type?: SimulatedCall['type'];
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
  offer(agentId: number, request: CallOffer): SimulatedCall;
  answer(agentId: number): boolean;
  clear(agentId: number): boolean;
  consult(agentId: number, endpoint: string): boolean;
  alternate(agentId: number): boolean;
  /** Hands the call to `endpoint`, or to whom the agent consults; a colleague is offered it under the same id. */
  transfer(agentId: number, endpoint: string | null): boolean;
}

/** The state behind a contact center. */
interface State extends ContactCenterOptions {
  agents: Map<number, SimulatedAgent>;
  queues: Map<number, string>;
  calls: Map<number, SimulatedCall>;
  recordings: QueueRecording[];
  media: Map<number, Buffer>;
  nextCallId: number;
}

const callOf = ({ calls }: State, agentId: number): SimulatedCall | null =>
  [...calls.values()].find((call) => call.agentId === agentId) ?? null;

const publish = ({ recordings, media }: State, recording: QueueRecording, audio: Buffer | null): void => {
  recordings.push(recording);
  if (audio && !media.has(recording.QueueCallId)) media.set(recording.QueueCallId, audio);
};

/** A leg that was answered becomes a recording of its agent. */
const record = (state: State, call: SimulatedCall): void => {
  const { clock, publishAfterMs } = state;
  if (call.answeredMs === null) return;
  const agent = state.agents.get(call.agentId)!;
  const endedMs = clock.now();
  const recording: QueueRecording = {
    QueueId: String(call.queueId),
    QueueName: state.queues.get(call.queueId) ?? '',
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
  if (publishAfterMs > 0) clock.after(publishAfterMs, () => publish(state, recording, audio));
  else publish(state, recording, audio);
};

/** A call as it is offered to an agent. */
const offered = (state: State, call: Pick<SimulatedCall, 'queueCallId' | 'queueId' | 'type' | 'agentId' | 'caller'>): SimulatedCall => {
  const { queueCallId, queueId, type, agentId, caller } = call;
  const isNew = { state: 'Offered', offeredMs: state.clock.now(), answeredMs: null, consulted: null } as const;
  return { queueCallId, queueId, type, agentId, caller, ...isNew };
};

const offer = (state: State, agentId: number, { queueId, caller, type = 'QueueCall' }: CallOffer): SimulatedCall => {
  const call = offered(state, { queueCallId: state.nextCallId++, queueId, type, agentId, caller });
  state.calls.set(call.queueCallId, call);
  return call;
};

const answer = (state: State, agentId: number): boolean => {
  const call = callOf(state, agentId);
  if (call?.state !== 'Offered') return false;
  call.state = 'Answered';
  call.answeredMs = state.clock.now();
  return true;
};

const clear = (state: State, agentId: number): boolean => {
  const call = callOf(state, agentId);
  if (!call) return false;
  state.calls.delete(call.queueCallId);
  record(state, call);
  return true;
};

const consult = (state: State, agentId: number, endpoint: string): boolean => {
  const call = callOf(state, agentId);
  if (call?.state !== 'Answered') return false;
  call.state = 'Held';
  call.consulted = endpoint;
  return true;
};

const alternate = (state: State, agentId: number): boolean => {
  const call = callOf(state, agentId);
  if (!call?.consulted) return false;
  call.state = call.state === 'Held' ? 'Answered' : 'Held';
  return true;
};

const transfer = (state: State, agentId: number, endpoint: string | null): boolean => {
  const { agents, calls } = state;
  const call = callOf(state, agentId);
  const target = endpoint ?? call?.consulted;
  if (!call || call.answeredMs === null || !target) return false;
  calls.delete(call.queueCallId);
  record(state, call);
  const colleague = [...agents.values()].find((agent) => agent.phone === target || agent.sipUri === target);
  if (colleague?.loggedIn && !callOf(state, colleague.id)) {
    calls.set(call.queueCallId, offered(state, { ...call, agentId: colleague.id }));
  }
  return true;
};

/** The server's state: people, queues, calls going on, and recordings in the order of their appearance. */
export const createContactCenter = (options: ContactCenterOptions): ContactCenter => {
  const maps = { agents: new Map(), queues: new Map(), calls: new Map(), media: new Map() };
  const state: State = { ...options, ...maps, recordings: [], nextCallId: 47_610 };
  const { agents, queues, calls, media, recordings } = state;
  return {
    agents,
    queues,
    calls,
    recordings,
    direct: [],
    media,
    callOf: (agentId) => callOf(state, agentId),
    publish: (recording, audio) => publish(state, recording, audio),
    addAgent: (agent) => void agents.set(agent.id, agent),
    offer: (agentId, request) => offer(state, agentId, request),
    answer: (agentId) => answer(state, agentId),
    clear: (agentId) => clear(state, agentId),
    consult: (agentId, endpoint) => consult(state, agentId, endpoint),
    alternate: (agentId) => alternate(state, agentId),
    transfer: (agentId, endpoint) => transfer(state, agentId, endpoint),
  };
};
