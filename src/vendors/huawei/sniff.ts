import type { AudioEncoding } from '../kit/index.ts';

const contentTypes: Readonly<Record<AudioEncoding, string>> = {
  WAV: 'audio/wav',
  MP3: 'audio/mpeg',
  MP4: 'video/mp4',
  ALAW_8000: 'audio/PCMA',
  VOX_8000: 'audio/vox',
  VOX_6000: 'audio/vox',
  UNKNOWN: 'application/octet-stream',
};

/** What a file is by its first bytes; a headerless one is what the site is said to write. */
export const sniff = (head: Uint8Array, otherwise: AudioEncoding): { encoding: AudioEncoding; contentType: string } => {
  const letters = Buffer.from(head.subarray(0, 12)).toString('latin1');
  const encoding: AudioEncoding =
    letters.startsWith('RIFF') && letters.slice(8) === 'WAVE'
      ? 'WAV'
      : letters.slice(4, 8) === 'ftyp'
        ? 'MP4'
        : letters.startsWith('ID3')
          ? 'MP3'
          : otherwise;
  return { encoding, contentType: contentTypes[encoding] };
};
