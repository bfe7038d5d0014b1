/** Transforms chunks of samples: decoding, and silence in the given intervals. Each transform counts its samples. */
import { decodeNibble, encodeNibble, startOfVox } from './vox.ts';

export type ChangeChunk = (chunk: Uint8Array) => Uint8Array;
/** Counted in units (bytes, frames or samples, as the user says), in order and apart from each other. */
type Intervals = readonly { from: number; to: number }[];

const bytesOf = (samples: Int16Array): Uint8Array => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

/** Returns true if a unit lies in an interval, for units asked in order. */
const silentAt = (intervals: Intervals) => {
  let next = 0;
  return (unit: number): boolean => {
    while (next < intervals.length && unit >= intervals[next]!.to) next += 1;
    return next < intervals.length && unit >= intervals[next]!.from;
  };
};

/** Overwrites bytes; the intervals are in groups of `groupBytes`. */
export const silenceBytes = (intervals: Intervals, groupBytes: number, silence: number): ChangeChunk => {
  let at = 0;
  return (chunk) => {
    const start = at;
    at += chunk.length;
    const touched = intervals.filter(({ from, to }) => from * groupBytes < at && to * groupBytes > start);
    if (touched.length === 0) return chunk;
    const copy = Uint8Array.from(chunk);
    for (const { from, to } of touched)
      copy.fill(silence, Math.max(0, from * groupBytes - start), Math.min(copy.length, to * groupBytes - start));
    return copy;
  };
};

/** To 16-bit PCM by a table of 256 samples; the intervals are in samples of all `channels` together. */
export const decodeByTable = (table: Int16Array, channels: number, intervals: Intervals): ChangeChunk => {
  const silence = silenceBytes(intervals, channels * 2, 0);
  return (chunk) => {
    const samples = new Int16Array(chunk.length);
    for (let index = 0; index < chunk.length; index += 1) samples[index] = table[chunk[index]!]!;
    return silence(bytesOf(samples));
  };
};

/** To 16-bit PCM. The decoder also reads what is silenced, so that what follows it is exact. */
export const decodeVox = (intervals: Intervals): ChangeChunk => {
  const state = startOfVox();
  const silence = silenceBytes(intervals, 2, 0);
  return (chunk) => {
    const samples = new Int16Array(chunk.length * 2);
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      samples[2 * index] = decodeNibble(state, byte >> 4);
      samples[2 * index + 1] = decodeNibble(state, byte & 15);
    }
    return silence(bytesOf(samples));
  };
};

/**
 * ADPCM codes steps, so that its silence is coded anew: as steps back to zero, and after it as the steps that come nearest to what
 * was there, until a decoder stands where the original's would. From there on the bytes are the original ones again.
 */
export const silenceVox = (intervals: Intervals): ChangeChunk => {
  const original = startOfVox();
  const written = startOfVox();
  const isSilent = silentAt(intervals);
  let unit = 0;
  const next = (nibble: number): number => {
    const agree = original.sample === written.sample && original.step === written.step;
    const target = decodeNibble(original, nibble);
    const silent = isSilent(unit++);
    if (silent) return encodeNibble(written, 0);
    if (!agree) return encodeNibble(written, target);
    decodeNibble(written, nibble);
    return nibble;
  };
  return (chunk) => chunk.map((byte) => (next(byte >> 4) << 4) | next(byte & 15));
};
