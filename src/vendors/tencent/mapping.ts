/** Call detail records, recordings and voicemails: what a push or a pulled record shows, in the domain's words. */

import {
  type CallDirection,
  type CallLeg,
  type Instant,
  instant,
  type MetadataEntry,
  type Observation,
  type Party,
  type Recording,
} from '../kit/index.ts';
import type { CallDetail, RecordPush, VoicemailPush } from './wire.ts';

export const instantOrNull = (epochMilliseconds: number | null): Instant | null =>
  epochMilliseconds === null || Math.abs(epochMilliseconds) > 8.64e15 ? null : instant(epochMilliseconds);

/** Free storage is three months; a day that the third month lacks falls to its last, so that no day too many is promised. */
export const storedUntil = (generatedMs: number | null): Instant | null => {
  const from = instantOrNull(generatedMs);
  if (from === null) return null;
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + 3);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.toISOString();
};

const directions: Record<number, CallDirection> = { 0: 'INBOUND', 1: 'OUTBOUND' };
const directionsByCallType: Record<number, CallDirection> = { 1: 'OUTBOUND', 2: 'INBOUND', 3: 'INBOUND', 5: 'OUTBOUND', 6: 'INTERNAL' };

export const directionOf = (detail: { Direction: number | null; CallType?: number | null }): CallDirection => {
  const byType = directionsByCallType[detail.CallType ?? -1];
  return byType === 'INTERNAL' ? byType : (directions[detail.Direction ?? -1] ?? byType ?? 'UNKNOWN');
};

/** The vendor names an agent by e-mail and a customer by number. */
export const partyOf = (endpoint: string | null): Party => (endpoint === null ? 'UNKNOWN' : endpoint.includes('@') ? 'AGENT' : 'CUSTOMER');

/** File names end in the epoch second at which the track began (`…-000-1608130637.mp3`); null where this one does not. */
const startInFileName = (url: string | null, generatedMs: number | null): number | null => {
  const found = /-(\d{10})\.\w{2,4}(?:$|[?#])/.exec(url ?? '');
  if (!found || generatedMs === null) return null;
  const startMs = Number(found[1]) * 1000;
  return startMs <= generatedMs && generatedMs - startMs < 86_400_000 ? startMs : null;
};

const keysPressed = (keys: readonly { key: string | null; label: string | null }[]): string | null =>
  keys.map(({ key, label }) => (label === null ? key : key === null ? label : `${key} ${label}`)).join('; ') || null;

const metadataOf = (detail: CallDetail): MetadataEntry[] => {
  const entries: [string, string | number | null][] = [
    ['EndStatusString', detail.EndStatusString],
    ['HungUpSide', detail.HungUpSide],
    ['CallType', detail.CallType],
    ['CallerLocation', detail.CallerLocation],
    ['IVRKeyPressed', keysPressed(detail.IVRKeyPressedEx.length > 0 ? detail.IVRKeyPressedEx : detail.IVRKeyPressed)],
    ['PostIVRKeyPressed', keysPressed(detail.PostIVRKeyPressed)],
    ['UUI', detail.UUI ?? detail.Uui],
    ['Remark', detail.UserRemark ?? detail.Remark],
  ];
  return entries.flatMap(([key, value]) => (value === null ? [] : [{ key, value: String(value) }]));
};

/** In the order of `Sequence`, where it is given. */
const participantsOf = (detail: CallDetail) =>
  [...detail.ServeParticipants].sort((left, right) => (left.Sequence ?? 0) - (right.Sequence ?? 0));

const agentsOf = (detail: CallDetail): string[] => {
  const mails = [...participantsOf(detail).map(({ Mail }) => Mail), detail.SeatUser?.Mail ?? null];
  return [...new Set(mails.filter((mail) => mail !== null))];
};

const callerOf = (detail: CallDetail) => detail.Caller ?? detail.ProtectedCaller;
const calledOf = (detail: CallDetail) => detail.Callee ?? detail.ProtectedCallee;
const startOf = (detail: CallDetail) => detail.StartTimestamp ?? detail.Time;

const legsOf = (detail: CallDetail, direction: CallDirection): CallLeg[] => {
  const outside: CallLeg = {
    party: direction === 'INTERNAL' ? 'AGENT' : 'CUSTOMER',
    agent: null,
    endpoint: direction === 'OUTBOUND' ? calledOf(detail) : callerOf(detail),
    startedAt: instantOrNull(startOf(detail)),
    endedAt: instantOrNull(detail.EndedTimestamp),
  };
  const served = participantsOf(detail).map(
    (one): CallLeg => ({
      party: 'AGENT',
      agent: one.Mail,
      endpoint: one.Phone ?? one.Mail,
      startedAt: instantOrNull(one.StartTimestamp),
      endedAt: instantOrNull(one.EndedTimestamp),
    }),
  );
  const seat = detail.SeatUser;
  const unlisted: CallLeg[] =
    seat?.Mail && served.length === 0
      ? [{ party: 'AGENT', agent: seat.Mail, endpoint: seat.Phone ?? seat.Mail, startedAt: null, endedAt: null }]
      : [];
  return [outside, ...served, ...unlisted];
};

/** Only what is told is shown: an empty name or phone in a record says nothing about the agent. */
const agentObservations = (detail: CallDetail): Observation[] =>
  agentsOf(detail).map((mail) => {
    const seat = detail.SeatUser?.Mail === mail ? detail.SeatUser : null;
    const name = seat?.Name ?? seat?.Nick ?? null;
    return {
      type: 'agent',
      agent: {
        externalId: mail,
        email: mail,
        ...(name === null ? {} : { name }),
        ...(seat?.Phone ? { phone: seat.Phone } : {}),
        ...(seat?.StaffNumber ? { username: seat.StaffNumber } : {}),
      },
    };
  });

/** A call that is over, and the agents who served it. Its recordings are told by pushes of their own. */
export const callObservations = (detail: CallDetail): Observation[] => {
  const direction = directionOf(detail);
  return [
    ...agentObservations(detail),
    {
      type: 'call',
      call: {
        externalId: detail.SessionId,
        state: 'ENDED',
        vendorState: detail.EndStatusString,
        direction,
        caller: callerOf(detail),
        called: calledOf(detail),
        queue: detail.QueuedSkillGroupName ?? detail.SkillGroup,
        startedAt: instantOrNull(startOf(detail)),
        answeredAt: instantOrNull(detail.AcceptTimestamp),
        endedAt: instantOrNull(detail.EndedTimestamp),
        legs: legsOf(detail, direction),
        agents: agentsOf(detail),
        metadata: metadataOf(detail),
      },
    },
  ];
};

/** Which recorded side an endpoint is: its agent, where the vendor names one. */
const sideOf = (endpoint: string | null): Pick<Recording, 'party' | 'agent' | 'endpoint'> => {
  const party = partyOf(endpoint);
  return { party, agent: party === 'AGENT' ? endpoint : null, endpoint };
};

/** `Timestamp` is when the track was written, which is at its end. */
export const recordObservations = (push: RecordPush): Observation[] => [
  ...(partyOf(push.EndpointUser) === 'AGENT'
    ? [{ type: 'agent' as const, agent: { externalId: push.EndpointUser!, email: push.EndpointUser } }]
    : []),
  {
    type: 'recording',
    recording: {
      externalId: push.RecordId,
      kind: 'AUDIO',
      state: 'AVAILABLE',
      call: push.SessionId,
      ...sideOf(push.EndpointUser),
      startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
      endedAt: instantOrNull(push.Timestamp),
      availableUntil: storedUntil(push.Timestamp),
      vendorData: { url: push.RecordURL, customUrl: push.CustomRecordURL },
    },
  },
];

/** `id` is that of `voicemailId`. */
export const voicemailObservations = (push: VoicemailPush, id: string): Observation[] => [
  {
    type: 'recording',
    recording: {
      externalId: id,
      kind: 'VOICEMAIL',
      state: 'AVAILABLE',
      call: push.SessionId,
      agent: null,
      party: 'CUSTOMER',
      endpoint: push.EndpointUser,
      startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
      endedAt: instantOrNull(push.Timestamp),
      availableUntil: storedUntil(push.Timestamp),
      vendorData: { url: push.RecordURL, customUrl: null },
    },
  },
];

/** A recording that a pulled record names: found by its id later, since pulled links must not be kept. */
const pulledRecording = (
  detail: CallDetail,
  recording: Pick<Recording, 'externalId' | 'kind' | 'party' | 'agent' | 'endpoint'>,
  span: { startMs: number | null; endMs: number | null },
): Observation => ({
  type: 'recording',
  recording: {
    ...recording,
    state: 'AVAILABLE',
    call: detail.SessionId,
    startedAt: instantOrNull(span.startMs),
    endedAt: instantOrNull(span.endMs),
    availableUntil: storedUntil(span.endMs),
  },
});

/** What a pulled record shows: the call, and every recording for which it has a link. */
export const pulledObservations = (detail: CallDetail, voicemailIdOf: (session: string, url: string) => string): Observation[] => {
  const direction = directionOf(detail);
  const customer = direction === 'OUTBOUND' ? calledOf(detail) : callerOf(detail);
  const whole = { startMs: detail.AcceptTimestamp ?? startOf(detail), endMs: detail.EndedTimestamp };
  const tracks = participantsOf(detail).flatMap((one) =>
    one.RecordId !== null && (one.RecordURL ?? one.CustomRecordURL) !== null
      ? [
          pulledRecording(
            detail,
            { externalId: one.RecordId, kind: 'AUDIO', party: 'AGENT', agent: one.Mail, endpoint: one.Mail ?? one.Phone },
            { startMs: one.AcceptTimestamp ?? one.StartTimestamp, endMs: one.EndedTimestamp ?? detail.EndedTimestamp },
          ),
        ]
      : [],
  );
  const root =
    detail.RecordId !== null && (detail.RecordURL ?? detail.CustomRecordURL) !== null
      ? [pulledRecording(detail, { externalId: detail.RecordId, kind: 'AUDIO', party: 'CUSTOMER', agent: null, endpoint: customer }, whole)]
      : [];
  const voicemails = detail.VoicemailRecordURL.map((url) =>
    pulledRecording(
      detail,
      { externalId: voicemailIdOf(detail.SessionId, url), kind: 'VOICEMAIL', party: 'CUSTOMER', agent: null, endpoint: customer },
      whole,
    ),
  );
  return [...callObservations(detail), ...root, ...tracks, ...voicemails];
};
