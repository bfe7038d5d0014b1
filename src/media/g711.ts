/** ITU-T G.711: each byte is a sample. */

const alawSample = (code: number): number => {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
};

const ulawSample = (code: number): number => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
};

const table = (sample: (code: number) => number): Int16Array => Int16Array.from({ length: 256 }, (_, code) => sample(code));

/** Samples of 16 bits by code. */
export const alawSamples = table(alawSample);
export const ulawSamples = table(ulawSample);

export const alawSilence = 0xd5;
export const ulawSilence = 0xff;
