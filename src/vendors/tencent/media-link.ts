/** Where a recording's audio is now. Links are secrets: never logged, never kept longer than the vendor says. */

import { type Clock, epochMsOrNull, type Recording } from '../kit/index.ts';
import type { TencentApi } from './client.ts';
import { longestSpanMs, oldestMs, readDetails } from './readers.ts';
import { voicemailId } from './voicemail-id.ts';
import { type CallDetail, sessionDetail } from './wire.ts';

export interface MediaLinks {
  url: string | null;
  /** In the customer's own bucket, where the vendor copies it to. */
  customUrl: string | null;
}

const dayMs = 86_400_000;
/** The vendor's links are good for a day; ours are asked for again well before. */
const cachedMs = dayMs / 2;
const mostCached = 1000;

const linksOf = (holder: { RecordURL: string | null; CustomRecordURL: string | null } | undefined): MediaLinks | null =>
  holder && (holder.RecordURL ?? holder.CustomRecordURL) !== null ? { url: holder.RecordURL, customUrl: holder.CustomRecordURL } : null;

const voicemailIn = (recording: Recording, session: string, urls: readonly string[]): MediaLinks | null => {
  const url = urls.find((one) => voicemailId(session, one) === recording.externalId) ?? (urls.length === 1 ? urls[0] : undefined);
  return url === undefined ? null : { url, customUrl: null };
};

const inCallDetail = (recording: Recording, session: string, detail: CallDetail): MediaLinks | null => {
  if (recording.kind === 'VOICEMAIL') return voicemailIn(recording, session, detail.VoicemailRecordURL);
  if (detail.RecordId === recording.externalId && linksOf(detail)) return linksOf(detail);
  return linksOf(detail.ServeParticipants.find(({ RecordId }) => RecordId === recording.externalId));
};

/** A stretch that surely holds the call's start, within what the vendor answers for. */
const spanAround = (recording: Recording, nowMs: number): { fromMs: number; toMs: number } => {
  const aboutMs = epochMsOrNull(recording.startedAt ?? recording.endedAt);
  if (aboutMs === null) return { fromMs: nowMs - longestSpanMs, toMs: nowMs };
  return { fromMs: Math.max(aboutMs - 2 * dayMs, nowMs - oldestMs), toMs: Math.min(aboutMs + dayMs, nowMs) };
};

/** Asks the vendor for a fresh link; null where it has none for this recording. */
const askForLinks = async (api: TencentApi, recording: Recording, nowMs: number, signal: AbortSignal): Promise<MediaLinks | null> => {
  const session = recording.call;
  const span = spanAround(recording, nowMs);
  if (session === null || span.fromMs >= span.toMs) return null;
  for await (const { details } of readDetails(api, { ...span, sessions: [session] }, signal)) {
    for (const detail of details) {
      const links = detail.SessionId === session ? inCallDetail(recording, session, detail) : null;
      if (links) return links;
    }
  }
  const detail = await api.call(
    'DescribeSessionDetail',
    { SessionId: session, StartTimestamp: Math.floor(span.fromMs / 1000), EndTimestamp: Math.ceil(span.toMs / 1000) },
    sessionDetail,
    signal,
  );
  if (recording.kind === 'VOICEMAIL') return voicemailIn(recording, session, detail.VoicemailRecordURL);
  const track = linksOf(detail.ServeParticipants.find(({ RecordId }) => RecordId === recording.externalId));
  return track ?? (recording.party === 'CUSTOMER' ? linksOf(detail) : null);
};

export interface LinkFinder {
  /** What was asked for in the last hours; null where nothing was. */
  cached(recording: Recording): MediaLinks | null;
  /** Throws `ExpectedError` where the vendor refuses or does not answer. */
  fresh(recording: Recording, signal: AbortSignal): Promise<MediaLinks | null>;
}

export const createLinkFinder = (api: TencentApi, clock: Clock): LinkFinder => {
  const cache = new Map<string, { links: MediaLinks; untilMs: number }>();
  return {
    cached: (recording) => {
      const entry = cache.get(recording.externalId);
      return entry && entry.untilMs > clock.monotonicMs() ? entry.links : null;
    },
    fresh: async (recording, signal) => {
      cache.delete(recording.externalId);
      const links = await askForLinks(api, recording, clock.now(), signal);
      const oldest = cache.keys().next();
      if (cache.size >= mostCached && !oldest.done) cache.delete(oldest.value);
      if (links) cache.set(recording.externalId, { links, untilMs: clock.monotonicMs() + cachedMs });
      return links;
    },
  };
};
