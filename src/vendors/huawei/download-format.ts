/** The coding of files without a header. Pure. */
import type { AudioEncoding } from '../kit/index.ts';
import type { HuaweiSettings } from './settings.ts';

type Format = HuaweiSettings['downloadFormat'];

/** A headerless download is coded as the site's setting says, not as its events say. */
export const encodings: Readonly<Record<Format, AudioEncoding>> = {
  ALAW: 'ALAW_8000',
  WAV: 'WAV',
  MP3: 'MP3',
  VOX_8000: 'VOX_8000',
  VOX_6000: 'VOX_6000',
};

const bytesPerSecond: Readonly<Partial<Record<Format, number>>> = { ALAW: 8000, VOX_8000: 4000, VOX_6000: 3000 };
/** Files are a little longer or shorter than their events say; the codings differ by a third at least. */
const tolerance = 0.12;
/** Begin and end may be in whole seconds, each cut off. */
const roundedMs = 1_000;

/** By how many ms the file would be longer or shorter than it is; null where it is not coded so. */
const missBy = (format: Format, bytes: number, durationMs: number): number | null => {
  const rate = bytesPerSecond[format];
  if (rate === undefined) return null;
  const missMs = Math.abs((bytes / rate) * 1000 - durationMs);
  return missMs <= tolerance * durationMs || missMs < roundedMs ? missMs : null;
};

/**
 * The format of a headerless file: the one that is set, unless the file is far too long or short for it and right for another. The length or the
 * duration may be unknown.
 */
export const formatOf = (set: Format, bytes: number | null, durationMs: number | null): Format => {
  if (bytes === null || durationMs === null || missBy(set, bytes, durationMs) !== null) return set;
  const others = (Object.keys(bytesPerSecond) as Format[]).flatMap((format) => {
    const missMs = missBy(format, bytes, durationMs);
    return missMs === null ? [] : [{ format, missMs }];
  });
  return others.toSorted((left, right) => left.missMs - right.missMs)[0]?.format ?? set;
};

/** Returns true if the length of a headerless file fits its duration in a format, as far as both are known. */
export const isPlausible = (format: Format, bytes: number | null, durationMs: number | null): boolean =>
  bytes === null || durationMs === null || bytesPerSecond[format] === undefined || missBy(format, bytes, durationMs) !== null;
