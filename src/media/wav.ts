/** RIFF WAVE: where the samples lie and how they are coded, and the header of 16-bit PCM. */

import type { Bytes } from '../lib/bytes.ts';
import { overwritten } from './bytes.ts';

type WavCodec = 'PCM' | 'FLOAT' | 'ALAW' | 'ULAW' | 'OKI_ADPCM' | 'OTHER';

export interface WavLayout {
  codec: WavCodec;
  channels: number;
  sampleRate: number;
  bitsPerSample: number;
  dataStart: number;
  /** Null where the writer left it open, as recorders do that stream. */
  dataLength: number | null;
}

const codecs: Readonly<Record<number, WavCodec>> = { 1: 'PCM', 3: 'FLOAT', 6: 'ALAW', 7: 'ULAW', 16: 'OKI_ADPCM', 23: 'OKI_ADPCM' };
const extensible = 0xfffe;
/** A writer to a pipe cannot come back to write the length, and writes 0 or about the largest number. */
const isOpenLength = (length: number): boolean => length === 0 || length >= 0x7fff0000;
/** A header that is longer than this is no recorder's. */
export const maxHeaderBytes = 256 * 1024;

/** `MORE` where the head ends before the samples begin; null for what is no WAVE file. */
export const readWavLayout = (bytes: Uint8Array): WavLayout | 'MORE' | null => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 12) return 'MORE';
  if (view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format: Pick<WavLayout, 'codec' | 'channels' | 'sampleRate' | 'bitsPerSample'> | null = null;
  for (let at = 12; ; ) {
    if (at + 8 > view.length) return 'MORE';
    const name = view.toString('latin1', at, at + 4);
    const length = view.readUInt32LE(at + 4);
    if (name === 'data') {
      return format && { ...format, dataStart: at + 8, dataLength: isOpenLength(length) ? null : length };
    }
    if (name === 'fmt ' && length >= 16) {
      if (at + 8 + Math.min(length, 40) > view.length) return 'MORE';
      const tag = view.readUInt16LE(at + 8);
      format = {
        codec: codecs[tag === extensible && length >= 40 ? view.readUInt16LE(at + 32) : tag] ?? 'OTHER',
        channels: Math.max(1, view.readUInt16LE(at + 10)),
        sampleRate: view.readUInt32LE(at + 12),
        bitsPerSample: view.readUInt16LE(at + 22),
      };
    }
    at += 8 + length + (length % 2);
    if (at > maxHeaderBytes) return null;
  }
};

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** The file with the lengths in its header that it has: some recorders promise more than they write. */
export const withTrueLengths = (body: Bytes, dataStart: number, dataLength: number): Bytes =>
  overwritten(overwritten(body, 4, uint32(dataStart + dataLength - 8)), dataStart - 4, uint32(dataLength));

export const pcmHeaderBytes = 44;
const maxDataBytes = 0xffffffff - pcmHeaderBytes;

/** The header of 16-bit PCM; a length that is unknown or beyond what the format can say is left open. */
export const pcmHeader = (sampleRate: number, channels: number, dataLength: number | null): Buffer => {
  const knownLength = dataLength !== null && dataLength <= maxDataBytes ? dataLength : null;
  const header = Buffer.alloc(pcmHeaderBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(knownLength === null ? 0xffffffff : knownLength + pcmHeaderBytes - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(knownLength ?? 0xffffffff, 40);
  return header;
};
