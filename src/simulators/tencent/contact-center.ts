/** The contact center itself: agents, calls in progress, and the records of those that are over. Times are epoch seconds, 0 for never. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';

export interface SimulatedAgent {
  mail: string;
  name: string;
  nick: string;
  phone: string;
  staffNumber: string;
  skillGroup: { id: number; name: string };
  /** free, busy, rest, notReady, afterCallWork or offline. */
  status: string;
  statusSince: number;
}

export interface SimulatedParticipant {
  agent: SimulatedAgent;
  recordId: string;
  start: number;
  ring: number;
  accept: number;
  ended: number;
}

export interface SimulatedCall {
  sessionId: string;
  /** 0 inbound, 1 outbound. */
  direction: 0 | 1;
  caller: string;
  callee: string;
  queue: { id: number; name: string };
  recordId: string;
  /** ringing, seatJoining, inProgress or finished. */
  status: string;
  start: number;
  queued: number;
  ring: number;
  accept: number;
  ended: number;
  participants: SimulatedParticipant[];
  hungUpSide: string;
  endStatus: { code: number; word: string };
  /** Satisfaction keys. */
  ratings: { key: string; label: string }[];
  voicemails: number;
}

type CallRequest = Pick<SimulatedCall, 'direction' | 'caller' | 'callee'> & Partial<Pick<SimulatedCall, 'sessionId' | 'queue'>>;

const maxRecords = 20_000;

export interface ContactCenter {
  agents: Map<string, SimulatedAgent>;
  live: Map<string, SimulatedCall>;
  /** Calls that are over, oldest first. */
  records: SimulatedCall[];
  setStatus(agent: SimulatedAgent, status: string): void;
  addAgent(agent: Partial<SimulatedAgent> & { mail: string }): SimulatedAgent;
  startCall(request: CallRequest): SimulatedCall;
  /** Rings at an agent: the first one, or the one that the call is transferred to. */
  ring(call: SimulatedCall, agent: SimulatedAgent): void;
  answer(call: SimulatedCall): void;
  hangUp(call: SimulatedCall, side?: string, endStatus?: SimulatedCall['endStatus']): void;
  /** The call ends in the voicemail box of the IVR. */
  leaveVoicemail(call: SimulatedCall, count?: number): void;
}

interface ContactCenterOptions {
  clock: Clock;
  random: Random;
  onEnded(call: SimulatedCall): void;
}

interface State extends ContactCenterOptions {
  agents: Map<string, SimulatedAgent>;
  live: Map<string, SimulatedCall>;
  records: SimulatedCall[];
  recordings: number;
}

const nowSeconds = ({ clock }: State): number => Math.floor(clock.now() / 1000);

const newRecordId = (state: State): string => {
  state.recordings += 1;
  return `${nowSeconds(state)}${String(state.recordings).padStart(4, '0')}`;
};

const setStatus = (state: State, agent: SimulatedAgent, status: string): void => {
  agent.status = status;
  agent.statusSince = nowSeconds(state);
};

/** Frees the participants who are still in the call. */
const endParticipants = (state: State, participants: readonly SimulatedParticipant[]): void => {
  for (const participant of participants) {
    if (participant.ended !== 0) continue;
    participant.ended = nowSeconds(state);
    setStatus(state, participant.agent, 'afterCallWork');
  }
};

const addAgent = (state: State, agent: Partial<SimulatedAgent> & { mail: string }): SimulatedAgent => {
  const added: SimulatedAgent = {
    name: agent.mail.split('@')[0]!,
    nick: '',
    phone: '',
    staffNumber: String(state.agents.size + 1).padStart(4, '0'),
    skillGroup: { id: 1072, name: 'service' },
    status: 'free',
    statusSince: nowSeconds(state),
    ...agent,
  };
  state.agents.set(added.mail, added);
  return added;
};

const startCall = (state: State, request: CallRequest): SimulatedCall => {
  const now = nowSeconds(state);
  const call: SimulatedCall = {
    sessionId: state.random.guid(),
    queue: { id: 1072, name: 'service' },
    ...request,
    recordId: newRecordId(state),
    status: 'ringing',
    start: now,
    queued: request.direction === 0 ? now : 0,
    ring: 0,
    accept: 0,
    ended: 0,
    participants: [],
    hungUpSide: '',
    endStatus: { code: 1, word: 'ok' },
    ratings: [],
    voicemails: 0,
  };
  state.live.set(call.sessionId, call);
  return call;
};

const ring = (state: State, call: SimulatedCall, agent: SimulatedAgent): void => {
  const now = nowSeconds(state);
  call.participants.push({ agent, recordId: newRecordId(state), start: now, ring: now, accept: 0, ended: 0 });
  call.ring ||= now;
  if (call.status === 'ringing') call.status = 'seatJoining';
  setStatus(state, agent, 'busy');
};

const answer = (state: State, call: SimulatedCall): void => {
  const now = nowSeconds(state);
  const last = call.participants.at(-1);
  if (last) last.accept = now;
  call.accept ||= now;
  call.status = 'inProgress';
  endParticipants(state, call.participants.slice(0, -1));
};

interface HangUp {
  /** `user` when absent. */
  side?: string | undefined;
  endStatus?: SimulatedCall['endStatus'] | undefined;
}

const hangUp = (state: State, call: SimulatedCall, { side = 'user', endStatus }: HangUp): void => {
  call.ended = nowSeconds(state);
  call.hungUpSide = side;
  call.endStatus = endStatus ?? (call.accept > 0 ? { code: 1, word: 'ok' } : { code: 104, word: 'ringingGiveUp' });
  call.status = 'finished';
  endParticipants(state, call.participants);
  state.live.delete(call.sessionId);
  state.records.push(call);
  if (state.records.length > maxRecords) state.records.shift();
  state.onEnded(call);
};

const leaveVoicemail = (state: State, call: SimulatedCall, count: number): void => {
  call.voicemails = count;
  hangUp(state, call, { endStatus: { code: 107, word: 'ivrEnd' } });
};

export const createContactCenter = (options: ContactCenterOptions): ContactCenter => {
  const state: State = { ...options, agents: new Map(), live: new Map(), records: [], recordings: 0 };
  return {
    agents: state.agents,
    live: state.live,
    records: state.records,
    setStatus: (agent, status) => setStatus(state, agent, status),
    addAgent: (agent) => addAgent(state, agent),
    startCall: (request) => startCall(state, request),
    ring: (call, agent) => ring(state, call, agent),
    answer: (call) => answer(state, call),
    hangUp: (call, side, endStatus) => hangUp(state, call, { side, endStatus }),
    leaveVoicemail: (call, count = 1) => leaveVoicemail(state, call, count),
  };
};

/** Recordings exist of both sides of a call that was answered. */
export const tracksOf = (
  call: SimulatedCall,
): { recordId: string; user: string; start: number; end: number; agent: SimulatedParticipant | null }[] =>
  call.accept === 0
    ? []
    : [
        {
          recordId: call.recordId,
          user: call.direction === 0 ? call.caller : call.callee,
          start: call.accept,
          end: call.ended,
          agent: null,
        },
        ...call.participants
          .filter(({ accept }) => accept > 0)
          .map((one) => ({ recordId: one.recordId, user: one.agent.mail, start: one.accept, end: one.ended, agent: one })),
      ];
