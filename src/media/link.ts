/** Links to audio: each is sealed, and written to the ledger. */
import type { Recording } from '../domain/model/entities.ts';
import type { MediaFormat } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { instant } from '../domain/model/instant.ts';
import { hasScope, type Principal, reaches } from '../domain/model/principal.ts';
import { type Audio, requireReader } from './audio.ts';
import { isFinal, requireAudio } from './availability.ts';
import type { MediaContext } from './context.ts';
import { fileNameOf } from './file-name.ts';
import { sealLink } from './link-token.ts';
import { findRecording, openRecording } from './open-recording.ts';
import { recordLink } from './record-link.ts';

/** A sealed, short-lived link to the audio of a recording. */
export interface MediaLink {
  url: string;
  expiresAt: string;
  contentType: string;
  fileName: string;
  /** Null where it is not known in advance. */
  byteLength: number | null;
}

/** The largest Int of GraphQL. */
const maxInt = 2 ** 31 - 1;

/** True if what a blackout covers is left unsilenced for the caller. */
const isUnmasked = (principal: Principal): boolean => hasScope(principal, 'audit:read');

/** Opens the audio to see that it is there, and closes it again. */
const probe = async (context: MediaContext, { recording, format, principal }: Omit<RequestedLink, 'correlationId'>): Promise<Audio> => {
  if (!hasScope(principal, 'media:read')) {
    throw new ExpectedError('FORBIDDEN', 'Listening to recordings needs the scope media:read.');
  }
  if (!reaches(principal, recording.source)) throw new ExpectedError('NOT_FOUND', 'There is no such recording.');
  requireReader(context, recording.source);
  requireAudio(recording);
  const ended = new AbortController();
  const length = isFinal(recording) ? 'MEASURE' : null;
  const opened = await openRecording(context, recording, { format, unmasked: isUnmasked(principal), length, signal: ended.signal });
  opened.close();
  ended.abort();
  return opened;
};

interface RequestedLink {
  recording: Recording;
  format: MediaFormat;
  principal: Principal;
  correlationId: string;
}

/** Asks the vendor first, so that a link is given only for what is there; every outcome is written down. Throws `ExpectedError`. */
export const linkMedia = async (
  context: MediaContext,
  { recording: given, format, principal, correlationId }: RequestedLink,
): Promise<MediaLink> => {
  const { clock, settings, signingKey, publicUrl } = context;
  const recording = (await findRecording(context, given)) ?? given;
  const request = { recording, format, caller: principal.name, correlationId };
  const opened = await probe(context, { recording, format, principal }).catch(async (error: unknown) => {
    if (error instanceof ExpectedError) await recordLink(context, request, error);
    throw error;
  });
  await recordLink(context, request, opened.intervals);
  const expiresAtMs = clock.now() + settings.linkSeconds * 1000;
  const claims = {
    source: recording.source,
    recording: recording.externalId,
    format,
    caller: principal.name,
    unmasked: isUnmasked(principal),
    expiresAtMs,
    byteLength: opened.vendorLength,
  };
  return {
    url: `${publicUrl()}/media/${sealLink(claims, signingKey)}`,
    expiresAt: instant(expiresAtMs),
    contentType: opened.contentType,
    fileName: fileNameOf(recording, opened.extension),
    byteLength: opened.byteLength !== null && opened.byteLength <= maxInt ? opened.byteLength : null,
  };
};
