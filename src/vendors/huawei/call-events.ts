/** From the gateway's events of calls to the contract's calls, legs and agents. Pure. */
import { type Agent, type AgentStatus, type Call, type CallLeg, instant, type Observation, reported } from '../kit/index.ts';
import { directionOf } from './statuses.ts';
import { type CallContent, callContent, type GatewayEvent } from './wire.ts';

export interface KnownHere {
  agent(externalId: string): Agent | null;
  call(externalId: string): Call | null;
}

export interface EventReading {
  observations: readonly Observation[];
  /** The agent's state has to be fetched, since the event does not show it. */
  refetch?: boolean;
  /** The gateway has signed the agent out. */
  signedOut?: boolean;
  /** The agent left this call, which is over unless another agent turns out to have it. */
  left?: string | undefined;
}

/** The context in which an event is read. */
export interface EventContext {
  agent: string;
  /** When the event came to be, in epoch ms. */
  atMs: number;
  known: KnownHere;
}

/** An event of a call, and what was known of its call and its agent before. */
interface CallEvent {
  eventType: string;
  at: string;
  id: string;
  agent: Agent | null;
  callId: string;
  call: Call | null;
  content: CallContent;
}

const withLeg = (legs: readonly CallLeg[], agent: string, patch: Partial<CallLeg>): readonly CallLeg[] => {
  const open = legs.findIndex((leg) => leg.agent === agent && leg.endedAt === null);
  const base = open === -1 ? { party: 'AGENT' as const, agent, endpoint: null, startedAt: null, endedAt: null } : legs[open]!;
  return open === -1 ? [...legs, { ...base, ...patch }] : legs.with(open, { ...base, ...patch });
};

const without = (list: readonly string[], id: string): readonly string[] => list.filter((one) => one !== id);
const openLeg = ({ call, id }: CallEvent) => call?.legs.find((leg) => leg.agent === id && leg.endedAt === null);
const legsWith = ({ call, id }: CallEvent, patch: Partial<CallLeg>) => withLeg(call?.legs ?? [], id, patch);
const otherCalls = ({ agent, callId }: CallEvent) => without(agent?.inactiveCalls ?? [], callId);
const otherActiveCall = ({ agent, callId }: CallEvent) => (agent?.activeCall && agent.activeCall !== callId ? agent.activeCall : null);
const agentIn = ({ id, eventType }: CallEvent, status: AgentStatus) => ({ externalId: id, status, vendorStatus: eventType });

const shownOf = ({ callId, id, eventType, content }: CallEvent) => {
  const { caller, called, skillName: queue } = content;
  const direction = eventType === 'AgentEvent_Incoming_CallInfo' ? 'INBOUND' : directionOf(content.feature);
  return {
    externalId: callId,
    agents: [id],
    ...reported({ caller, called, queue, direction: direction === 'UNKNOWN' ? null : direction }),
  };
};

/** The call as the event shows it, and what it makes of its agent. */
const callAndAgent = (event: CallEvent, call: Partial<Call>, agent: Partial<Agent> & { externalId: string }): readonly Observation[] => [
  { type: 'call', call: { ...shownOf(event), vendorState: event.eventType, ...call } },
  { type: 'agent', agent },
];

const readOffered = (event: CallEvent): EventReading => {
  const { call, at, agent, eventType } = event;
  const legs = legsWith(event, {});
  if (call !== null && call.state !== 'RINGING' && call.state !== 'UNKNOWN') {
    return { observations: [{ type: 'call', call: { ...shownOf(event), legs } }] };
  }
  const ringing = { ...shownOf(event), vendorState: eventType, state: 'RINGING' as const, startedAt: call?.startedAt ?? at, legs };
  return {
    observations: [
      { type: 'call', call: ringing },
      ...(agent?.activeCall ? [] : [{ type: 'agent' as const, agent: agentIn(event, 'RINGING') }]),
    ],
  };
};

const readTalking = (event: CallEvent): EventReading => {
  const { call, at, callId } = event;
  const before = otherActiveCall(event);
  const inactiveCalls = before === null ? otherCalls(event) : [...without(otherCalls(event), before), before];
  const talking: Partial<Call> = {
    state: 'ACTIVE',
    startedAt: call?.startedAt ?? at,
    answeredAt: call?.answeredAt ?? at,
    legs: legsWith(event, { startedAt: openLeg(event)?.startedAt ?? at }),
  };
  return { observations: callAndAgent(event, talking, { ...agentIn(event, 'ON_CALL'), activeCall: callId, inactiveCalls }) };
};

const readHeld = (event: CallEvent): EventReading => {
  const activeCall = otherActiveCall(event);
  const inactiveCalls = [...otherCalls(event), event.callId];
  const held: Partial<Call> = { state: 'HELD', legs: legsWith(event, {}) };
  return { observations: callAndAgent(event, held, { ...agentIn(event, activeCall ? 'ON_CALL' : 'ON_HOLD'), activeCall, inactiveCalls }) };
};

/** The one leaves while the other's events, in a queue of its own, may not have come yet: only the customer's leaving is final. */
const readReleased = (event: CallEvent, isEnded: boolean): EventReading => {
  const { call, at, id, agent, callId } = event;
  const inactiveCalls = otherCalls(event);
  const activeCall = agent?.activeCall === callId ? null : (agent?.activeCall ?? null);
  const isOnHold = activeCall === null && inactiveCalls.length > 0 && agent?.status === 'ON_CALL';
  const legs = openLeg(event) ? legsWith(event, { endedAt: at }) : (call?.legs ?? []);
  const released: Partial<Call> = isEnded ? { state: 'ENDED', endedAt: call?.endedAt ?? at, legs } : { legs };
  const shown = { ...(isOnHold ? agentIn(event, 'ON_HOLD') : { externalId: id }), activeCall, inactiveCalls };
  return {
    observations: callAndAgent(event, released, shown),
    left: isEnded || call?.state === 'ENDED' ? undefined : callId,
  };
};

const callEvents: ReadonlyMap<string, (event: CallEvent) => EventReading> = new Map(
  Object.entries({
    AgentEvent_Incoming_CallInfo: readOffered,
    AgentEvent_Ringing: readOffered,
    AgentEvent_Customer_Alerting: readOffered,
    AgentOther_PhoneAlerting: readOffered,
    AgentEvent_Auto_Answer: readOffered,
    AgentEvent_Talking: readTalking,
    AgentEvent_Conference: readTalking,
    AgentEvent_Hold: readHeld,
    AgentEvent_Call_Release: (event: CallEvent) => readReleased(event, false),
    AgentEvent_Customer_Release: (event: CallEvent) => readReleased(event, true),
  }),
);

/** Returns null for an event that is of no call. Throws where its content is of no known shape. */
export const readCallEvent = ({ eventType, ...event }: GatewayEvent, { agent: id, atMs, known }: EventContext): EventReading | null => {
  const read = callEvents.get(eventType);
  if (read === undefined) return null;
  const content = callContent.parse(event.content ?? {});
  const agent = known.agent(id);
  const { callId } = content;
  if (callId !== null) return read({ eventType, at: instant(atMs), id, agent, callId, call: known.call(callId), content });
  const rings = read === readOffered && !agent?.activeCall;
  return { observations: rings ? [{ type: 'agent', agent: { externalId: id, status: 'RINGING', vendorStatus: eventType } }] : [] };
};

const isIn = (callId: string, agents: readonly string[], known: KnownHere): boolean =>
  agents.some((id) => known.agent(id)?.activeCall === callId || known.agent(id)?.inactiveCalls.includes(callId));

/** Returns true if an agent other than `agent`, such as one of `others`, is known to be in the call. */
export const isElsewhere = (
  callId: string,
  { agent, others, known }: { agent: string | null; others: readonly string[]; known: KnownHere },
): boolean =>
  (known.call(callId)?.legs ?? []).some((leg) => leg.agent !== null && leg.agent !== agent && leg.endedAt === null) ||
  isIn(callId, others, known);

/** Returns true if any agent is known to be in the call. */
export const isHeldBySomebody = (callId: string, agents: readonly string[], known: KnownHere): boolean =>
  isElsewhere(callId, { agent: null, others: agents, known });
