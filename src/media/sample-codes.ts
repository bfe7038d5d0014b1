/** Files whose samples all have one length: where they lie, how they are silenced, and how they become 16-bit PCM. */

import type { AudioEncoding, OpenedMedia } from '../domain/ports/media.ts';
import { type Bytes, readAhead } from '../lib/bytes.ts';
import { alawSamples, alawSilence, ulawSamples, ulawSilence } from './g711.ts';
import { type ChangeChunk, decodeByTable, decodeVox, silenceBytes, silenceVox } from './samples.ts';
import { type Interval, inSamples } from './silence.ts';
import { maxHeaderBytes, readWavLayout, type WavLayout, withTrueLengths } from './wav.ts';

interface SampleCode {
  channels: number;
  sampleRate: number;
  bytesPerSecond: number;
  silence(intervals: readonly Interval[]): ChangeChunk;
  /** Absent where the file is PCM already. */
  decode?(intervals: readonly Interval[]): ChangeChunk;
}

export interface SampledAudio extends SampleCode {
  /** Where the samples begin in `body`. */
  start: number;
  /** How many bytes they are; null where that is not known. */
  length: number | null;
  /** True if the file's own header promised more: `body` has the true lengths. */
  isMended: boolean;
  body: Bytes;
}

const vox = (sampleRate: number): SampleCode => ({
  channels: 1,
  sampleRate,
  bytesPerSecond: sampleRate / 2,
  silence: (intervals) => silenceVox(inSamples(intervals, sampleRate)),
  decode: (intervals) => decodeVox(inSamples(intervals, sampleRate)),
});

const g711 = (table: Int16Array, silence: number, sampleRate: number, channels: number): SampleCode => ({
  channels,
  sampleRate,
  bytesPerSecond: sampleRate * channels,
  silence: (intervals) => silenceBytes(inSamples(intervals, sampleRate), channels, silence),
  decode: (intervals) => decodeByTable(table, channels, inSamples(intervals, sampleRate)),
});

const linear = ({ bitsPerSample, channels, sampleRate }: WavLayout): SampleCode | null => {
  if (bitsPerSample === 0 || bitsPerSample % 8 !== 0) return null;
  const groupBytes = (bitsPerSample / 8) * channels;
  return {
    channels,
    sampleRate,
    bytesPerSecond: sampleRate * groupBytes,
    silence: (intervals) => silenceBytes(inSamples(intervals, sampleRate), groupBytes, bitsPerSample === 8 ? 0x80 : 0),
  };
};

const codeOf = (layout: WavLayout): SampleCode | null => {
  const { codec, sampleRate, channels } = layout;
  if (sampleRate === 0) return null;
  if (codec === 'ALAW') return g711(alawSamples, alawSilence, sampleRate, channels);
  if (codec === 'ULAW') return g711(ulawSamples, ulawSilence, sampleRate, channels);
  if (codec === 'OKI_ADPCM') return channels === 1 ? vox(sampleRate) : null;
  return codec === 'PCM' || codec === 'FLOAT' ? linear(layout) : null;
};

const headerless: Partial<Record<AudioEncoding, SampleCode>> = {
  ALAW_8000: g711(alawSamples, alawSilence, 8000, 1),
  VOX_8000: vox(8000),
  VOX_6000: vox(6000),
};

/** Null for what is coded otherwise, such as MP3; `body` is then still to be read, from where it was. */
export const readSampledAudio = async (opened: OpenedMedia, body: Bytes): Promise<{ audio: SampledAudio | null; body: Bytes }> => {
  const plain = headerless[opened.encoding];
  if (plain) return { audio: { ...plain, start: 0, length: opened.byteLength, isMended: false, body }, body };
  if (opened.encoding !== 'WAV') return { audio: null, body };
  const { head, whole } = await readAhead(body, (bytes) => bytes.length > maxHeaderBytes || readWavLayout(bytes) !== 'MORE');
  const layout = readWavLayout(head);
  const code = layout === null || layout === 'MORE' ? null : codeOf(layout);
  if (code === null) return { audio: null, body: whole };
  const { dataStart, dataLength } = layout as WavLayout;
  const room = opened.byteLength === null ? null : Math.max(0, opened.byteLength - dataStart);
  const length = dataLength === null ? room : Math.min(dataLength, room ?? dataLength);
  const isMended = dataLength !== null && room !== null && room < dataLength;
  const mended = isMended ? withTrueLengths(whole, dataStart, room) : whole;
  return { audio: { ...code, start: dataStart, length, isMended, body: mended }, body: mended };
};
