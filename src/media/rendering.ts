/** Renders a vendor's audio: its bytes as they are, decoded, and with silence in the intervals of blackouts. */

import type { MediaFormat } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import type { AudioEncoding, OpenedMedia } from '../domain/ports/media.ts';
import type { Bytes } from '../lib/bytes.ts';
import { changed, ofLength, part, withinRegion } from './bytes.ts';
import { readSampledAudio, type SampledAudio } from './sample-codes.ts';
import type { Interval } from './silence.ts';
import { pcmHeader, pcmHeaderBytes } from './wav.ts';

export interface Rendering {
  contentType: string;
  /** Of a file name, without its dot. */
  extension: string;
  /** Null where the vendor does not say how long its file is. */
  byteLength: number | null;
  /** The silenced intervals. */
  intervals: readonly Interval[];
  /** True if `body` is byte for byte the vendor's. */
  untouched: boolean;
  body: Bytes;
}

interface RenderingRequest {
  format: MediaFormat;
  /** Returns the intervals to silence in a file of this length in bytes; null where they are not known. */
  intervalsFor(audioMs: number | null): readonly Interval[];
  /** Names the recording in messages. */
  subject: string;
}

const extensions: Readonly<Record<AudioEncoding, string>> = {
  MP3: 'mp3',
  WAV: 'wav',
  ALAW_8000: 'al',
  VOX_8000: 'vox',
  VOX_6000: 'vox',
  MP4: 'mp4',
  UNKNOWN: 'bin',
};

const unavailable = (message: string) => new ExpectedError('MEDIA_UNAVAILABLE', message, { retryable: false });

const safeType = (type: string): string => (/^(audio|video)\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream');

const audioMsOf = (audio: SampledAudio | null): number | null =>
  audio?.length == null ? null : (audio.length / audio.bytesPerSecond) * 1000;

/** `isWhole`: the length of the file is known, and not only what its header promises. */
const asPcm = (
  audio: SampledAudio,
  decode: NonNullable<SampledAudio['decode']>,
  { isWhole, intervalsFor }: { isWhole: boolean } & Pick<RenderingRequest, 'intervalsFor'>,
): Rendering => {
  const { sampleRate, channels, length, start, body } = audio;
  const audioMs = audioMsOf(audio);
  const intervals = intervalsFor(audioMs);
  const dataLength = length === null || !isWhole ? null : Math.round((length * sampleRate) / audio.bytesPerSecond) * channels * 2;
  const samples = part(body, start, length === null ? Number.MAX_SAFE_INTEGER : start + length - 1);
  return {
    contentType: 'audio/wav',
    extension: 'wav',
    byteLength: dataLength === null ? null : pcmHeaderBytes + dataLength,
    intervals,
    untouched: false,
    body: changed(pcmHeader(sampleRate, channels, dataLength), samples, decode(intervals)),
  };
};

interface Silencing {
  encoding: AudioEncoding;
  audio: SampledAudio | null;
  intervals: readonly Interval[];
  subject: string;
}

const withSilence = (body: Bytes, { encoding, audio, intervals, subject }: Silencing): Bytes => {
  if (audio) return withinRegion(body, audio.start, audio.length ?? Number.MAX_SAFE_INTEGER, audio.silence(intervals));
  const file = encoding === 'UNKNOWN' ? 'a file of its format' : encoding;
  throw unavailable(
    `${subject} runs through a blackout that the vendor did not mask, and ${file} cannot be silenced in part; it needs the scope audit:read.`,
  );
};

/** Throws MEDIA_UNAVAILABLE where the format cannot be made of what the vendor sends, or cannot be silenced. */
export const render = async (opened: OpenedMedia, request: RenderingRequest): Promise<Rendering> => {
  const { format, subject } = request;
  const broken = () => new ExpectedError('VENDOR_UNAVAILABLE', `${subject}: the vendor sent another length than it announced.`);
  const whole = opened.byteLength === null ? opened.body : ofLength(opened.body, opened.byteLength, broken);
  const { audio, body } = await readSampledAudio(opened, whole);
  if (format === 'WAV') {
    if (audio?.decode) return asPcm(audio, audio.decode, { isWhole: opened.byteLength !== null, intervalsFor: request.intervalsFor });
    if (opened.encoding !== 'WAV') {
      const what = opened.encoding === 'UNKNOWN' ? 'of an unknown format' : opened.encoding;
      throw unavailable(`${subject} is ${what}, which cannot be converted to WAV; request ORIGINAL.`);
    }
    if (audio === null) throw unavailable(`${subject} is a WAV file with an unknown coding; request ORIGINAL.`);
  }
  const intervals = request.intervalsFor(audioMsOf(audio));
  return {
    contentType: safeType(opened.contentType),
    extension: extensions[opened.encoding],
    byteLength: opened.byteLength,
    intervals,
    untouched: intervals.length === 0 && audio?.isMended !== true,
    body: intervals.length === 0 ? body : withSilence(body, { encoding: opened.encoding, audio, intervals, subject }),
  };
};
