/** Small, real audio for the simulated vendors: players play it, and decoders find nothing to complain about. */

const mp3SampleRate = 16_000;
const mp3FrameSamples = 576;
const mp3FrameBytes = 36;
/** MPEG-2 layer III, no CRC, 8 kbit/s, 16 kHz, mono. */
const mp3Header = [0xff, 0xf3, 0x18, 0xc0];

const toBytes = (bits: string, length: number): number[] =>
  Array.from({ length }, (_, index) => Number.parseInt(bits.slice(index * 8, index * 8 + 8).padEnd(8, '0'), 2));
const bits = (value: number, width: number): string => value.toString(2).padStart(width, '0');

/** One frame in which a single spectral line is not zero: Huffman table 1 codes a pair of zeros as 1, a lone second one as 001. */
const mp3Frame = (line: number, negative: boolean): number[] => {
  const pairs = Math.floor(line / 2) + 1;
  const lone = line % 2 === 0 ? '01' : '001';
  const main = `${'1'.repeat(pairs - 1)}${lone}${negative ? '1' : '0'}`;
  const globalGain = 206;
  const side = [
    bits(0, 8 + 1), // main_data_begin, private_bits
    bits(main.length, 12),
    bits(pairs, 9),
    bits(globalGain, 8),
    bits(0, 9 + 1), // scalefac_compress, window_switching_flag
    bits(1, 5).repeat(3),
    bits(0, 4 + 3 + 1 + 1), // region counts, scalefac_scale, count1table_select
  ].join('');
  return [...mp3Header, ...toBytes(side, 9), ...toBytes(main, mp3FrameBytes - 4 - 9)];
};

/** An MP3 of a steady tone, 1000 bytes a second. */
export const toneMp3 = (seconds: number, hertz = 440): Buffer => {
  const line = Math.min(300, Math.max(0, Math.round(hertz / (mp3SampleRate / 2 / mp3FrameSamples) - 0.5)));
  const frames = Math.max(1, Math.ceil((seconds * mp3SampleRate) / mp3FrameSamples));
  // The transform's phase turns by a quarter each frame: two frames up, two down keep the tone steady.
  return Buffer.from(Array.from({ length: frames }, (_, index) => mp3Frame(line, index % 4 >= 2)).flat());
};

/** G.711 A-law of a 13-bit-range linear sample in -1 to 1. */
const alaw = (value: number): number => {
  const sign = value < 0 ? 0 : 0x80;
  const magnitude = Math.min(4095, Math.floor(Math.abs(value) * 4096));
  const exponent = magnitude < 32 ? 0 : Math.floor(Math.log2(magnitude)) - 4;
  const mantissa = exponent === 0 ? magnitude >> 1 : (magnitude >> exponent) & 0x0f;
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
};

/** Raw G.711 A-law, 8000 bytes a second, of a tone at a third of full scale. */
export const toneAlaw = (seconds: number, hertz = 440): Buffer =>
  Buffer.from(
    Array.from({ length: Math.max(1, Math.round(seconds * 8000)) }, (_, index) => alaw(Math.sin((2 * Math.PI * hertz * index) / 8000) / 3)),
  );
