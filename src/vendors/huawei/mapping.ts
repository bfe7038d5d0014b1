/** From the gateway's words to the contract's. Pure. */

import {
  type Agent,
  type AgentStatus,
  type Call,
  type CallDirection,
  type CallLeg,
  instant,
  type Observation,
  reported,
} from '../kit/index.ts';
import { type CallContent, callContent, type GatewayEvent } from './wire.ts';

/** Enumeration A, of `agentstatus`. The enumerations of the CTI platform and of `syncagentinfo` number the same states differently. */
const agentStates: Readonly<Record<number, AgentStatus>> = {
  0: 'UNKNOWN',
  2: 'OFFLINE',
  3: 'BUSY',
  4: 'IDLE',
  5: 'WRAP_UP',
  7: 'ON_CALL',
  8: 'BREAK',
  9: 'BREAK',
};

export const agentStatusOf = (agentState: number): AgentStatus => agentStates[agentState] ?? 'UNKNOWN';

/** Events that say what state the agent is in, and nothing else. */
const stateEvents: Readonly<Record<string, AgentStatus>> = {
  AgentState_Ready: 'IDLE',
  AgentState_CancelNotReady_Success: 'IDLE',
  AgentState_CancelRest_Success: 'IDLE',
  AgentState_CancelWork_Success: 'IDLE',
  AgentState_Busy: 'BUSY',
  AgentState_SetNotReady_Success: 'BUSY',
  AgentState_SetRest_Success: 'BREAK',
  AgentState_Work: 'WRAP_UP',
  AgentState_SetWork_Success: 'WRAP_UP',
};

/** The states that an inspector sets, by the end of the event's name. */
const forcedStates: readonly (readonly [RegExp, AgentStatus | null])[] = [
  [/Fail$/i, null],
  [/^Cancel/i, 'IDLE'],
  [/Not_?Ready|Busy/i, 'BUSY'],
  [/Ready|Idle|Free/i, 'IDLE'],
  [/Rest|Break/i, 'BREAK'],
  [/Work|Acw/i, 'WRAP_UP'],
  [/Leave|Log_?Out|Sign_?Out|Out$/i, 'OFFLINE'],
];
const forcedStatusOf = (eventType: string): AgentStatus | null =>
  eventType.startsWith('AgentState_Force_') ? (forcedStates.find(([pattern]) => pattern.test(eventType.slice(17)))?.[1] ?? null) : null;

/** `callfeature` and the events' `feature`; 41 preoccupied, 44 predictive and 45 callback are calls that the platform makes. */
const directions: Readonly<Record<string, CallDirection>> = {
  '0': 'INBOUND',
  '6': 'INTERNAL',
  '7': 'OUTBOUND',
  '41': 'OUTBOUND',
  '44': 'OUTBOUND',
  '45': 'OUTBOUND',
};

export const directionOf = (feature: string | null): CallDirection => directions[feature ?? ''] ?? 'UNKNOWN';

interface KnownHere {
  agent(externalId: string): Agent | null;
  call(externalId: string): Call | null;
}

export interface Reading {
  observations: readonly Observation[];
  /** The agent's state has to be fetched, since the event does not show it. */
  refetch?: boolean;
  /** The gateway has signed the agent out. */
  signedOut?: boolean;
  /** The agent left this call, which is over unless another agent turns out to have it. */
  left?: string;
}

type CallEventKind = 'offered' | 'talking' | 'held' | 'released' | 'customerReleased';

const callEvents: Readonly<Record<string, CallEventKind>> = {
  AgentEvent_Incoming_CallInfo: 'offered',
  AgentEvent_Ringing: 'offered',
  AgentEvent_Customer_Alerting: 'offered',
  AgentOther_PhoneAlerting: 'offered',
  AgentEvent_Auto_Answer: 'offered',
  AgentEvent_Talking: 'talking',
  AgentEvent_Conference: 'talking',
  AgentEvent_Hold: 'held',
  AgentEvent_Call_Release: 'released',
  AgentEvent_Customer_Release: 'customerReleased',
};

const withLeg = (legs: readonly CallLeg[], agent: string, patch: Partial<CallLeg>): readonly CallLeg[] => {
  const open = legs.findIndex((leg) => leg.agent === agent && leg.endedAt === null);
  const base = open === -1 ? { party: 'AGENT' as const, agent, endpoint: null, startedAt: null, endedAt: null } : legs[open]!;
  return open === -1 ? [...legs, { ...base, ...patch }] : legs.with(open, { ...base, ...patch });
};

const without = (list: readonly string[], id: string): readonly string[] => list.filter((one) => one !== id);

const readCallEvent = (
  kind: CallEventKind,
  event: GatewayEvent,
  id: string,
  content: CallContent,
  atMs: number,
  known: KnownHere,
): Reading => {
  const at = instant(atMs);
  const agent = known.agent(id);
  const callId = content.callId;
  if (callId === null) {
    const rings = kind === 'offered' && !agent?.activeCall;
    return { observations: rings ? [{ type: 'agent', agent: { externalId: id, status: 'RINGING', vendorStatus: event.eventType } }] : [] };
  }
  const call = known.call(callId);
  const legs = call?.legs ?? [];
  const inactive = without(agent?.inactiveCalls ?? [], callId);
  const direction = event.eventType === 'AgentEvent_Incoming_CallInfo' ? 'INBOUND' : directionOf(content.feature);
  const { caller, called, skillName: queue } = content;
  const base = {
    externalId: callId,
    vendorState: event.eventType,
    agents: [id],
    ...reported({ caller, called, queue, direction: direction === 'UNKNOWN' ? null : direction }),
  };
  const status = (word: AgentStatus) => ({ externalId: id, status: word, vendorStatus: event.eventType });

  if (kind === 'offered') {
    if (call !== null && call.state !== 'RINGING' && call.state !== 'UNKNOWN') {
      const { vendorState: _vendorState, ...rest } = base;
      return { observations: [{ type: 'call', call: { ...rest, legs: withLeg(legs, id, {}) } }] };
    }
    return {
      observations: [
        { type: 'call', call: { ...base, state: 'RINGING', startedAt: call?.startedAt ?? at, legs: withLeg(legs, id, {}) } },
        ...(agent?.activeCall ? [] : [{ type: 'agent' as const, agent: status('RINGING') }]),
      ],
    };
  }
  if (kind === 'talking') {
    const before = agent?.activeCall && agent.activeCall !== callId ? [agent.activeCall] : [];
    return {
      observations: [
        {
          type: 'call',
          call: {
            ...base,
            state: 'ACTIVE',
            startedAt: call?.startedAt ?? at,
            answeredAt: call?.answeredAt ?? at,
            legs: withLeg(legs, id, { startedAt: legs.find((leg) => leg.agent === id && leg.endedAt === null)?.startedAt ?? at }),
          },
        },
        {
          type: 'agent',
          agent: { ...status('ON_CALL'), activeCall: callId, inactiveCalls: [...without(inactive, before[0] ?? ''), ...before] },
        },
      ],
    };
  }
  if (kind === 'held') {
    const stillActive = agent?.activeCall && agent.activeCall !== callId ? agent.activeCall : null;
    return {
      observations: [
        { type: 'call', call: { ...base, state: 'HELD', legs: withLeg(legs, id, {}) } },
        {
          type: 'agent',
          agent: { ...status(stillActive ? 'ON_CALL' : 'ON_HOLD'), activeCall: stillActive, inactiveCalls: [...inactive, callId] },
        },
      ],
    };
  }
  // The one leaves while the other's events, in a queue of its own, may not have come yet: only the customer's leaving is final.
  const isEnded = kind === 'customerReleased';
  const activeCall = agent?.activeCall === callId ? null : (agent?.activeCall ?? null);
  return {
    observations: [
      {
        type: 'call',
        call: {
          ...base,
          ...(isEnded ? { state: 'ENDED' as const, endedAt: call?.endedAt ?? at } : {}),
          legs: legs.some((leg) => leg.agent === id && leg.endedAt === null) ? withLeg(legs, id, { endedAt: at }) : legs,
        },
      },
      {
        type: 'agent',
        agent: {
          ...(activeCall === null && inactive.length > 0 && agent?.status === 'ON_CALL' ? status('ON_HOLD') : { externalId: id }),
          activeCall,
          inactiveCalls: inactive,
        },
      },
    ],
    ...(isEnded || call?.state === 'ENDED' ? {} : { left: callId }),
  };
};

const isIn = (callId: string, agents: readonly string[], known: KnownHere): boolean =>
  agents.some((id) => known.agent(id)?.activeCall === callId || known.agent(id)?.inactiveCalls.includes(callId));

/** Returns true if any agent is known to be in the call. */
export const isHeldBySomebody = (callId: string, agents: readonly string[], known: KnownHere): boolean =>
  (known.call(callId)?.legs ?? []).some((leg) => leg.agent !== null && leg.endedAt === null) || isIn(callId, agents, known);

/** Returns true if an agent other than `agent` is known to be in the call. */
export const isElsewhere = (callId: string, agent: string, others: readonly string[], known: KnownHere): boolean =>
  (known.call(callId)?.legs ?? []).some((leg) => leg.agent !== null && leg.agent !== agent && leg.endedAt === null) ||
  isIn(callId, others, known);

/** Returns the observations of agents and calls in an event. Throws where its content is of no known shape. */
export const readEvent = (event: GatewayEvent, agent: string, atMs: number, known: KnownHere): Reading => {
  const kind = callEvents[event.eventType];
  if (kind) return readCallEvent(kind, event, agent, callContent.parse(event.content ?? {}), atMs, known);
  const status = stateEvents[event.eventType] ?? forcedStatusOf(event.eventType);
  if (status === 'OFFLINE') return { observations: signedOut(agent, event.eventType), signedOut: true };
  if (status) {
    const before = known.agent(agent);
    // An agent who is free again has no call: one that is still believed in has ended unheard.
    const stray = status === 'IDLE' && (before?.activeCall != null || (before?.inactiveCalls.length ?? 0) > 0);
    return { observations: [{ type: 'agent', agent: { externalId: agent, status, vendorStatus: event.eventType } }], refetch: stray };
  }
  if (event.eventType === 'AgentOther_ShutdownService') return { observations: signedOut(agent, event.eventType), signedOut: true };
  return { observations: [], refetch: event.eventType === 'AgentEvent_No_Answer' || event.eventType === 'AgentEvent_Call_Out_Fail' };
};

/** An agent who is not signed in takes no calls and is not recorded. */
export const signedOut = (agent: string, vendorStatus: string | null): readonly Observation[] => [
  { type: 'liveness', agent, calls: [], recordings: [] },
  { type: 'agent', agent: { externalId: agent, status: 'OFFLINE', vendorStatus, activeCall: null, inactiveCalls: [] } },
];

/** An agent who may be signed in at another client may be in a call. */
export const unseen = (agent: string): readonly Observation[] => [
  { type: 'agent', agent: { externalId: agent, status: 'UNKNOWN', vendorStatus: null } },
];
