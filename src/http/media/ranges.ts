/** Byte ranges of RFC 9110: one at a time. */

export interface Part {
  start: number;
  /** Inclusive. */
  end: number;
}

/** What of `total` bytes a `Range` header asks for; the whole where it asks for several parts or cannot be read. */
export const partOf = (header: string | undefined, total: number): Part | 'WHOLE' | 'UNSATISFIABLE' => {
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'WHOLE';
  if (first === '') {
    const length = Math.min(Number(last), total);
    return length === 0 ? 'UNSATISFIABLE' : { start: total - length, end: total - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'WHOLE';
  if (start >= total) return 'UNSATISFIABLE';
  return { start, end: last === '' ? total - 1 : Math.min(Number(last), total - 1) };
};

const tags = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** Whether `If-None-Match` names what there is. */
export const isKnown = (header: string | undefined, etag: string | null): boolean =>
  header !== undefined && etag !== null && (header.trim() === '*' || tags(header).includes(etag));

/** Whether a `Range` may be honoured: only of the very bytes that the client has a part of. */
export const mayContinue = (ifRange: string | undefined, etag: string | null): boolean =>
  ifRange === undefined || (etag !== null && ifRange.trim() === etag);
