/** Call detail records, recordings and voicemails: what a push or a pulled record shows, in the domain's words. */

import {
  type Call,
  type CallDirection,
  type CallLeg,
  type Instant,
  type MetadataEntry,
  type Observation,
  type Party,
  type Recording,
  reported,
} from '../kit/index.ts';
import { agentsOf, calledOf, callerOf, customerOf, directionOf, instantOrNull, participantsOf, startOf } from './call-detail.ts';
import { agentIdOf, isMail, isNumber, type RecordingIdentity, sameEndpoint } from './identity.ts';
import { correctedSides, type Side, storedPush, storedTrack, type Track, tracksOf } from './tracks.ts';
import type { CallDetail, RecordPush, VoicemailPush } from './wire.ts';

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

/** A record without entries says nothing, and wipes nothing. */
const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

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

const agentObservations = (detail: CallDetail): Observation[] =>
  agentsOf(detail).map((mail) => {
    const seat = detail.SeatUser?.Mail && agentIdOf(detail.SeatUser.Mail) === mail ? detail.SeatUser : null;
    const name = seat?.Name ?? seat?.Nick ?? null;
    return {
      type: 'agent',
      agent: {
        externalId: mail,
        email: mail,
        ...reported({ name, phone: seat?.Phone || null, username: seat?.StaffNumber || null }),
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
        ...reported({
          direction: direction === 'UNKNOWN' ? null : direction,
          vendorState: detail.EndStatusString,
          caller: callerOf(detail),
          called: calledOf(detail),
          queue: detail.QueuedSkillGroupName ?? detail.SkillGroup,
          startedAt: instantOrNull(startOf(detail)),
          answeredAt: instantOrNull(detail.AcceptTimestamp),
          endedAt: instantOrNull(detail.EndedTimestamp),
          legs: orNull(legsOf(detail, direction)),
          metadata: orNull(metadataOf(detail)),
        }),
        agents: agentsOf(detail),
      },
    },
  ];
};

/** Which recorded side an endpoint is: that of an agent's leg of the call, where one is known, else what the endpoint looks like. */
const sideOf = (endpoint: string | null, call: Call | null): Side => {
  const leg = call?.legs.find((one) => one.agent !== null && (sameEndpoint(one.agent, endpoint) || sameEndpoint(one.endpoint, endpoint)));
  if (leg) return { party: 'AGENT', agent: leg.agent, endpoint };
  const party = partyOf(endpoint);
  return { party, agent: party === 'AGENT' && endpoint !== null ? agentIdOf(endpoint) : null, endpoint };
};

/**
 * Judges a track by its links: the vendor does not delete one in the customer's own bucket, and without a link there is no file yet. A link or a
 * time that is missing says nothing about those that are stored.
 */
const storage = (
  links: { RecordURL: string | null; CustomRecordURL: string | null },
  generatedMs: number | null,
  keepMonths: number,
  stored: Recording | undefined,
) => {
  const isOwn = links.CustomRecordURL !== null || typeof stored?.vendorData?.customUrl === 'string';
  return {
    state: (links.RecordURL ?? links.CustomRecordURL) === null ? ('STOPPED' as const) : ('AVAILABLE' as const),
    ...(isOwn ? { availableUntil: null } : reported({ availableUntil: storedUntil(generatedMs, keepMonths) })),
  };
};

/** A recording that the vendor deleted is there again where it turns out to be in the customer's own bucket. */
const revived = (links: { CustomRecordURL: string | null }, stored: Recording | undefined): { resumed?: true } =>
  stored?.state === 'EXPIRED' && links.CustomRecordURL !== null ? { resumed: true } : {};

export interface RecordContext {
  identity: RecordingIdentity;
  keepMonths: number;
}

/** What is stored of a push's call, which the push may precede. */
export interface StoredCall {
  call: Call | null;
  recordings: readonly Recording[];
}

/** `Timestamp` is when the track was written, which is at its end. */
export const recordObservations = (push: RecordPush, stored: StoredCall, { identity, keepMonths }: RecordContext): Observation[] => {
  const side = sideOf(push.EndpointUser, stored.call);
  const id = identity.track(push.SessionId, push.RecordId, push.EndpointUser);
  const row = storedPush({ id, recordId: push.RecordId, side }, stored.recordings);
  return [
    ...(side.agent === null ? [] : [{ type: 'agent' as const, agent: { externalId: side.agent, email: side.agent } }]),
    { type: 'call', call: { externalId: push.SessionId, ...reported({ agents: side.agent === null ? null : [side.agent] }) } },
    {
      type: 'recording',
      ...revived(push, row),
      recording: {
        externalId: row?.externalId ?? id,
        vendorId: push.RecordId,
        kind: 'AUDIO',
        call: push.SessionId,
        ...(side.endpoint === null && row !== undefined ? {} : side),
        ...reported({
          startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
          endedAt: instantOrNull(push.Timestamp),
        }),
        ...storage(push, push.Timestamp, keepMonths, row),
        vendorData: reported({ url: push.RecordURL, customUrl: push.CustomRecordURL }),
      },
    },
  ];
};

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
      ...reported({
        endpoint: push.EndpointUser,
        startedAt: instantOrNull(startInFileName(push.RecordURL, push.Timestamp)),
        endedAt: instantOrNull(push.Timestamp),
        availableUntil: storedUntil(push.Timestamp, keepMonths),
      }),
      vendorData: { url: push.RecordURL },
    },
  },
];

const hasLink = ({ RecordURL, CustomRecordURL }: Track['links']): boolean => (RecordURL ?? CustomRecordURL) !== null;

/**
 * Returns the observations of a pulled record: the call, and every recording that has a link; links are requested anew when needed. `stored` are the
 * recordings of the call that are known.
 */
export const pulledObservations = (
  detail: CallDetail,
  { identity, keepMonths }: RecordContext,
  stored: readonly Recording[],
): Observation[] => {
  const tracks = tracksOf(detail, identity);
  const span = (startMs: number | null, endMs: number | null) =>
    reported({ startedAt: instantOrNull(startMs), endedAt: instantOrNull(endMs) });
  return [
    ...callObservations(detail),
    ...correctedSides(detail, stored),
    ...tracks
      .filter(({ links }) => hasLink(links))
      .map((track): Observation => {
        const row = storedTrack(track, tracks, stored);
        return {
          type: 'recording',
          ...revived(track.links, row),
          recording: {
            externalId: row?.externalId ?? track.id,
            vendorId: track.recordId,
            kind: 'AUDIO',
            call: detail.SessionId,
            party: track.side.party,
            ...reported({ endpoint: row?.endpoint ?? track.side.endpoint }),
            agent: track.side.agent,
            ...span(track.startMs, track.endMs),
            ...storage(track.links, track.endMs, keepMonths, row),
          },
        };
      }),
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
          ...reported({ endpoint: customerOf(detail), availableUntil: storedUntil(detail.EndedTimestamp, keepMonths) }),
          ...span(detail.AcceptTimestamp ?? startOf(detail), detail.EndedTimestamp),
        },
      }),
    ),
  ];
};
