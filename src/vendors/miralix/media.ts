import {
  audioHeadBytes,
  declaredLength,
  detectAudio,
  ExpectedError,
  type MediaReader,
  mayFileFollow,
  type Recording,
  readAhead,
  type VendorContext,
} from '../kit/index.ts';
import type { MiralixClient } from './client.ts';
import type { ReportedSegments } from './reported-segments.ts';
import type { MiralixSettings } from './settings.ts';

/** A file that is gone is requested again no more often than this: it may have been restored. */
const retryMs = 10 * 60_000;
const maxEntries = 10_000;

/** Downloads by QueueCallId; the vendor knows neither ranges nor a download of direct calls. */
export const createMediaReader = (
  client: MiralixClient,
  reported: ReportedSegments,
  settings: MiralixSettings,
  context: VendorContext,
): MediaReader => {
  /** The times of the last requests for files that are gone, in monotonic ms. */
  const missedMs = new Map<string, number>();
  const noteMissing = (id: string) => {
    missedMs.delete(id);
    missedMs.set(id, context.clock.monotonicMs());
    for (const oldest of missedMs.keys()) if (missedMs.size > maxEntries) missedMs.delete(oldest);
  };
  const refuseIfJustMissed = ({ externalId, state }: Recording) => {
    const waitMs = retryMs - (context.clock.monotonicMs() - (missedMs.get(externalId) ?? Number.NEGATIVE_INFINITY));
    if (state !== 'ABSENT' || waitMs <= 0) return;
    const message = `${settings.name}: the vendor had no file for this recording a short time ago; it is requested again in ${Math.ceil(waitMs / 60_000)} min.`;
    throw new ExpectedError('MEDIA_UNAVAILABLE', message, { retryable: false });
  };

  const setState = async (recording: Recording, state: 'ABSENT' | 'AVAILABLE') => {
    reported.setAbsent(recording.externalId, state === 'ABSENT');
    const resumed = state === 'AVAILABLE' ? { resumed: true } : {};
    const observations = [{ type: 'recording', recording: { externalId: recording.externalId, state }, ...resumed } as const];
    await context.observe({ observations, asOfMs: context.clock.now() });
  };

  const missing = async (recording: Recording, what: string): Promise<never> => {
    const mayCome = mayFileFollow(recording.endedAt ?? recording.startedAt, context.clock.now());
    if (!mayCome) noteMissing(recording.externalId);
    if (!mayCome && recording.state !== 'ABSENT') await setState(recording, 'ABSENT');
    throw new ExpectedError(
      'MEDIA_UNAVAILABLE',
      `${settings.name}: the vendor ${what} for this recording${mayCome ? ' yet; the conversation ended minutes ago, so retry later' : '; it may have been deleted there'}.`,
      mayCome ? { retryable: true, retryAfterSeconds: 30 } : { retryable: false },
    );
  };

  return {
    ranges: false,
    open: async (recording, { signal }) => {
      if (recording.vendorData?.direct === true || recording.externalId.startsWith('user:')) {
        throw new ExpectedError(
          'MEDIA_UNAVAILABLE',
          `${settings.name}: this is a direct call, and Miralix documents no download for recordings of direct calls; fetch it in OfficeTeam.`,
        );
      }
      const id = Number(recording.call ?? /^\d+/.exec(recording.externalId)?.[0]);
      if (!Number.isSafeInteger(id))
        throw new ExpectedError('MEDIA_UNAVAILABLE', `${settings.name}: this recording has no queue call to download.`);
      refuseIfJustMissed(recording);
      const stream = await client.download(id, signal);
      if (stream === null) return missing(recording, 'has no file');
      try {
        const { head, whole: body } = await readAhead(stream.body, ({ length }) => length >= audioHeadBytes);
        if (head.length === 0) return await missing(recording, 'sends an empty file');
        const audio = detectAudio(head);
        if (audio === null) {
          throw new ExpectedError(
            'MEDIA_UNAVAILABLE',
            `${settings.name}: the vendor's answer for this recording is not audio; it was not forwarded.`,
          );
        }
        missedMs.delete(recording.externalId);
        if (recording.state === 'ABSENT') await setState(recording, 'AVAILABLE');
        return { ...audio, byteLength: declaredLength(stream), range: null, body, close: stream.close };
      } catch (error) {
        stream.close();
        throw error;
      }
    },
  };
};
