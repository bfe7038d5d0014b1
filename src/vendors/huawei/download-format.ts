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
/** Of less than this a rounded second is too much. */
const shortestMs = 3_000;

const fits = (format: Format, bytes: number, durationMs: number): boolean => {
  const rate = bytesPerSecond[format];
  return rate !== undefined && Math.abs(bytes / (durationMs / 1000) / rate - 1) <= tolerance;
};

/**
 * The format of a headerless file: the one that is set, unless the file is far too long or short for it and just right for another. The length or
 * the duration may be unknown.
 */
export const formatOf = (set: Format, bytes: number | null, durationMs: number | null): Format => {
  if (bytes === null || durationMs === null || durationMs < shortestMs || fits(set, bytes, durationMs)) return set;
  const others = (Object.keys(bytesPerSecond) as Format[]).filter((format) => fits(format, bytes, durationMs));
  return others.length === 1 ? others[0]! : set;
};
