/** Where a recording's audio is now. Links are secrets: never logged, never kept longer than the vendor says. */

import { ExpectedError, epochMsOrNull, type Recording } from '../kit/index.ts';
import type { TencentApi } from './client.ts';
import { type RecordingIdentity, sameEndpoint } from './identity.ts';
import { maxSpanMs, oldestMs, readDetails } from './readers.ts';
import type { PullingSource } from './source.ts';
import type { Links } from './stored-file.ts';
import { type Track, tracksOf } from './tracks.ts';
import { type CallDetail, sessionDetail } from './wire.ts';

export interface MediaLinks {
  url: string | null;
  /** In the customer's own bucket, where the vendor copies it to. */
  customUrl: string | null;
}

const dayMs = 86_400_000;
/** The vendor's links are valid for a day; new ones are requested well before. */
const cachedMs = dayMs / 2;
const maxCached = 1000;

const linksOf = (holder: Links | undefined): MediaLinks | null =>
  holder && (holder.RecordURL ?? holder.CustomRecordURL) !== null ? { url: holder.RecordURL, customUrl: holder.CustomRecordURL } : null;

/** The recording whose links are looked for, and its call. */
interface Wanted {
  recording: Recording;
  session: string;
  identity: RecordingIdentity;
}

const voicemailIn = ({ recording, session, identity }: Wanted, urls: readonly string[]): MediaLinks | null => {
  const url = urls.find((one) => identity.voicemail(session, one) === recording.externalId) ?? (urls.length === 1 ? urls[0] : undefined);
  return url === undefined ? null : { url, customUrl: null };
};

/** The track of this identity; else the only one of its RecordId, where an endpoint is written in another way. */
const trackOf = (recording: Recording, tracks: readonly Track[]): Track | undefined => {
  const ofRecord = tracks.filter(({ recordId }) => recordId === (recording.vendorId ?? recording.externalId));
  return tracks.find(({ id }) => id === recording.externalId) ?? (ofRecord.length === 1 ? ofRecord[0] : undefined);
};

const inCallDetail = (wanted: Wanted, detail: CallDetail): MediaLinks | null => {
  const { recording, identity } = wanted;
  if (recording.kind === 'VOICEMAIL') return voicemailIn(wanted, detail.VoicemailRecordURL);
  return linksOf(trackOf(recording, tracksOf(detail, identity))?.links);
};

/** A span that surely holds the call's start, within what the vendor answers for. */
const spanAround = (recording: Recording, nowMs: number): { fromMs: number; toMs: number } => {
  const aboutMs = epochMsOrNull(recording.startedAt ?? recording.endedAt);
  if (aboutMs === null) return { fromMs: nowMs - maxSpanMs, toMs: nowMs };
  return { fromMs: Math.max(aboutMs - 2 * dayMs, nowMs - oldestMs), toMs: Math.min(aboutMs + dayMs, nowMs) };
};

interface LinkRequest {
  api: TencentApi;
  identity: RecordingIdentity;
  nowMs: number;
}

/** Asks the vendor for a fresh link; null where it has none for this recording. */
const requestLinks = async (
  { api, identity, nowMs }: LinkRequest,
  recording: Recording,
  signal: AbortSignal,
): Promise<MediaLinks | null> => {
  const session = recording.call;
  const span = spanAround(recording, nowMs);
  if (session === null || span.fromMs >= span.toMs) return null;
  const wanted: Wanted = { recording, session, identity };
  for await (const { details } of readDetails(api, { ...span, sessions: [session] }, signal)) {
    for (const detail of details) {
      const links = detail.SessionId === session ? inCallDetail(wanted, detail) : null;
      if (links) return links;
    }
  }
  const parameters = {
    SessionId: session,
    StartTimestamp: api.vendorSeconds(span.fromMs, Math.floor),
    EndTimestamp: api.vendorSeconds(span.toMs, Math.ceil),
  };
  const detail = await api.call(sessionDetail, { action: 'DescribeSessionDetail', parameters, signal }).catch((error: unknown) => {
    // The vendor does not know the call any more.
    if (error instanceof ExpectedError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
  if (detail === null) return null;
  if (recording.kind === 'VOICEMAIL') return voicemailIn(wanted, detail.VoicemailRecordURL);
  const ofAgents = detail.ServeParticipants.filter(({ RecordId }) => RecordId === (recording.vendorId ?? recording.externalId));
  const own =
    ofAgents.find((one) => sameEndpoint(one.Mail ?? one.Phone, recording.endpoint)) ?? (ofAgents.length === 1 ? ofAgents[0] : undefined);
  return recording.party === 'CUSTOMER' ? linksOf(detail) : linksOf(own);
};

export interface LinkFinder {
  /** The links that were requested in the last hours; null for none. */
  cached(recording: Recording): MediaLinks | null;
  /** Throws `ExpectedError` where the vendor refuses or does not answer. */
  fresh(recording: Recording, signal: AbortSignal): Promise<MediaLinks | null>;
}

export const createLinkFinder = ({ api, openIdentity, context }: PullingSource): LinkFinder => {
  const { clock } = context;
  const cache = new Map<string, { links: MediaLinks; untilMs: number }>();
  return {
    cached: (recording) => {
      const entry = cache.get(recording.externalId);
      return entry && entry.untilMs > clock.monotonicMs() ? entry.links : null;
    },
    fresh: async (recording, signal) => {
      cache.delete(recording.externalId);
      const links = await requestLinks({ api, identity: await openIdentity(), nowMs: clock.now() }, recording, signal);
      const oldest = cache.keys().next();
      if (cache.size >= maxCached && !oldest.done) cache.delete(oldest.value);
      if (links) cache.set(recording.externalId, { links, untilMs: clock.monotonicMs() + cachedMs });
      return links;
    },
  };
};
