/** Audio for clients: links that are signed and written to the ledger, and the route that streams what they name. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExpectedError } from '../../domain/errors.ts';
import { epochMs, instant } from '../../domain/instant.ts';
import type { Recording } from '../../domain/nouns.ts';
import type { ObservationBatch } from '../../domain/observation.ts';
import type { Tracker } from '../../domain/observe/tracker.ts';
import type { Clock, Ids, Log, Store, VendorSource } from '../../domain/ports.ts';
import { hasScope, type Principal } from '../../domain/principal.ts';
import type { MediaFormat } from '../../domain/words.ts';
import type { MediaLink } from '../../graphql/context.ts';
import { HttpRefusal } from '../refusal.ts';
import { readLink, signLink } from './link-token.ts';

export interface MediaDependencies {
  sources: ReadonlyMap<string, VendorSource>;
  store: Store;
  tracker: Tracker;
  clock: Clock;
  ids: Ids;
  log: Log;
  settings: { linkSeconds: number; signingKey?: string | undefined; previousSigningKey?: string | undefined };
  /** Without a trailing slash. */
  publicUrl(): string;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

export interface Media {
  link(recording: Recording, format: MediaFormat, principal: Principal, correlationId: string): Promise<MediaLink>;
  /** GET and HEAD of `/media/{token}`. */
  serve(request: IncomingMessage, response: ServerResponse, token: string): Promise<void>;
}

const fileNameOf = (recording: Recording, contentType: string): string => {
  const extension = contentType === 'audio/mpeg' ? 'mp3' : contentType === 'audio/wav' ? 'wav' : 'bin';
  const stem = `${recording.source}-${recording.externalId}`.replace(/\.[a-z0-9]{2,4}$/i, '').replace(/[^A-Za-z0-9-]+/g, '-');
  return `${stem.slice(0, 80)}.${extension}`;
};

export const createMedia = (deps: MediaDependencies): Media => {
  const { sources, store, tracker, clock, ids, settings } = deps;
  const signingKey = settings.signingKey ?? randomBytes(32).toString('hex');
  const keys = settings.previousSigningKey === undefined ? [signingKey] : [signingKey, settings.previousSigningKey];

  const readerOf = (source: string) => {
    const reader = sources.get(source)?.media;
    if (!reader) throw new ExpectedError('UNSUPPORTED', `Source ${source} has no way to fetch audio; see Source.capabilities.`);
    return reader;
  };

  return {
    link: async (recording, format, principal) => {
      readerOf(recording.source);
      const nowMs = clock.now();
      const expiresAtMs = nowMs + settings.linkSeconds * 1000;
      const at = instant(nowMs);
      await store.transaction(async (operations) => {
        await operations.commands.insert({
          id: ids.next(),
          operation: 'DOWNLOAD_MEDIA',
          status: 'CONFIRMED',
          source: recording.source,
          agent: recording.agent,
          recording: recording.externalId,
          blackout: null,
          requestedBy: principal.name,
          requestedAt: at,
          acceptedAt: at,
          completedAt: at,
          idempotencyKey: null,
          inputHash: '',
          input: { format },
          problem: null,
        });
        await operations.audit.append([
          {
            at,
            actor: principal.name,
            action: 'media.linked',
            subject: { source: recording.source, recording: recording.externalId, format },
          },
        ]);
      });
      const claims = {
        source: recording.source,
        recording: recording.externalId,
        format,
        caller: principal.name,
        unmasked: hasScope(principal, 'audit:read'),
        expiresAtMs,
      };
      const contentType = format === 'WAV' ? 'audio/wav' : 'audio/mpeg';
      return {
        url: `${deps.publicUrl()}/media/${signLink(claims, signingKey)}`,
        expiresAt: instant(expiresAtMs),
        contentType,
        fileName: fileNameOf(recording, contentType),
        byteLength: null,
      };
    },
    serve: async (request, response, token) => {
      const claims = readLink(token, keys);
      if (!claims) throw new HttpRefusal(403, 'FORBIDDEN', 'This link was not made by this server; ask for Recording.media again.');
      if (claims.expiresAtMs <= clock.now()) throw new HttpRefusal(410, 'EXPIRED', 'This link has expired; ask for Recording.media again.');
      const key = { source: claims.source, externalId: claims.recording };
      const recording = tracker.recording(key) ?? (await store.recordings.byKeys([key]))[0];
      if (!recording) throw new HttpRefusal(404, 'NOT_FOUND', 'The recording is not known any more.');
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const opened = await readerOf(claims.source).open(recording, { signal: gone.signal });
      response.writeHead(200, {
        'content-type': opened.contentType,
        'cache-control': 'private, no-store',
        ...(opened.byteLength === null ? {} : { 'content-length': opened.byteLength }),
        'content-disposition': `inline; filename="${fileNameOf(recording, opened.contentType)}"`,
        'last-modified': new Date(epochMs(recording.endedAt ?? instant(clock.now()))).toUTCString(),
      });
      if (request.method === 'HEAD') {
        opened.close();
        response.end();
        return;
      }
      await pipeline(Readable.from(opened.body), response).finally(() => opened.close());
    },
  };
};
