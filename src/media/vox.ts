/**
 * Dialogic (OKI) ADPCM: two samples a byte, the high nibble first, each a step from the sample before it. Its 12 bits are kept as the
 * upper ones of 16, and clipped at 16 as sox does, so that a decoded file is sample for sample what sox makes of it.
 */

const steps = Int16Array.from([
  16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279,
  307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552,
]);
const stepChanges = [-1, -1, -1, -1, 2, 4, 6, 8];
const lastStep = steps.length - 1;

interface VoxState {
  /** The last sample, of 16 bits. */
  sample: number;
  /** Index of the step size. */
  step: number;
}

export const startOfVox = (): VoxState => ({ sample: 0, step: 0 });

/** Takes one nibble in and gives the sample, of 16 bits. */
export const decodeNibble = (state: VoxState, nibble: number): number => {
  const change = ((steps[state.step]! * (((nibble & 7) << 1) | 1)) >> 3) << 4;
  const sample = nibble & 8 ? state.sample - change : state.sample + change;
  state.sample = Math.max(-32_768, Math.min(32_767, sample));
  state.step = Math.max(0, Math.min(lastStep, state.step + stepChanges[nibble & 7]!));
  return state.sample;
};

/** The nibble that comes nearest to a sample of 16 bits; the state moves on as the decoder's will. */
export const encodeNibble = (state: VoxState, target: number): number => {
  const difference = target - state.sample;
  const magnitude = Math.min(7, Math.floor(Math.abs(difference) / 4 / steps[state.step]!));
  const nibble = difference < 0 ? magnitude | 8 : magnitude;
  decodeNibble(state, nibble);
  return nibble;
};
