/** Call detail records, recordings and voicemails: what a push or a pulled record shows, in the domain's words. */

import { type Call, type Observation, type Party, type Recording, reported } from '../kit/index.ts';
import { agentsOf, calledOf, callerOf, customerOf, directionOf, instantOrNull, legsOf, metadataOf, startOf } from './call-detail.ts';
import { agentIdOf, isMail, isNumber, type RecordingIdentity, sameEndpoint } from './identity.ts';
import { type Links, revived, startInFileName, storage, storedUntil } from './stored-file.ts';
import { correctedSides, type Side, storedPush, storedTrack, type Track, tracksOf } from './tracks.ts';
import type { CallDetail, RecordPush, VoicemailPush } from './wire.ts';

/** A record without entries says nothing, and wipes nothing. */
const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

/** The vendor names an agent by e-mail and a customer by number; anything else may be either. */
const partyOf = (endpoint: string | null): Party =>
  endpoint === null ? 'UNKNOWN' : isMail(endpoint) ? 'AGENT' : isNumber(endpoint) ? 'CUSTOMER' : 'UNKNOWN';

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

export interface RecordContext {
  identity: RecordingIdentity;
  keepMonths: number;
}

/** The stored rows of a push's call, which the push may precede. */
interface StoredCall {
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
        ...storage({ links: push, generatedMs: push.Timestamp, keepMonths, stored: row }),
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

const hasLink = ({ RecordURL, CustomRecordURL }: Links): boolean => (RecordURL ?? CustomRecordURL) !== null;

const spanOf = (startMs: number | null, endMs: number | null) =>
  reported({ startedAt: instantOrNull(startMs), endedAt: instantOrNull(endMs) });

/** `row`: the recording of the track that is known. */
const trackObservation = (
  track: Track,
  call: string,
  { row, keepMonths }: { row: Recording | undefined; keepMonths: number },
): Observation => ({
  type: 'recording',
  ...revived(track.links, row),
  recording: {
    externalId: row?.externalId ?? track.id,
    vendorId: track.recordId,
    kind: 'AUDIO',
    call,
    party: track.side.party,
    ...reported({ endpoint: row?.endpoint ?? track.side.endpoint }),
    agent: track.side.agent,
    ...spanOf(track.startMs, track.endMs),
    ...storage({ links: track.links, generatedMs: track.endMs, keepMonths, stored: row }),
  },
});

const voicemailObservation = (detail: CallDetail, url: string, { identity, keepMonths }: RecordContext): Observation => ({
  type: 'recording',
  recording: {
    externalId: identity.voicemail(detail.SessionId, url),
    kind: 'VOICEMAIL',
    state: 'AVAILABLE',
    call: detail.SessionId,
    party: 'CUSTOMER',
    agent: null,
    ...reported({ endpoint: customerOf(detail), availableUntil: storedUntil(detail.EndedTimestamp, keepMonths) }),
    ...spanOf(detail.AcceptTimestamp ?? startOf(detail), detail.EndedTimestamp),
  },
});

/**
 * Returns the observations of a pulled record: the call, and every recording that has a link; links are requested anew when needed. `stored` are the
 * recordings of the call that are known.
 */
export const pulledObservations = (detail: CallDetail, context: RecordContext, stored: readonly Recording[]): Observation[] => {
  const { identity, keepMonths } = context;
  const tracks = tracksOf(detail, identity);
  const linked = tracks.filter(({ links }) => hasLink(links));
  return [
    ...callObservations(detail),
    ...correctedSides(detail, stored),
    ...linked.map((track) => trackObservation(track, detail.SessionId, { row: storedTrack(track, tracks, stored), keepMonths })),
    ...detail.VoicemailRecordURL.map((url) => voicemailObservation(detail, url, context)),
  ];
};
