/** The recorded sides of a call, as a push or a record names them. Pure. */
import type { Observation, Recording } from '../kit/index.ts';
import { customerOf, participantsOf, startOf } from './call-detail.ts';
import { agentIdOf, type RecordingIdentity, sameEndpoint } from './identity.ts';
import type { Links } from './stored-file.ts';
import type { CallDetail } from './wire.ts';

/** Returns the side of the call that a track is of. */
export type Side = Pick<Recording, 'party' | 'agent' | 'endpoint'>;

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

/** A track that a record names, with its place among the sides of the call. */
export interface Track {
  id: string;
  recordId: string;
  side: Side;
  /** The number of an agent who is named by e-mail. */
  phone: string | null;
  links: Links;
  startMs: number | null;
  endMs: number | null;
}

/** The customer's side first, then each agent's. */
export const tracksOf = (detail: CallDetail, identity: RecordingIdentity): Track[] => {
  const customer = customerOf(detail);
  const root: Track[] =
    detail.RecordId === null
      ? []
      : [
          {
            id: identity.track(detail.SessionId, detail.RecordId, customer),
            recordId: detail.RecordId,
            side: { party: 'CUSTOMER', agent: null, endpoint: customer },
            phone: null,
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
              phone: one.Phone,
              links: one,
              startMs: one.AcceptTimestamp ?? one.StartTimestamp,
              endMs: one.EndedTimestamp ?? detail.EndedTimestamp,
            },
          ];
    }),
  ];
};

/**
 * The stored recording that a track of a record is. Its push may have named the side by the agent's number, or not at all: then it is the only one
 * of its RecordId that is no other side of the call.
 */
export const storedTrack = (track: Track, tracks: readonly Track[], stored: readonly Recording[]): Recording | undefined => {
  const same = stored.find(({ externalId }) => externalId === track.id);
  if (same) return same;
  const ofRecord = stored.filter(({ kind, vendorId }) => kind === 'AUDIO' && vendorId === track.recordId);
  const named = ofRecord.find(({ endpoint }) => sameEndpoint(endpoint, track.side.endpoint) || sameEndpoint(endpoint, track.phone));
  if (named) return named;
  const others = tracks.filter((one) => one !== track);
  if (others.some(({ recordId }) => recordId === track.recordId)) return undefined;
  const free = ofRecord.filter(
    ({ endpoint }) => !others.some((one) => sameEndpoint(endpoint, one.side.endpoint) || sameEndpoint(endpoint, one.phone)),
  );
  return free.length === 1 && free[0]!.endpoint === null ? free[0] : undefined;
};

/** The stored recording of a pushed track, which a record may have named first. */
export const storedPush = (
  { recordId, id, side }: Pick<Track, 'id' | 'recordId' | 'side'>,
  stored: readonly Recording[],
): Recording | undefined => {
  const same = stored.find(({ externalId }) => externalId === id);
  if (same) return same;
  const ofRecord = stored.filter(({ kind, vendorId }) => kind === 'AUDIO' && vendorId === recordId);
  if (side.endpoint === null) return ofRecord.length === 1 ? ofRecord[0] : undefined;
  return side.agent === null ? undefined : ofRecord.find(({ agent }) => agent === side.agent);
};
