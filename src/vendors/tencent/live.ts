/** Agents and live calls as the pull API lists them, in the domain's words. Pure. */
import { type Agent, type AgentSnapshot, type AgentStatus, type CallState, type Observation, reported } from '../kit/index.ts';
import { directionOf, instantOrNull } from './call-detail.ts';
import { agentIdOf } from './identity.ts';
import type { ActiveSession, Staff, StaffStatus } from './wire.ts';

/** In lower case: the vendor's own pages spell them in several ways. `arrange` is the browser SDK's word for after-call work. */
const agentStatuses = new Map<string, AgentStatus>(
  Object.entries({
    free: 'IDLE',
    busy: 'BUSY',
    rest: 'BREAK',
    notready: 'BUSY',
    aftercallwork: 'WRAP_UP',
    arrange: 'WRAP_UP',
    offline: 'OFFLINE',
  }),
);

/** In lower case, too. */
const callStates = new Map<string, CallState>(
  Object.entries({ ringing: 'RINGING', seatjoining: 'RINGING', inprogress: 'ACTIVE', finished: 'ENDED' }),
);

/** The result of one read. `sessions` is null where the account may not list live calls. */
export interface Snapshot {
  staff: readonly Staff[];
  statuses: readonly StaffStatus[];
  sessions: readonly ActiveSession[] | null;
}

interface LiveCall {
  id: string;
  agent: string | null;
  state: CallState;
  observation: Observation;
}

const liveCall = (session: ActiveSession): LiveCall[] => {
  const id = session.SessionID ?? session.SessionId;
  if (id === null) return [];
  const direction = directionOf(session);
  const caller = session.Caller ?? session.ProtectedCaller;
  const called = session.Callee ?? session.ProtectedCallee;
  const state = callStates.get(session.SessionStatus?.toLowerCase() ?? '') ?? 'UNKNOWN';
  const startedAt = instantOrNull(session.StartTimestamp);
  const agent = session.StaffEmail && agentIdOf(session.StaffEmail);
  return [
    {
      id,
      agent,
      state,
      observation: {
        type: 'call',
        call: {
          externalId: id,
          state,
          vendorState: session.SessionStatus,
          ...reported({ direction: direction === 'UNKNOWN' ? null : direction, caller, called, startedAt }),
          answeredAt: instantOrNull(session.AcceptTimestamp),
          legs: [
            { party: 'CUSTOMER', agent: null, endpoint: direction === 'OUTBOUND' ? called : caller, startedAt, endedAt: null },
            ...(agent === null ? [] : [{ party: 'AGENT' as const, agent, endpoint: agent, startedAt: null, endedAt: null }]),
          ],
          agents: agent === null ? [] : [agent],
        },
      },
    },
  ];
};

/** A live call says more than the status: `busy` may be ringing or talking. */
const statusWith = (status: AgentStatus, calls: readonly LiveCall[]): AgentStatus => {
  if (status !== 'BUSY' && status !== 'UNKNOWN') return status;
  if (calls.some(({ state }) => state === 'ACTIVE')) return 'ON_CALL';
  return calls.some(({ state }) => state === 'RINGING') ? 'RINGING' : status;
};

const profileOf = (one: Staff): Partial<Agent> => ({
  email: one.Mail && agentIdOf(one.Mail),
  name: one.Name ?? one.Nick,
  phone: one.Phone,
  username: one.StaffNumber,
  businessUnit: one.SkillGroupList.flatMap(({ SkillGroupName }) => SkillGroupName ?? []).join(', ') || null,
});

/** Live calls that wait for an agent, or whose agent the staff list does not have. */
export interface LiveReport {
  agentSnapshots: readonly AgentSnapshot[];
  others: readonly Observation[];
}

export const liveReportOf = (snapshot: Snapshot): LiveReport => {
  const staff = new Map(snapshot.staff.flatMap((one) => (one.Mail === null ? [] : [[agentIdOf(one.Mail), one] as const])));
  const statuses = new Map(snapshot.statuses.flatMap((one) => (one.Email === null ? [] : [[agentIdOf(one.Email), one] as const])));
  const byAgent = new Map<string, LiveCall[]>();
  const unattended: Observation[] = [];
  const calls = new Map((snapshot.sessions ?? []).flatMap(liveCall).map((call) => [`${call.id} ${call.agent}`, call]));
  for (const call of calls.values()) {
    if (call.agent === null) unattended.push(call.observation);
    else if (call.state !== 'ENDED') byAgent.set(call.agent, [...(byAgent.get(call.agent) ?? []), call]);
    else unattended.push(call.observation);
  }

  const agentSnapshots = [...new Set([...staff.keys(), ...statuses.keys(), ...byAgent.keys()])].map((mail): AgentSnapshot => {
    const member = staff.get(mail);
    const shown = statuses.get(mail);
    const own = byAgent.get(mail) ?? [];
    const active = own.find(({ state }) => state === 'ACTIVE') ?? own[0] ?? null;
    return {
      agent: mail,
      observations: [
        ...own.map(({ observation }) => observation),
        {
          type: 'agent',
          agent: {
            externalId: mail,
            ...(member ? profileOf(member) : { email: mail }),
            status: statusWith(agentStatuses.get(shown?.Status?.toLowerCase() ?? '') ?? 'UNKNOWN', own),
            vendorStatus: shown?.Status ?? null,
            ...reported({ statusSince: instantOrNull(shown?.LastStatusTimestamp ?? null) }),
            ...(snapshot.sessions === null
              ? {}
              : { activeCall: active?.id ?? null, inactiveCalls: own.filter((call) => call !== active).map(({ id }) => id) }),
          },
        },
        ...(snapshot.sessions === null ? [] : [{ type: 'liveness' as const, agent: mail, calls: own.map(({ id }) => id), recordings: [] }]),
      ],
    };
  });
  return { agentSnapshots, others: unattended };
};
