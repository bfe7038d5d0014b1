import type { AudioEncoding } from '../../domain/ports/media.ts';

export interface DetectedAudio {
  encoding: AudioEncoding;
  contentType: string;
}

/** Bytes that `detectAudio` wants to see, where there are as many. */
export const audioHeadBytes = 16;

const contentTypes: Readonly<Record<AudioEncoding, string>> = {
  WAV: 'audio/wav',
  MP3: 'audio/mpeg',
  MP4: 'audio/mp4',
  ALAW_8000: 'audio/PCMA',
  VOX_8000: 'audio/vox',
  VOX_6000: 'audio/vox',
  UNKNOWN: 'application/octet-stream',
};

const audio = (encoding: AudioEncoding, contentType: string = contentTypes[encoding]): DetectedAudio => ({ encoding, contentType });

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** A frame header of MPEG audio: its sync, a version, a layer, a bit rate and a sample rate that exist. */
const isMpegFrame = ([sync = 0, second = 0, third = 0]: Uint8Array): boolean =>
  sync === 0xff &&
  (second & 0xe0) === 0xe0 &&
  (second & 0x18) !== 0x08 &&
  (second & 0x06) !== 0 &&
  (third & 0xf0) !== 0xf0 &&
  (third & 0x0c) !== 0x0c;

const byDeclaration = (declared: string): DetectedAudio | null => {
  const type = declared.split(';')[0]!.trim().toLowerCase();
  if (/^audio\/(mpeg|mp3|x-mp3|x-mpeg)$/.test(type)) return audio('MP3');
  if (/^audio\/(wav|wave|x-wav|vnd\.wave)$/.test(type)) return audio('WAV');
  return type.startsWith('audio/') ? audio('UNKNOWN', type) : null;
};

export interface AudioHints {
  /** The answer's content-type. */
  declared?: string;
  /** True for a part from the middle of a file, whose first bytes say nothing. */
  continued?: boolean;
  /** The coding of a site's headerless files. */
  headerless?: AudioEncoding;
}

/** Tells audio by its first bytes, else by what is declared, else as `headerless`; null for what is none, such as a web page or JSON. */
export const detectAudio = (head: Uint8Array, { declared = '', continued = false, headerless }: AudioHints = {}): DetectedAudio | null => {
  const start = latin1(head.subarray(0, audioHeadBytes));
  const otherwise = () => byDeclaration(declared) ?? (headerless === undefined ? null : audio(headerless));
  if (continued) return otherwise();
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WAVE') return audio('WAV');
  if (start.slice(4, 8) === 'ftyp') return audio('MP4');
  if (start.startsWith('ID3') || isMpegFrame(head)) return audio('MP3');
  if (start.startsWith('OggS')) return audio('UNKNOWN', 'audio/ogg');
  if (head.length === 0 || /^(\u00ef\u00bb\u00bf)?\s*[<{[]/.test(start)) return null;
  return otherwise();
};
