/** Audio for clients: links that are signed and written to the ledger, and the route that streams what they name. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recording } from '../../domain/model/entities.ts';
import type { MediaFormat } from '../../domain/model/enums.ts';
import { ExpectedError } from '../../domain/model/errors.ts';
import { instant } from '../../domain/model/instant.ts';
import type { ObservationBatch } from '../../domain/model/observation.ts';
import { hasScope, type Principal, reaches } from '../../domain/model/principal.ts';
import type { LiveState } from '../../domain/observe/live-state.ts';
import type { Clock, Ids } from '../../domain/ports/clock.ts';
import type { Log } from '../../domain/ports/log.ts';
import type { Store } from '../../domain/ports/store.ts';
import type { VendorSource } from '../../domain/ports/vendor.ts';
import type { MediaLink } from '../../graphql/recording.ts';
import type { Slices } from '../../lib/slices.ts';
import { HttpError } from '../http-error.ts';
import { createSlots } from '../slots.ts';
import { sendAudio } from './answer.ts';
import { type Audio, type AudioRequest, createAudio } from './audio.ts';
import { isFinal, isPastKeeping, isVendorsRefusal, requireAudio } from './availability.ts';
import { fileNameOf } from './file-name.ts';
import { deleted, httpErrorOf, withoutFile } from './http-errors.ts';
import { type LinkClaims, readLink, sealLink } from './link-token.ts';
import type { Range } from './ranges.ts';
import { createRecords } from './records.ts';

interface MediaDependencies {
  sources: ReadonlyMap<string, VendorSource>;
  store: Store;
  liveState: Pick<LiveState, 'recording'>;
  clock: Clock;
  ids: Ids;
  slices: Slices;
  log: Log;
  settings: { linkSeconds: number; signingKey?: string | undefined; previousSigningKey?: string | undefined };
  /** Without a trailing slash. */
  publicUrl(): string;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

export interface Media {
  /** Asks the vendor first, so that a link is given only for what is there; every outcome is written down. Throws `ExpectedError`. */
  link(recording: Recording, format: MediaFormat, principal: Principal, correlationId: string): Promise<MediaLink>;
  /**
   * Answers GET and HEAD of `/media/{token}`; failures are counted by `client`. Throws `HttpError` before the first byte; a failure
   * after it destroys the response.
   */
  serve(request: IncomingMessage, response: ServerResponse, token: string, client?: string): Promise<void>;
}

/** Answers that one link, and one caller with all links, may have under way: each holds a connection to the vendor. */
const opensPerLink = 4;
const opensPerCaller = 64;
/** The largest Int of GraphQL. */
const maxInt = 2 ** 31 - 1;

export const createMedia = (deps: MediaDependencies): Media => {
  const { store, liveState, clock, log, settings } = deps;
  const signingKey = settings.signingKey ?? randomBytes(32).toString('hex');
  const keys = settings.previousSigningKey === undefined ? [signingKey] : [signingKey, settings.previousSigningKey];
  const audio = createAudio(deps);
  const records = createRecords(deps);
  const occupy = createSlots();

  const find = async (key: { source: string; externalId: string }): Promise<Recording | null> =>
    liveState.recording(key) ?? (await store.recordings.byKeys([key]))[0] ?? null;

  const setState = async ({ source, externalId }: Recording, state: 'EXPIRED' | 'AVAILABLE'): Promise<void> => {
    const observations = [
      { type: 'recording', recording: { externalId, state }, ...(state === 'AVAILABLE' ? { resumed: true } : {}) } as const,
    ];
    await deps.observe(source, { observations, asOfMs: clock.now() });
  };

  /** Asks the vendor, who alone knows what is gone: what was without a file may have one, and what was kept for a time may be kept still. */
  const open = async (recording: Recording, options: Omit<AudioRequest, 'recording'>): Promise<Audio> => {
    try {
      const opened = await audio.open({ recording, ...options });
      if (recording.state === 'ABSENT') await setState(recording, 'AVAILABLE');
      return opened;
    } catch (error) {
      if (isVendorsRefusal(error) && isPastKeeping(recording, clock.now())) await setState(recording, 'EXPIRED');
      throw error;
    }
  };

  const probe = async (recording: Recording, format: MediaFormat, principal: Principal) => {
    if (!hasScope(principal, 'media:read')) {
      throw new ExpectedError('FORBIDDEN', 'Listening to recordings needs the scope media:read.');
    }
    if (!reaches(principal, recording.source)) throw new ExpectedError('NOT_FOUND', 'There is no such recording.');
    audio.require(recording.source);
    requireAudio(recording);
    const unmasked = hasScope(principal, 'audit:read');
    const ended = new AbortController();
    const length = isFinal(recording) ? 'MEASURE' : null;
    const opened = await open(recording, { format, unmasked, length, signal: ended.signal });
    opened.close();
    ended.abort();
    return opened;
  };

  const failed = async (claims: LinkClaims, code: string, correlationId: unknown, client: string): Promise<void> => {
    await records.serveFailed(claims, code, client);
    log.warn('audio could not be sent', { source: claims.source, code, correlationId });
  };

  /** The recording that a link names; throws what is answered instead of its audio. */
  const admitted = async (claims: LinkClaims): Promise<Recording> => {
    if (claims.expiresAtMs <= clock.now()) throw new HttpError(410, 'EXPIRED', 'This link has expired; query Recording.media again.');
    const recording = await find({ source: claims.source, externalId: claims.recording });
    if (!recording) throw new HttpError(404, 'NOT_FOUND', 'The recording is no longer known.');
    if (recording.state === 'EXPIRED') throw deleted();
    if (recording.state === 'FAILED') throw withoutFile();
    requireAudio(recording);
    return recording;
  };

  return {
    link: async (given, format, principal, correlationId) => {
      const recording = (await find(given)) ?? given;
      const request = { recording, format, caller: principal.name, correlationId };
      const opened = await probe(recording, format, principal).catch(async (error: unknown) => {
        if (error instanceof ExpectedError) await records.linkRefused(request, error);
        throw error;
      });
      await records.linked(request, opened.intervals);
      const expiresAtMs = clock.now() + settings.linkSeconds * 1000;
      const { source, externalId } = recording;
      const unmasked = hasScope(principal, 'audit:read');
      const claims = {
        source,
        recording: externalId,
        format,
        caller: principal.name,
        unmasked,
        expiresAtMs,
        byteLength: opened.vendorLength,
      };
      const token = sealLink(claims, signingKey);
      return {
        url: `${deps.publicUrl()}/media/${token}`,
        expiresAt: instant(expiresAtMs),
        contentType: opened.contentType,
        fileName: fileNameOf(recording, opened.extension),
        byteLength: opened.byteLength !== null && opened.byteLength <= maxInt ? opened.byteLength : null,
      };
    },

    serve: async (request, response, token, client = request.socket.remoteAddress ?? '') => {
      const correlationId = response.getHeader('x-correlation-id');
      const claims = readLink(token, keys);
      if (!claims) {
        await records.forged(client);
        log.warn('a media link that this server did not make was refused', { correlationId });
        throw new HttpError(403, 'FORBIDDEN', 'This link is not from this server; query Recording.media again.');
      }
      const leave = [occupy(token, opensPerLink), occupy(`caller ${claims.caller}`, opensPerCaller)];
      if (leave.includes(null)) {
        for (const give of leave) give?.();
        throw new HttpError(429, 'RATE_LIMITED', 'Too many players use this link or the links of this caller at the same time.', {
          'retry-after': '1',
        });
      }
      const gone = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) gone.abort();
      });
      try {
        const recording = await admitted(claims);
        const { format, unmasked, byteLength: length } = claims;
        const opened = await open(recording, { format, unmasked, length, signal: gone.signal }).catch((error: unknown) => {
          const isGone = error instanceof ExpectedError && error.code === 'MEDIA_UNAVAILABLE' && !error.retryable;
          if (isVendorsRefusal(error) && isPastKeeping(recording, clock.now())) throw deleted();
          throw isGone && recording.state === 'ABSENT' ? withoutFile() : error;
        });
        const beforeFirstByte = (range: Range | null) => records.served(claims, opened.intervals, range);
        try {
          await sendAudio({ request, response, recording, format, audio: opened, key: signingKey, gone: gone.signal, beforeFirstByte });
        } finally {
          opened.close();
        }
      } catch (error) {
        if (gone.signal.aborted && error instanceof Error && error.name === 'AbortError') return;
        const outcome = error instanceof ExpectedError ? httpErrorOf(error) : error;
        if (outcome instanceof HttpError && outcome.status !== 416) await failed(claims, outcome.code, correlationId, client);
        if (!(outcome instanceof HttpError) || !response.headersSent) throw outcome;
        response.destroy();
      } finally {
        for (const give of leave) give?.();
      }
    },
  };
};
