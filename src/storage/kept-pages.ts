import type { Page, Pageable, PageRequest } from '../domain/ports/store.ts';

/** How many rows are kept of one table, about; a page without rows counts as one. */
const keptRows = 5000;

/** Keeps the pages that were read since the last commit: until there is another, a read would answer the same. */
export const keepPages = <T, F>(version: () => number, read: Pageable<T, F>['pages']): Pageable<T, F>['pages'] => {
  const kept = new Map<string, Page<T>>();
  let keptAt = Number.NaN;
  let rows = 0;

  const keep = (key: string, page: Page<T>) => {
    if (rows > keptRows) kept.clear();
    rows = (kept.size === 0 ? 0 : rows) + Math.max(1, page.items.length);
    kept.set(key, page);
  };

  return async (requests: readonly PageRequest<F>[]) => {
    // Looked at before the rows are: what is committed in between is kept too briefly, never too long.
    const readAt = version();
    if (readAt !== keptAt) kept.clear();
    keptAt = readAt;
    const keys = requests.map((request) => JSON.stringify(request));
    const known = keys.map((key) => kept.get(key));
    const missing = requests.filter((_, index) => known[index] === undefined);
    const pages = missing.length === 0 ? [] : await read(missing);
    let next = 0;
    return known.map((page, index) => {
      if (page !== undefined) return page;
      const fresh = pages[next++]!;
      if (readAt === keptAt) keep(keys[index]!, fresh);
      return fresh;
    });
  };
};
