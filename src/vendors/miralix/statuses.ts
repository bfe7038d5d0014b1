import type { AgentStatus, CallDirection } from '../kit/index.ts';
import type { BusyCall, OverviewAgent } from './wire.ts';

/** The vendor's list of status words could not be had: these are its manual's, in English and Danish, and their like. */
const words: Partial<Record<AgentStatus, readonly string[]>> = {
  OFFLINE: ['loggedout', 'loggedoff', 'offline', 'notloggedin', 'loggetud', 'loggetaf'],
  IDLE: ['loggedin', 'online', 'active', 'idle', 'available', 'ready', 'free', 'loggetind', 'loggetpå', 'ledig'],
  BUSY: ['busy', 'occupied', 'optaget'],
  RINGING: ['ringing', 'offered', 'offering', 'alerting', 'callwaiting', 'tilbudt', 'ringer'],
  ON_CALL: [
    'oncall',
    'incall',
    'talking',
    'conversation',
    'inconversation',
    'answered',
    'connected',
    'callactive',
    'samtale',
    'isamtale',
    'besvaret',
  ],
  ON_HOLD: ['onhold', 'hold', 'held', 'parked', 'parkeret'],
  WRAP_UP: ['wrapup', 'aftercall', 'aftercallwork', 'afterwork', 'postprocessing', 'clericaltime', 'efterbehandling'],
  BREAK: [
    'pause',
    'paused',
    'onpause',
    'break',
    'onbreak',
    'away',
    'lunch',
    'meeting',
    'notready',
    'unavailable',
    'påpause',
    'frokost',
    'møde',
  ],
};
const byWord = new Map(Object.entries(words).flatMap(([status, list]) => list.map((word) => [word, status as AgentStatus] as const)));
const plain = (word: string): string => word.toLowerCase().replace(/[^\p{L}]/gu, '');

/** Words that say only that the agent is logged in, not what they do. */
const coarseWords: ReadonlySet<string> = new Set(['loggedin', 'online', 'active', 'loggetind', 'loggetpå']);

interface ShownStatus {
  status: AgentStatus;
  vendorStatus: string | null;
  /** True if all that is known is that the agent is logged in. */
  coarse: boolean;
}

/** Returns the agent's status in an overview; null where it has none. */
export const shownStatus = (agent: OverviewAgent): ShownStatus | null => {
  const named = agent.AgentStatusName ?? agent.StatusName ?? agent.StatusText ?? agent.AgentStateName ?? agent.StateName;
  const vendorStatus = named ?? agent.AgentStatus ?? agent.Status ?? agent.AgentState ?? agent.State ?? null;
  const loggedIn = agent.AgentLoggedIn ?? agent.IsLoggedIn ?? agent.LoggedIn ?? null;
  if (loggedIn === false) return { status: 'OFFLINE', vendorStatus, coarse: false };
  if (vendorStatus !== null) {
    const word = plain(vendorStatus);
    return { status: byWord.get(word) ?? 'UNKNOWN', vendorStatus, coarse: coarseWords.has(word) };
  }
  return loggedIn === null ? null : { status: 'IDLE', vendorStatus, coarse: true };
};

/** The status of an agent who is in a queue call, or is offered one. */
export type BusyStatus = 'RINGING' | 'ON_CALL' | 'ON_HOLD' | 'BUSY';

/** Returns true if a queue call is only offered to the agent or answered; BUSY where the answer does not say. */
export const busyStatus = (call: BusyCall): BusyStatus => {
  const word = call.QueueCallState ?? call.QueueCallStatus ?? call.CallState ?? call.CallStatus ?? call.State ?? call.Status ?? null;
  const status = word === null ? undefined : byWord.get(plain(word));
  if (status === 'RINGING' || status === 'ON_CALL' || status === 'ON_HOLD') return status;
  const answered = call.IsAnswered ?? call.Answered ?? null;
  if (call.AnsweredUtc || call.ConversationStartedUtc || answered === true) return 'ON_CALL';
  if (answered === false) return 'RINGING';
  return call.OfferedUtc ? 'RINGING' : 'BUSY';
};

const directions = new Map<string, CallDirection>(Object.entries({ queuecall: 'INBOUND', callbackcall: 'OUTBOUND' }));

export const directionOf = (queueCallType: string | null | undefined): CallDirection =>
  directions.get(queueCallType?.toLowerCase() ?? '') ?? 'UNKNOWN';
