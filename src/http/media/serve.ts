/** The route that streams the audio that a link names. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recording } from '../../domain/model/entities.ts';
import { ExpectedError } from '../../domain/model/errors.ts';
import { isPastKeeping, isVendorsRefusal, requireAudio } from '../../media/availability.ts';
import { type LinkClaims, readLink } from '../../media/link-token.ts';
import { findRecording, openRecording } from '../../media/open-recording.ts';
import { HttpError } from '../http-error.ts';
import { sendAudio } from './answer.ts';
import type { ServeContext } from './context.ts';
import { deleted, httpErrorOf, withoutFile } from './http-errors.ts';
import type { Range } from './ranges.ts';
import { recordForged, recordServed, recordServeFailed } from './records.ts';

/** Answers that one link, and one caller with all links, may have under way: each holds a connection to the vendor. */
const opensPerLink = 4;
const opensPerCaller = 64;

export interface MediaRequest {
  request: IncomingMessage;
  response: ServerResponse;
  token: string;
  /** The address by which failures are counted. */
  client: string;
}

const correlationIdOf = ({ response }: MediaRequest) => response.getHeader('x-correlation-id');

/** Returns the link's claims; throws 403 where this server has not made it. */
const readClaims = async (context: ServeContext, media: MediaRequest): Promise<LinkClaims> => {
  const claims = readLink(media.token, context.keys);
  if (claims) return claims;
  await recordForged(context, media.client);
  context.log.warn('a media link that this server did not make was refused', { correlationId: correlationIdOf(media) });
  throw new HttpError(403, 'FORBIDDEN', 'This link is not from this server; query Recording.media again.');
};

/** Takes a slot of the link and one of its caller; throws 429 where either has none. The function gives both back. */
const occupyFor = ({ opens }: ServeContext, token: string, { caller }: LinkClaims): (() => void) => {
  const taken = [opens.take(token, { max: opensPerLink }), opens.take(`caller ${caller}`, { max: opensPerCaller })];
  const release = () => {
    for (const give of taken) give?.();
  };
  if (!taken.includes(null)) return release;
  release();
  throw new HttpError(429, 'RATE_LIMITED', 'Too many players use this link or the links of this caller at the same time.', {
    'retry-after': '1',
  });
};

/** Returns the recording that a link names; throws what is answered instead of its audio. */
const admitted = async (context: ServeContext, claims: LinkClaims): Promise<Recording> => {
  if (claims.expiresAtMs <= context.clock.now()) throw new HttpError(410, 'EXPIRED', 'This link has expired; query Recording.media again.');
  const recording = await findRecording(context, { source: claims.source, externalId: claims.recording });
  if (!recording) throw new HttpError(404, 'NOT_FOUND', 'The recording is no longer known.');
  if (recording.state === 'EXPIRED') throw deleted();
  if (recording.state === 'FAILED') throw withoutFile();
  requireAudio(recording);
  return recording;
};

const send = async (context: ServeContext, { request, response }: MediaRequest, claims: LinkClaims, gone: AbortSignal): Promise<void> => {
  const { clock, signingKey: key } = context;
  const recording = await admitted(context, claims);
  const { format, unmasked, byteLength: length } = claims;
  const audio = await openRecording(context, recording, { format, unmasked, length, signal: gone }).catch((error: unknown) => {
    const isGone = error instanceof ExpectedError && error.code === 'MEDIA_UNAVAILABLE' && !error.retryable;
    if (isVendorsRefusal(error) && isPastKeeping(recording, clock.now())) throw deleted();
    throw isGone && recording.state === 'ABSENT' ? withoutFile() : error;
  });
  const beforeFirstByte = (range: Range | null) => recordServed(context, claims, { intervals: audio.intervals, range });
  try {
    await sendAudio({ request, response, recording, format, audio, key, gone, beforeFirstByte });
  } finally {
    audio.close();
  }
};

/**
 * Answers GET and HEAD of `/media/{token}`. Throws `HttpError` before the first byte; a failure after it destroys the response.
 */
export const serveMedia = async (context: ServeContext, media: MediaRequest): Promise<void> => {
  const { response, token, client } = media;
  const claims = await readClaims(context, media);
  const release = occupyFor(context, token, claims);
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    await send(context, media, claims, gone.signal);
  } catch (error) {
    if (gone.signal.aborted && error instanceof Error && error.name === 'AbortError') return;
    const outcome = error instanceof ExpectedError ? httpErrorOf(error) : error;
    if (outcome instanceof HttpError && outcome.status !== 416) {
      await recordServeFailed(context, claims, { code: outcome.code, client });
      const { source } = claims;
      context.log.warn('audio could not be sent', { source, code: outcome.code, correlationId: correlationIdOf(media) });
    }
    if (!(outcome instanceof HttpError) || !response.headersSent) throw outcome;
    response.destroy();
  } finally {
    release();
  }
};
