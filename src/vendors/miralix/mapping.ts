import {
  type AgentStatus,
  type Call,
  type CallDirection,
  type CallLeg,
  type CallState,
  epochMsOrNull,
  type Instant,
  type MetadataEntry,
  type Observation,
  reported,
} from '../kit/index.ts';
import { shownIdentifier } from './identifiers.ts';
import { type BusyStatus, busyStatus } from './statuses.ts';
import { millisecondsBetween, toInstant } from './times.ts';
import type { BusyCall, OverviewAgent, QueueRecording, UserRecording } from './wire.ts';

/** One recording, of a queue call or of a user's direct call, with its place in our id spaces. */
export interface Segment {
  externalId: string;
  call: string;
  /** The vendor's number: a `QueueCallId`, or the `Id` of a direct call. */
  id: number;
  direct: boolean;
  agent: string | null;
  caller: string | null;
  fileName: string | null;
  startedAt: Instant | null;
  endedAt: Instant | null;
  queue: string | null;
  direction: CallDirection;
  metadata: readonly MetadataEntry[];
}

const entries = (values: Readonly<Record<string, string | null | undefined>>): readonly MetadataEntry[] =>
  Object.entries(values).flatMap(([key, value]) => (value ? [{ key, value }] : []));

const directions: Readonly<Record<string, CallDirection>> = { queuecall: 'INBOUND', callbackcall: 'OUTBOUND' };

/** `agent` is whose it is, and `isKnown` whether the agents' own list has them: of others the name is all that there is. */
export const queueSegment = (item: QueueRecording, agent: string | null, isKnown: boolean): Segment => ({
  externalId: item.RecordingFileName ? `${item.QueueCallId}/${item.RecordingFileName}` : String(item.QueueCallId),
  call: String(item.QueueCallId),
  id: item.QueueCallId,
  direct: false,
  agent,
  caller: item.Caller ?? null,
  fileName: item.RecordingFileName ?? null,
  startedAt: toInstant(item.ConversationStartedUtc),
  endedAt: toInstant(item.ConversationEndedUtc),
  queue: item.QueueName ?? item.QueueId ?? null,
  direction: directions[item.QueueCallType?.toLowerCase() ?? ''] ?? 'UNKNOWN',
  metadata: entries({
    QueueId: item.QueueId,
    QueueCallType: item.QueueCallType,
    Culture: item.Culture,
    AgentName: isKnown ? null : item.AgentName,
  }),
});

export const directSegment = (item: UserRecording, agent: string): Segment => ({
  externalId: `user:${item.Id}`,
  call: `user:${item.Id}`,
  id: item.Id,
  direct: true,
  agent,
  caller: item.Caller ?? null,
  fileName: item.RecordingFileName ?? null,
  startedAt: toInstant(item.ConversationStartedUtc),
  endedAt: toInstant(item.ConversationEndedUtc),
  queue: null,
  direction: 'UNKNOWN',
  metadata: entries({ UserId: item.UserId }),
});

/** `absent` means that a download found no file: being listed again does not bring it back. */
export const recordingObservation = (segment: Segment, absent: boolean): Observation => ({
  type: 'recording',
  recording: {
    externalId: segment.externalId,
    kind: 'AUDIO',
    ...(absent ? {} : { state: 'AVAILABLE' as const }),
    isDuplicate: false,
    ...reported({ agent: segment.agent }),
    call: segment.call,
    party: 'MIXED',
    endpoint: segment.caller,
    fileName: segment.fileName,
    startedAt: segment.startedAt,
    endedAt: segment.endedAt,
    durationMs: millisecondsBetween(segment.startedAt, segment.endedAt),
    vendorData: { id: segment.id, direct: segment.direct, startedUtc: segment.startedAt },
  },
});

const byTime = (left: Instant, right: Instant): number => (epochMsOrNull(left) ?? 0) - (epochMsOrNull(right) ?? 0);
const withoutNulls = <T>(values: readonly (T | null)[]): T[] => values.filter((value): value is T => value !== null);

/** The ended call that these recordings are of; there is one a leg where it was handed on. */
export const recordedCallObservation = (segments: readonly Segment[]): Observation => {
  const ordered = [...segments].sort((left, right) => byTime(left.startedAt ?? '', right.startedAt ?? ''));
  const first = ordered[0]!;
  const startedAt = withoutNulls(ordered.map((segment) => segment.startedAt)).sort(byTime)[0] ?? null;
  const endedAt =
    withoutNulls(ordered.map((segment) => segment.endedAt))
      .sort(byTime)
      .at(-1) ?? null;
  const caller = withoutNulls(ordered.map((segment) => segment.caller))[0] ?? null;
  const queue = withoutNulls(ordered.map((segment) => segment.queue))[0] ?? null;
  const legs: CallLeg[] = [
    { party: 'CUSTOMER', agent: null, endpoint: caller, startedAt, endedAt },
    ...ordered.map(
      (segment): CallLeg => ({
        party: 'AGENT',
        agent: segment.agent,
        endpoint: null,
        startedAt: segment.startedAt,
        endedAt: segment.endedAt,
      }),
    ),
  ];
  return {
    type: 'call',
    call: {
      externalId: first.call,
      state: 'ENDED',
      direction: first.direction,
      caller,
      ...reported({ queue }),
      startedAt,
      answeredAt: startedAt,
      endedAt,
      legs,
      agents: [...new Set(withoutNulls(ordered.map((segment) => segment.agent)))],
      // The vendor downloads by call, so one file answers for both: an operator who compares them should know.
      metadata: [
        ...first.metadata,
        ...(ordered.length > 1 ? [{ key: 'RecordingsSharingOneDownload', value: String(ordered.length) }] : []),
      ],
    },
  };
};

export const agentId = (agent: OverviewAgent): string => shownIdentifier(agent, 'ID')!;
export const agentName = (agent: OverviewAgent): string | null =>
  agent.AgentName ?? agent.Name ?? (withoutNulls([agent.AgentForename ?? null, agent.AgentSurname ?? null]).join(' ') || null);

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
    direction: directions[busy.QueueCallType?.toLowerCase() ?? ''] ?? 'UNKNOWN',
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
