/** The gateway's words for states of agents and directions of calls. Pure. */
import type { AgentStatus, CallDirection } from '../kit/index.ts';

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
const stateEvents = new Map<string, AgentStatus>(
  Object.entries({
    AgentState_Ready: 'IDLE',
    AgentState_CancelNotReady_Success: 'IDLE',
    AgentState_CancelRest_Success: 'IDLE',
    AgentState_CancelWork_Success: 'IDLE',
    AgentState_Busy: 'BUSY',
    AgentState_SetNotReady_Success: 'BUSY',
    AgentState_SetRest_Success: 'BREAK',
    AgentState_Work: 'WRAP_UP',
    AgentState_SetWork_Success: 'WRAP_UP',
  }),
);

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

/** The state that an event says the agent is in; null for an event of something else. */
export const statusInEvent = (eventType: string): AgentStatus | null => {
  const status = stateEvents.get(eventType);
  if (status !== undefined || !eventType.startsWith('AgentState_Force_')) return status ?? null;
  return forcedStates.find(([pattern]) => pattern.test(eventType.slice(17)))?.[1] ?? null;
};

/** `callfeature` and the events' `feature`; 41 preoccupied, 44 predictive and 45 callback are calls that the platform makes. */
const directions = new Map<string, CallDirection>(
  Object.entries({
    '0': 'INBOUND',
    '6': 'INTERNAL',
    '7': 'OUTBOUND',
    '41': 'OUTBOUND',
    '44': 'OUTBOUND',
    '45': 'OUTBOUND',
  }),
);

export const directionOf = (feature: string | null): CallDirection => directions.get(feature ?? '') ?? 'UNKNOWN';
