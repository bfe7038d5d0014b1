/** From an entry of a list of recordings to the contract's recording and its call. */
import {
  type CallDirection,
  type CallLeg,
  epochMsOrNull,
  type Instant,
  type MetadataEntry,
  type Observation,
  reported,
} from '../kit/index.ts';
import { directionOf } from './statuses.ts';
import { millisecondsBetween, toInstant } from './times.ts';
import type { QueueRecording, UserRecording } from './wire.ts';

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

const conversationOf = (item: QueueRecording | UserRecording) => ({
  caller: item.Caller ?? null,
  fileName: item.RecordingFileName ?? null,
  startedAt: toInstant(item.ConversationStartedUtc),
  endedAt: toInstant(item.ConversationEndedUtc),
});

/** `agent` is whose it is, and `isKnown` whether the agents' own list has them: of others the name is all that there is. */
export const queueSegment = (item: QueueRecording, agent: string | null, isKnown: boolean): Segment => ({
  externalId: item.RecordingFileName ? `${item.QueueCallId}/${item.RecordingFileName}` : String(item.QueueCallId),
  call: String(item.QueueCallId),
  id: item.QueueCallId,
  direct: false,
  agent,
  ...conversationOf(item),
  queue: item.QueueName ?? item.QueueId ?? null,
  direction: directionOf(item.QueueCallType),
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
  ...conversationOf(item),
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

/** The ended call that these recordings are of; there is one a leg where it was handed on. */
export const recordedCallObservation = (segments: readonly Segment[]): Observation => {
  const ordered = [...segments].sort((left, right) => byTime(left.startedAt ?? '', right.startedAt ?? ''));
  const first = ordered[0]!;
  const known = <T>(of: (segment: Segment) => T | null): T[] => ordered.map(of).filter((value): value is T => value !== null);
  const startedAt = known(({ startedAt }) => startedAt).sort(byTime)[0] ?? null;
  const endedAt =
    known(({ endedAt }) => endedAt)
      .sort(byTime)
      .at(-1) ?? null;
  const caller = known(({ caller }) => caller)[0] ?? null;
  const queue = known(({ queue }) => queue)[0] ?? null;
  const legs: CallLeg[] = [
    { party: 'CUSTOMER', agent: null, endpoint: caller, startedAt, endedAt },
    ...ordered.map(({ agent, startedAt, endedAt }): CallLeg => ({ party: 'AGENT', agent, endpoint: null, startedAt, endedAt })),
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
      agents: [...new Set(known(({ agent }) => agent))],
      // The vendor downloads by call, so one file answers for both: an operator who compares them should know.
      metadata: [
        ...first.metadata,
        ...(ordered.length > 1 ? [{ key: 'RecordingsSharingOneDownload', value: String(ordered.length) }] : []),
      ],
    },
  };
};
