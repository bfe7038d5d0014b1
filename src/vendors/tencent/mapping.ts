/** Call detail records, recordings and voicemails: what a push or a pulled record shows, in the domain's words. */

import {
  type Call,
  type CallDirection,
  type CallLeg,
  type Instant,
  instant,
  type MetadataEntry,
  type Observation,
  type Party,
  type Recording,
} from '../kit/index.ts';
import { agentIdOf, isMail, isNumber, type RecordingIdentity, sameEndpoint } from './identity.ts';
import type { CallDetail, RecordPush, VoicemailPush } from './wire.ts';

export const instantOrNull = (epochMilliseconds: number | null): Instant | null =>
  epochMilliseconds === null || Math.abs(epochMilliseconds) > 8.64e15 ? null : instant(epochMilliseconds);

/** The end of the vendor's own storage; a day that the last month lacks falls to its last, so that no day too many is promised. */
const storedUntil = (generatedMs: number | null, keepMonths: number): Instant | null => {
  const from = instantOrNull(generatedMs);
  if (from === null) return null;
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + keepMonths);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.toISOString();
};

const directions: Record<number, CallDirection> = { 0: 'INBOUND', 1: 'OUTBOUND' };
const directionsByCallType: Record<number, CallDirection> = { 1: 'OUTBOUND', 2: 'INBOUND', 3: 'INBOUND', 5: 'OUTBOUND', 6: 'INTERNAL' };

export const directionOf = (detail: { Direction: number | null; CallType?: number | null }): CallDirection => {
  const byType = directionsByCallType[detail.CallType ?? -1];
  return byType === 'INTERNAL' ? byType : (directions[detail.Direction ?? -1] ?? byType ?? 'UNKNOWN');
};

/** Without the fields that a record leaves empty: they say nothing, and wipe nothing. */
export const withoutNulls = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  ) as Partial<T>;

/** The vendor names an agent by e-mail and a customer by number; anything else may be either. */
const partyOf = (endpoint: string | null): Party =>
  endpoint === null ? 'UNKNOWN' : isMail(endpoint) ? 'AGENT' : isNumber(endpoint) ? 'CUSTOMER' : 'UNKNOWN';

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
  return [...new Set(mails.filter((mail) => mail !== null).map(agentIdOf))];
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
      agent: one.Mail && agentIdOf(one.Mail),
      endpoint: one.Phone ?? one.Mail,
      startedAt: instantOrNull(one.StartTimestamp),
      endedAt: instantOrNull(one.EndedTimestamp),
    }),
  );
  const seat = detail.SeatUser;
  const unlisted: CallLeg[] =
    seat?.Mail && served.length === 0
      ? [{ party: 'AGENT', agent: agentIdOf(seat.Mail), endpoint: seat.Phone ?? seat.Mail, startedAt: null, endedAt: null }]
      : [];
  // Without any side it would only take away the legs that are known.
  return outside.endpoint === null && served.length + unlisted.length === 0 ? [] : [outside, ...served, ...unlisted];
};

/** Drops null fields: an empty name or phone in a record says nothing about the agent. */
const agentObservations = (detail: CallDetail): Observation[] =>
  agentsOf(detail).map((mail) => {
    const seat = detail.SeatUser?.Mail && agentIdOf(detail.SeatUser.Mail) === mail ? detail.SeatUser : null;
    const name = seat?.Name ?? seat?.Nick ?? null;
    return {
      type: 'agent',
      agent: {
        externalId: mail,
        email: seat?.Mail ?? mail,
        ...(name === null ? {} : { name }),
        ...(seat?.Phone ? { phone: seat.Phone } : {}),
        ...(seat?.StaffNumber ? { username: seat.StaffNumber } : {}),
      },
    };
  });

/** A call that is over, and the agents who served it. Its recordings are reported by pushes of their own. */
export const callObservations = (detail: CallDetail): Observation[] => {
  const direction = directionOf(detail);
  return [
    ...agentObservations(detail),
    {
      type: 'call',
      call: {
        externalId: detail.SessionId,
        state: 'ENDED',
        ...(direction === 'UNKNOWN' ? {} : { direction }),
        ...withoutNulls({
          vendorState: detail.EndStatusString,
          caller: callerOf(detail),
          called: calledOf(detail),
          queue: detail.QueuedSkillGroupName ?? detail.SkillGroup,
          startedAt: instantOrNull(startOf(detail)),
          answeredAt: instantOrNull(detail.AcceptTimestamp),
          endedAt: instantOrNull(detail.EndedTimestamp),
          legs: legsOf(detail, direction),
          metadata: metadataOf(detail),
        }),
        agents: agentsOf(detail),
      },
    },
  ];
};

/** Returns the side of the call that a track is of. */
type Side = Pick<Recording, 'party' | 'agent' | 'endpoint'>;

/** Which recorded side an endpoint is: that of an agent's leg of the call, where one is known, else what the endpoint looks like. */
const sideOf = (endpoint: string | null, call: Call | null): Side => {
  const leg = call?.legs.find((one) => one.agent !== null && (sameEndpoint(one.agent, endpoint) || sameEndpoint(one.endpoint, endpoint)));
  if (leg) return { party: 'AGENT', agent: leg.agent, endpoint };
  const party = partyOf(endpoint);
  return { party, agent: party === 'AGENT' && endpoint !== null ? agentIdOf(endpoint) : null, endpoint };
};

/** Judges a track by its links: the vendor does not delete one in the customer's own bucket, and without a link there is no file yet. */
const storage = (links: { RecordURL: string | null; CustomRecordURL: string | null }, generatedMs: number | null, keepMonths: number) => ({
  state: (links.RecordURL ?? links.CustomRecordURL) === null ? ('STOPPED' as const) : ('AVAILABLE' as const),
  availableUntil: links.CustomRecordURL === null ? storedUntil(generatedMs, keepMonths) : null,
});

export interface RecordContext {
  identity: RecordingIdentity;
  keepMonths: number;
}

/** `Timestamp` is when the track was written, which is at its end. `call` is what is known of its call, which a push may precede. */
export const recordObservations = (push: RecordPush, call: Call | null, { identity, keepMonths }: RecordContext): Observation[] => {
  const side = sideOf(push.EndpointUser, call);
  return [
    ...(side.agent !== null && push.EndpointUser !== null && isMail(push.EndpointUser)
      ? [{ type: 'agent' as const, agent: { externalId: side.agent, email: push.EndpointUser } }]
      : []),
    { type: 'call', call: { externalId: push.SessionId, ...(side.agent === null ? {} : { agents: [side.agent] }) } },
    {
      type: 'recording',
      recording: {
        externalId: identity.track(push.SessionId, push.RecordId, push.EndpointUser),
        vendorId: push.RecordId,
        kind: 'AUDIO',
        call: push.SessionId,
        ...side,
        startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
        endedAt: instantOrNull(push.Timestamp),
        ...storage(push, push.Timestamp, keepMonths),
        vendorData: withoutNulls({ url: push.RecordURL, customUrl: push.CustomRecordURL }) as Record<string, string>,
      },
    },
  ];
};

/** Corrects the sides of tracks by the call's record, where their own pushes reported another side. */
export const correctedSides = (detail: CallDetail, tracks: readonly Recording[]): Observation[] =>
  tracks.flatMap((track): Observation[] => {
    if (track.kind !== 'AUDIO') return [];
    const ofRecord = detail.ServeParticipants.filter(({ RecordId }) => RecordId !== null && RecordId === track.vendorId);
    const named = detail.ServeParticipants.find((one) => sameEndpoint(one.Mail, track.endpoint) || sameEndpoint(one.Phone, track.endpoint));
    const served = named ?? (ofRecord.length === 1 && detail.RecordId !== track.vendorId ? ofRecord[0] : undefined);
    const side = served?.Mail
      ? { party: 'AGENT' as const, agent: agentIdOf(served.Mail) }
      : detail.RecordId !== null && detail.RecordId === track.vendorId && ofRecord.length === 0
        ? { party: 'CUSTOMER' as const, agent: null }
        : null;
    if (side === null || (side.party === track.party && side.agent === track.agent)) return [];
    return [{ type: 'recording', recording: { externalId: track.externalId, ...side } }];
  });

export const voicemailObservations = (push: VoicemailPush, { identity, keepMonths }: RecordContext): Observation[] => [
  { type: 'call', call: { externalId: push.SessionId } },
  {
    type: 'recording',
    recording: {
      externalId: identity.voicemail(push.SessionId, push.RecordURL),
      kind: 'VOICEMAIL',
      state: 'AVAILABLE',
      call: push.SessionId,
      agent: null,
      party: 'CUSTOMER',
      ...withoutNulls({ endpoint: push.EndpointUser }),
      startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
      endedAt: instantOrNull(push.Timestamp),
      availableUntil: storedUntil(push.Timestamp, keepMonths),
      vendorData: { url: push.RecordURL },
    },
  },
];

/** A track that a record names, with its place among the sides of the call. */
export interface Track {
  id: string;
  recordId: string;
  side: Side;
  links: { RecordURL: string | null; CustomRecordURL: string | null };
  startMs: number | null;
  endMs: number | null;
}

/** The customer's side first, then each agent's. */
export const tracksOf = (detail: CallDetail, identity: RecordingIdentity): Track[] => {
  const customer = directionOf(detail) === 'OUTBOUND' ? calledOf(detail) : callerOf(detail);
  const root: Track[] =
    detail.RecordId === null
      ? []
      : [
          {
            id: identity.track(detail.SessionId, detail.RecordId, customer),
            recordId: detail.RecordId,
            side: { party: 'CUSTOMER', agent: null, endpoint: customer },
            links: detail,
            startMs: detail.AcceptTimestamp ?? startOf(detail),
            endMs: detail.EndedTimestamp,
          },
        ];
  return [
    ...root,
    ...participantsOf(detail).flatMap((one): Track[] => {
      const endpoint = one.Mail ?? one.Phone;
      return one.RecordId === null
        ? []
        : [
            {
              id: identity.track(detail.SessionId, one.RecordId, endpoint),
              recordId: one.RecordId,
              side: { party: 'AGENT', agent: one.Mail && agentIdOf(one.Mail), endpoint },
              links: one,
              startMs: one.AcceptTimestamp ?? one.StartTimestamp,
              endMs: one.EndedTimestamp ?? detail.EndedTimestamp,
            },
          ];
    }),
  ];
};

const hasLink = ({ RecordURL, CustomRecordURL }: Track['links']): boolean => (RecordURL ?? CustomRecordURL) !== null;

/** Returns the observations of a pulled record: the call, and every recording that has a link; links are requested anew when needed. */
export const pulledObservations = (detail: CallDetail, { identity, keepMonths }: RecordContext): Observation[] => {
  const tracks = tracksOf(detail, identity).filter(({ links }) => hasLink(links));
  const customer = directionOf(detail) === 'OUTBOUND' ? calledOf(detail) : callerOf(detail);
  const span = (startMs: number | null, endMs: number | null) => ({ startedAt: instantOrNull(startMs), endedAt: instantOrNull(endMs) });
  return [
    ...callObservations(detail),
    ...tracks.map(
      (track): Observation => ({
        type: 'recording',
        recording: {
          externalId: track.id,
          vendorId: track.recordId,
          kind: 'AUDIO',
          call: detail.SessionId,
          ...track.side,
          ...span(track.startMs, track.endMs),
          ...storage(track.links, track.endMs, keepMonths),
        },
      }),
    ),
    ...detail.VoicemailRecordURL.map(
      (url): Observation => ({
        type: 'recording',
        recording: {
          externalId: identity.voicemail(detail.SessionId, url),
          kind: 'VOICEMAIL',
          state: 'AVAILABLE',
          call: detail.SessionId,
          party: 'CUSTOMER',
          agent: null,
          endpoint: customer,
          ...span(detail.AcceptTimestamp ?? startOf(detail), detail.EndedTimestamp),
          availableUntil: storedUntil(detail.EndedTimestamp, keepMonths),
        },
      }),
    ),
  ];
};
