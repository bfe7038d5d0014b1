import type { AudioEncoding } from '../kit/index.ts';

const startsWith = (bytes: Uint8Array, text: string, offset = 0): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', offset, offset + text.length) === text;

const contentTypes: Partial<Record<AudioEncoding, string>> = { MP3: 'audio/mpeg', WAV: 'audio/wav', MP4: 'audio/mp4' };

/** What the first bytes say a body is; null for what is no audio. `declared` decides where the bytes do not. */
export const audioOf = (first: Uint8Array, declared: string): { encoding: AudioEncoding; contentType: string } | null => {
  const known = (encoding: AudioEncoding) => ({ encoding, contentType: contentTypes[encoding]! });
  if (startsWith(first, 'ID3') || (first[0] === 0xff && ((first[1] ?? 0) & 0xe6) === 0xe2)) return known('MP3');
  if (startsWith(first, 'RIFF') && startsWith(first, 'WAVE', 8)) return known('WAV');
  if (startsWith(first, 'ftyp', 4)) return known('MP4');
  if (first.length === 0 || /^\s*[<{[]/.test(Buffer.from(first.subarray(0, 16)).toString('latin1'))) return null;
  return continuedAudioOf(declared);
};

/** As `audioOf`, for a part from the middle, which only its declaration tells of. */
export const continuedAudioOf = (declared: string): { encoding: AudioEncoding; contentType: string } | null => {
  const type = declared.split(';')[0]!.trim().toLowerCase();
  if (/^(audio\/(mpeg|mp3|x-mp3|x-mpeg)|application\/octet-stream|binary\/octet-stream|)$/.test(type)) {
    return { encoding: 'MP3', contentType: 'audio/mpeg' };
  }
  return type.startsWith('audio/') ? { encoding: 'UNKNOWN', contentType: type } : null;
};
