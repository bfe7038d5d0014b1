/** Pages that several requests ask for at the same time, read from the store once. */
import type { Page, Pageable, PageRequest, Store } from '../domain/ports/store.ts';

/** A request with its text, which tells the same page from others. */
export interface KeyedRequest<F> {
  request: PageRequest<F>;
  key: string;
}

export const keyed = <F>(request: PageRequest<F>): KeyedRequest<F> => ({ request, key: JSON.stringify(request) });

type ReadKeyed<T, F> = (requests: readonly KeyedRequest<F>[]) => Promise<readonly Page<T>[]>;
type PagesOf<Table> = Table extends Pageable<infer T, infer F> ? ReadKeyed<T, F> : never;

export type SharedPages = { [Noun in 'calls' | 'recordings' | 'blackouts']: PagesOf<Store[Noun]> };

interface Batch<T, F> {
  requests: PageRequest<F>[];
  /** By the key of a request, where in `requests` it is. */
  places: Map<string, number>;
  pages: Promise<readonly Page<T>[]>;
}

/** Runs after every promise that is settled already has told whoever waits for it. */
const afterPromises = () => new Promise<void>((resolve) => Promise.resolve().then(() => process.nextTick(resolve)));

/**
 * What is asked for until no promise has anything left to tell is one read, and every page in it is read once. The read begins after the
 * last of them has asked, so nobody is shown less than what was committed before. Where it fails, each asks anew for what is its own: a
 * page that cannot be read is no reason to tell the others so. DataLoader would make several promises a page, where a list of lists asks
 * for hundreds.
 */
export const readTogether = <T, F>(read: Pageable<T, F>['pages']): ReadKeyed<T, F> => {
  let batch: Batch<T, F> | null = null;
  const open = (): Batch<T, F> => {
    const requests: PageRequest<F>[] = [];
    const pages = afterPromises().then(() => {
      batch = null;
      return read(requests);
    });
    return { requests, places: new Map(), pages };
  };
  return async (wanted) => {
    batch ??= open();
    const { requests, places, pages } = batch;
    const own = wanted.map(({ request, key }) => {
      const place = places.get(key) ?? requests.push(request) - 1;
      places.set(key, place);
      return place;
    });
    try {
      const all = await pages;
      return own.map((place) => all[place]!);
    } catch (error) {
      if (new Set(own).size === requests.length) throw error;
      return read(wanted.map(({ request }) => request));
    }
  };
};

export const sharePages = ({ calls, recordings, blackouts }: Store): SharedPages => ({
  calls: readTogether(calls.pages),
  recordings: readTogether(recordings.pages),
  blackouts: readTogether(blackouts.pages),
});
