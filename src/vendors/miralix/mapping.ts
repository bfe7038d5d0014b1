/** From the overview and the calls of agents to observations. */
import { type AgentStatus, type Call, type CallState, type Observation, reported } from '../kit/index.ts';
import { shownIdentifier } from './identifiers.ts';
import { type BusyStatus, busyStatus, directionOf } from './statuses.ts';
import { toInstant } from './times.ts';
import type { BusyCall, OverviewAgent } from './wire.ts';

export const agentId = (agent: OverviewAgent): string => shownIdentifier(agent, 'ID')!;
export const agentName = (agent: OverviewAgent): string | null =>
  agent.AgentName ?? agent.Name ?? ([agent.AgentForename, agent.AgentSurname].filter((name) => name != null).join(' ') || null);

interface OverviewStatus {
  status: AgentStatus | null;
  vendorStatus: string | null;
}

/** Returns the observation of an agent in the overview; a `status` of null leaves it as it is known. */
export const agentObservation = (agent: OverviewAgent, { status, vendorStatus }: OverviewStatus): Observation => ({
  type: 'agent',
  agent: {
    externalId: agentId(agent),
    ...reported({
      name: agentName(agent),
      email: shownIdentifier(agent, 'EMAIL'),
      sipUri: shownIdentifier(agent, 'SIP_URI'),
      syncId: shownIdentifier(agent, 'SYNC_ID'),
      phone: agent.AgentPhone ?? agent.Phone,
      businessUnit: agent.AgentDepartmentName ?? agent.DepartmentName,
      status,
    }),
    ...(status === null && vendorStatus === null ? {} : { vendorStatus }),
  },
});

/** An agent who is logged out, or whom the vendor shows in no queue call. */
export const idleObservations = (agent: string): readonly Observation[] => [
  { type: 'agent', agent: { externalId: agent, activeCall: null } },
  { type: 'liveness', agent, calls: [], recordings: [] },
];

const callStates: Readonly<Record<BusyStatus, CallState>> = {
  RINGING: 'RINGING',
  ON_CALL: 'ACTIVE',
  ON_HOLD: 'HELD',
  BUSY: 'UNKNOWN',
};

/** The queue call an agent is offered or has answered. The vendor may leave out its id: then only the agent's status is known. `known` is the call so far. */
export const busyObservations = (agent: string, busy: BusyCall, known: Call | null): readonly Observation[] => {
  const status = busyStatus(busy);
  const id = busy.QueueCallId ?? null;
  if (id === null) return [{ type: 'agent', agent: { externalId: agent, status } }];
  const answeredAt = toInstant(busy.AnsweredUtc) ?? toInstant(busy.ConversationStartedUtc);
  const startedAt = toInstant(busy.OfferedUtc) ?? answeredAt;
  const call: Partial<Omit<Call, 'source'>> & { externalId: string } = {
    externalId: id,
    state: callStates[status],
    direction: directionOf(busy.QueueCallType),
    agents: [agent],
    legs: [
      { party: 'CUSTOMER', agent: null, endpoint: busy.Caller ?? null, startedAt, endedAt: null },
      { party: 'AGENT', agent, endpoint: null, startedAt: answeredAt, endedAt: null },
    ],
    ...reported({
      caller: busy.Caller,
      queue: busy.QueueName ?? busy.QueueId,
      // A colleague who takes a call over begins none.
      startedAt: known?.startedAt ? null : startedAt,
      answeredAt: known?.answeredAt ? null : answeredAt,
    }),
  };
  return [
    { type: 'agent', agent: { externalId: agent, status, activeCall: id } },
    { type: 'call', call },
    { type: 'liveness', agent, calls: [id], recordings: [] },
  ];
};
