/** From the gateway's events to the contract's agents and calls. Pure. */
import type { Observation } from '../kit/index.ts';
import { type EventContext, type EventReading, readCallEvent } from './call-events.ts';
import { statusInEvent } from './statuses.ts';
import type { GatewayEvent } from './wire.ts';

/** Returns the observations of agents and calls in an event. Throws where its content is of no known shape. */
export const readEvent = (event: GatewayEvent, context: EventContext): EventReading => {
  const { eventType } = event;
  const { agent, known } = context;
  const ofCall = readCallEvent(event, context);
  if (ofCall !== null) return ofCall;
  const status = statusInEvent(eventType);
  if (status === 'OFFLINE' || eventType === 'AgentOther_ShutdownService')
    return { observations: signedOut(agent, eventType), signedOut: true };
  if (status === null)
    return { observations: [], refetch: eventType === 'AgentEvent_No_Answer' || eventType === 'AgentEvent_Call_Out_Fail' };
  const before = known.agent(agent);
  // An agent who is free again has no call: one that is still believed in has ended unheard.
  const stray = status === 'IDLE' && (before?.activeCall != null || (before?.inactiveCalls.length ?? 0) > 0);
  return { observations: [{ type: 'agent', agent: { externalId: agent, status, vendorStatus: eventType } }], refetch: stray };
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
