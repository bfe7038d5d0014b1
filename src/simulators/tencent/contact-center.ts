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

export const createContactCenter = (clock: Clock, random: Random, onEnded: (call: SimulatedCall) => void): ContactCenter => {
  const agents = new Map<string, SimulatedAgent>();
  const live = new Map<string, SimulatedCall>();
  const records: SimulatedCall[] = [];
  let recordings = 0;
  const now = () => Math.floor(clock.now() / 1000);
  const newRecordId = () => `${now()}${String(++recordings).padStart(4, '0')}`;

  const setStatus = (agent: SimulatedAgent, status: string) => {
    agent.status = status;
    agent.statusSince = now();
  };

  const contactCenter: ContactCenter = {
    agents,
    live,
    records,
    setStatus,
    addAgent: (agent) => {
      const added: SimulatedAgent = {
        name: agent.mail.split('@')[0]!,
        nick: '',
        phone: '',
        staffNumber: String(agents.size + 1).padStart(4, '0'),
        skillGroup: { id: 1072, name: 'service' },
        status: 'free',
        statusSince: now(),
        ...agent,
      };
      agents.set(added.mail, added);
      return added;
    },
    startCall: (request) => {
      const call: SimulatedCall = {
        sessionId: random.guid(),
        queue: { id: 1072, name: 'service' },
        ...request,
        recordId: newRecordId(),
        status: 'ringing',
        start: now(),
        queued: request.direction === 0 ? now() : 0,
        ring: 0,
        accept: 0,
        ended: 0,
        participants: [],
        hungUpSide: '',
        endStatus: { code: 1, word: 'ok' },
        ratings: [],
        voicemails: 0,
      };
      live.set(call.sessionId, call);
      return call;
    },
    ring: (call, agent) => {
      call.participants.push({ agent, recordId: newRecordId(), start: now(), ring: now(), accept: 0, ended: 0 });
      call.ring ||= now();
      if (call.status === 'ringing') call.status = 'seatJoining';
      setStatus(agent, 'busy');
    },
    answer: (call) => {
      const last = call.participants.at(-1);
      if (last) last.accept = now();
      call.accept ||= now();
      call.status = 'inProgress';
      for (const earlier of call.participants.slice(0, -1)) {
        if (earlier.ended !== 0) continue;
        earlier.ended = now();
        setStatus(earlier.agent, 'afterCallWork');
      }
    },
    hangUp: (call, side = 'user', endStatus) => {
      call.ended = now();
      call.hungUpSide = side;
      call.endStatus = endStatus ?? (call.accept > 0 ? { code: 1, word: 'ok' } : { code: 104, word: 'ringingGiveUp' });
      call.status = 'finished';
      for (const participant of call.participants) {
        if (participant.ended !== 0) continue;
        participant.ended = now();
        setStatus(participant.agent, 'afterCallWork');
      }
      live.delete(call.sessionId);
      records.push(call);
      if (records.length > maxRecords) records.shift();
      onEnded(call);
    },
    leaveVoicemail: (call, count = 1) => {
      call.voicemails = count;
      contactCenter.hangUp(call, 'user', { code: 107, word: 'ivrEnd' });
    },
  };
  return contactCenter;
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
