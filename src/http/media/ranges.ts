/** Byte ranges of RFC 9110: one at a time. */
import { parse, type Range } from 'range-parser';

export type { Range } from 'range-parser';

/** Returns what of `total` bytes a `Range` header asks for; the whole where it asks for several parts or cannot be read. */
export const rangeOf = (header: string | undefined, total: number): Range | 'WHOLE' | 'UNSATISFIABLE' => {
  const { code, type, ranges } = parse(total, header ?? '');
  if (type !== 'bytes') return 'WHOLE';
  if (ranges.length === 1 && code === 0) return ranges[0]!;
  return code === 2 && ranges.length === 0 ? 'UNSATISFIABLE' : 'WHOLE';
};

const tags = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** Returns whether `If-None-Match` names what there is. The package `fresh` sends all again to a browser's fetch, which adds no-cache. */
export const isKnown = (header: string | undefined, etag: string | null): boolean =>
  header !== undefined && etag !== null && (header.trim() === '*' || tags(header).includes(etag));

/** Returns whether a `Range` may be honoured: only of the very bytes that the client has a part of. */
export const mayContinue = (ifRange: string | undefined, etag: string | null): boolean =>
  ifRange === undefined || (etag !== null && ifRange.trim() === etag);
