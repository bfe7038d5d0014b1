/** Downloads by QueueCallId; the vendor knows neither ranges nor a download of direct calls. */
import {
  audioHeadBytes,
  declaredLength,
  detectAudio,
  ExpectedError,
  type MediaReader,
  mayFileFollow,
  type OpenedMedia,
  type Recording,
  readAhead,
  type VendorStream,
} from '../kit/index.ts';
import type { MiralixSource } from './source.ts';

/** A file that is gone is requested again no more often than this: it may have been restored. */
const retryMs = 10 * 60_000;
const maxEntries = 10_000;

interface Downloads extends MiralixSource {
  /** The times of the last requests for files that are gone, in monotonic ms. */
  missedMs: Map<string, number>;
}

const noteMissing = ({ missedMs, context }: Downloads, id: string): void => {
  missedMs.delete(id);
  missedMs.set(id, context.clock.monotonicMs());
  for (const oldest of missedMs.keys()) if (missedMs.size > maxEntries) missedMs.delete(oldest);
};

const refuseIfJustMissed = ({ missedMs, context, settings }: Downloads, { externalId, state }: Recording): void => {
  const waitMs = retryMs - (context.clock.monotonicMs() - (missedMs.get(externalId) ?? Number.NEGATIVE_INFINITY));
  if (state !== 'ABSENT' || waitMs <= 0) return;
  const message = `${settings.name}: the vendor had no file for this recording a short time ago; it is requested again in ${Math.ceil(waitMs / 60_000)} min.`;
  throw new ExpectedError('MEDIA_UNAVAILABLE', message, { retryable: false });
};

const setState = async ({ reported, context }: Downloads, recording: Recording, state: 'ABSENT' | 'AVAILABLE'): Promise<void> => {
  reported.setAbsent(recording.externalId, state === 'ABSENT');
  const resumed = state === 'AVAILABLE' ? { resumed: true } : {};
  const observations = [{ type: 'recording', recording: { externalId: recording.externalId, state }, ...resumed } as const];
  await context.observe({ observations, asOfMs: context.clock.now() });
};

/** Throws MEDIA_UNAVAILABLE; reports the recording as ABSENT where no file will come any more. */
const refuseMissing = async (downloads: Downloads, recording: Recording, what: string): Promise<never> => {
  const { settings, context } = downloads;
  const mayCome = mayFileFollow(recording.endedAt ?? recording.startedAt, context.clock.now());
  if (!mayCome) noteMissing(downloads, recording.externalId);
  if (!mayCome && recording.state !== 'ABSENT') await setState(downloads, recording, 'ABSENT');
  throw new ExpectedError(
    'MEDIA_UNAVAILABLE',
    `${settings.name}: the vendor ${what} for this recording${mayCome ? ' yet; the conversation ended minutes ago, so retry later' : '; it may have been deleted there'}.`,
    mayCome ? { retryable: true, retryAfterSeconds: 30 } : { retryable: false },
  );
};

/** Returns the queue call whose file it is; throws MEDIA_UNAVAILABLE where there is none to download. */
const queueCallOf = ({ settings }: Downloads, { externalId, call, vendorData }: Recording): number => {
  if (vendorData?.direct === true || externalId.startsWith('user:')) {
    throw new ExpectedError(
      'MEDIA_UNAVAILABLE',
      `${settings.name}: this is a direct call, and Miralix documents no download for recordings of direct calls; fetch it in OfficeTeam.`,
    );
  }
  const id = Number(call ?? /^\d+/.exec(externalId)?.[0]);
  if (Number.isSafeInteger(id)) return id;
  throw new ExpectedError('MEDIA_UNAVAILABLE', `${settings.name}: this recording has no queue call to download.`);
};

const openAudio = async (downloads: Downloads, recording: Recording, stream: VendorStream): Promise<OpenedMedia> => {
  const { head, whole: body } = await readAhead(stream.body, ({ length }) => length >= audioHeadBytes);
  if (head.length === 0) return await refuseMissing(downloads, recording, 'sends an empty file');
  const audio = detectAudio(head);
  if (audio === null) {
    throw new ExpectedError(
      'MEDIA_UNAVAILABLE',
      `${downloads.settings.name}: the vendor's answer for this recording is not audio; it was not forwarded.`,
    );
  }
  downloads.missedMs.delete(recording.externalId);
  if (recording.state === 'ABSENT') await setState(downloads, recording, 'AVAILABLE');
  return { ...audio, byteLength: declaredLength(stream), range: null, body, close: stream.close };
};

export const createMediaReader = (source: MiralixSource): MediaReader => {
  const downloads: Downloads = { ...source, missedMs: new Map() };
  return {
    ranges: false,
    open: async (recording, { signal }) => {
      const id = queueCallOf(downloads, recording);
      refuseIfJustMissed(downloads, recording);
      const stream = await source.client.download(id, signal);
      if (stream === null) return refuseMissing(downloads, recording, 'has no file');
      try {
        return await openAudio(downloads, recording, stream);
      } catch (error) {
        stream.close();
        throw error;
      }
    },
  };
};
