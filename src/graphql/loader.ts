/** How one execution loads: in batches, and shown in slices. */
import DataLoader from 'dataloader';
import type { ReadContext } from '../domain/read/context.ts';
import type { View } from './view.ts';

/** The DataLoaders of one execution. */
interface Loaders {
  /** By name; each is made when it is first used. */
  made: Map<string, unknown>;
  /** The slice in which answers are shown now, and how many rows they hold. */
  shown: { slice: Promise<void> | null; rows: number };
  /** False in a stream: keys may then repeat in a batch, and each gets its own answer. */
  cache: boolean;
  /** Counts the keys that a loader gathered into one read. */
  measureBatch: ((loader: string, size: number) => void) | undefined;
}

export interface LoadContext {
  read: ReadContext;
  /** Makes instances of what the caller may see. */
  show: View;
  loaders: Loaders;
}

/** Loads one at a time. */
interface Loader<K, V> {
  load(key: K): Promise<V>;
}

interface Batch<K, V> {
  name: string;
  /** Tells the loader from others of the same name. */
  part?: string;
  cacheKey(key: K): string;
  /** Reads many, in the order of the keys. */
  load(keys: readonly K[]): Promise<readonly (V | Error)[]>;
  /** How many rows one answer holds; one where this is absent. */
  rowsOf?(value: V): number;
}

/** Rows that are shown within a few milliseconds. */
const rowsAtOnce = 200;
/** A row that live state holds is found and masked in the time of so many rows. */
const rowsOfLive = 10;

/** Resolves in a slice of the caller's. Those of one execution share slices, so that what they load next is loaded together. */
export const shareSlice = ({ loaders, read }: Pick<LoadContext, 'loaders' | 'read'>, rows: number): Promise<void> => {
  const { shown } = loaders;
  if (shown.slice === null || shown.rows + rows > rowsAtOnce) {
    shown.slice = read.slices.next(read.principal.name);
    shown.rows = 0;
  }
  shown.rows += rows;
  return shown.slice;
};

/** Does `work` at once, or in a later slice where this one has lasted long enough. Loaders are asked at once, so that their batches stay whole. */
export const inSlice = <T>(context: LoadContext, work: () => Promise<T> | T): Promise<T> | T =>
  context.read.slices.isOver() ? shareSlice(context, rowsOfLive).then(work) : work();

export const loaderOf = <K, V>(context: LoadContext, { name, part = '', cacheKey, load, rowsOf = () => 1 }: Batch<K, V>): Loader<K, V> => {
  const { loaders } = context;
  const id = `${name} ${part}`;
  const known = loaders.made.get(id);
  if (known !== undefined) return known as Loader<K, V>;
  const batches = new DataLoader<K, V, string>(
    (keys) => {
      loaders.measureBatch?.(name, keys.length);
      return load(keys);
    },
    { cache: loaders.cache, cacheKeyFn: cacheKey },
  );
  const loader: Loader<K, V> = {
    load: async (key) => {
      const value = await batches.load(key);
      await shareSlice(context, rowsOf(value));
      return value;
    },
  };
  loaders.made.set(id, loader);
  return loader;
};
