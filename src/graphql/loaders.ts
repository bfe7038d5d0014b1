/** Loads what is within the caller's reach, null for the rest, through the DataLoaders of one execution. */
import DataLoader from 'dataloader';
import type * as entities from '../domain/model/entities.ts';
import type { SourceKey } from '../domain/model/entities.ts';
import { mapKey } from '../domain/model/ids.ts';
import type { PageRequest } from '../domain/ports/pages.ts';
import { findBlackouts } from '../domain/read/blackouts.ts';
import { findCalls, liveCall } from '../domain/read/calls.ts';
import { commandsOfBlackouts, findCommands } from '../domain/read/commands.ts';
import type { ReadContext } from '../domain/read/context.ts';
import { findAgentsById, findFreshAgent } from '../domain/read/find-agents.ts';
import { type LoadedPage, type ReadPage, type RequestedPage, readPage } from '../domain/read/pages.ts';
import { blackoutsOfRecordings, findRecordings, liveRecordingsOfCall, recordingsOfCalls } from '../domain/read/recordings.ts';
import { isWithinReach } from '../domain/read/sources.ts';
import type { Agent } from './agent.ts';
import type { Blackout } from './blackout.ts';
import type { Call } from './call.ts';
import type { Recording } from './recording.ts';
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
/** What live state holds is found and masked in the time of so many. */
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
const inSlice = <T>(context: LoadContext, work: () => Promise<T> | T): Promise<T> | T =>
  context.read.slices.isOver() ? shareSlice(context, rowsOfLive).then(work) : work();

const loaderOf = <K, V>(context: LoadContext, { name, part = '', cacheKey, load, rowsOf = () => 1 }: Batch<K, V>): Loader<K, V> => {
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

/**
 * Returns at once an agent of whom there was contact lately; rejects with what kept the vendor from answering. Each source has a loader of its
 * own, so that a vendor's failure is only its own.
 */
export const loadAgent = (context: LoadContext, key: SourceKey): Promise<Agent | null> | Agent | null => {
  const { read, show } = context;
  if (!isWithinReach(read, key.source)) return null;
  const { source, externalId } = key;
  const fresh = findFreshAgent(read, source, externalId);
  if (fresh !== undefined) return fresh && inSlice(context, () => show.agent(fresh));
  return loaderOf<string, Agent | null>(context, {
    name: 'agents',
    part: source,
    cacheKey: String,
    load: async (ids) => {
      const answers = await findAgentsById(read, source, ids);
      return answers.map((answer) => (answer === null || answer instanceof Error ? answer : show.agent(answer)));
    },
  }).load(externalId);
};

/** Returns at once a call that is going on. */
export const loadCall = (context: LoadContext, key: SourceKey): Promise<Call | null> | Call | null => {
  const { read, show } = context;
  if (!isWithinReach(read, key.source)) return null;
  const live = liveCall(read, key);
  if (live) return inSlice(context, () => show.call(live));
  return loaderOf<SourceKey, Call | null>(context, {
    name: 'call',
    cacheKey: mapKey,
    load: async (keys) => (await findCalls(read, keys)).map((call) => call && show.call(call)),
  }).load(key);
};

export const loadRecording = (context: LoadContext, key: SourceKey): Promise<Recording | null> => {
  const { read, show } = context;
  return loaderOf<SourceKey, Recording | null>(context, {
    name: 'recording',
    cacheKey: mapKey,
    load: async (keys) => (await findRecordings(read, keys)).map((recording) => recording && show.recording(recording)),
  }).load(key);
};

/** Returns at once those of a call that is going on, once they were read. */
export const loadRecordingsOfCall = (context: LoadContext, call: SourceKey): Promise<readonly Recording[]> | readonly Recording[] => {
  const { read, show } = context;
  if (!isWithinReach(read, call.source)) return [];
  const live = liveRecordingsOfCall(read, call);
  if (live) return inSlice(context, () => live.map(show.recording));
  return loaderOf<SourceKey, readonly Recording[]>(context, {
    name: 'recordingsOfCall',
    cacheKey: mapKey,
    load: async (calls) => (await recordingsOfCalls(read, calls)).map((recordings) => recordings.map(show.recording)),
    rowsOf: ({ length }) => length,
  }).load(call);
};

export const loadBlackout = (context: LoadContext, id: string): Promise<Blackout | null> => {
  const { read, show } = context;
  return loaderOf<string, Blackout | null>(context, {
    name: 'blackout',
    cacheKey: String,
    load: async (ids) => (await findBlackouts(read, ids)).map((blackout) => blackout && show.blackout(blackout)),
  }).load(id);
};

/** Loads the blackouts of the recorded agent that overlap the recording. */
export const loadBlackoutsOfRecording = (context: LoadContext, recording: entities.Recording): Promise<readonly entities.Blackout[]> =>
  loaderOf<entities.Recording, readonly entities.Blackout[]>(context, {
    name: 'blackoutsOfRecording',
    cacheKey: mapKey,
    load: (recordings) => blackoutsOfRecordings(context.read, recordings),
  }).load(recording);

/** Not masked yet: who sent it decides who may read it. */
export const loadCommand = (context: LoadContext, id: string): Promise<entities.ControlCommand | null> =>
  loaderOf<string, entities.ControlCommand | null>(context, {
    name: 'command',
    cacheKey: String,
    load: (ids) => findCommands(context.read, ids),
  }).load(id);

export const loadCommandsOfBlackout = (context: LoadContext, id: string): Promise<readonly entities.ControlCommand[]> =>
  loaderOf<string, readonly entities.ControlCommand[]>(context, {
    name: 'commandsOfBlackout',
    cacheKey: String,
    load: (ids) => commandsOfBlackouts(context.read, ids),
  }).load(id);

/** How the pages of a list are read, together with other pages of its kind, and how a list is counted. */
export interface PagedList<E, F> {
  name: string;
  read(context: ReadContext, requests: readonly PageRequest<F>[]): Promise<readonly LoadedPage<E>[]>;
  count(context: ReadContext, request: PageRequest<F>): Promise<number | null>;
}

export const loadPage = async <E, F extends object>(
  context: LoadContext,
  requested: RequestedPage<F>,
  { name, read, count }: PagedList<E, F>,
): Promise<ReadPage<E>> => {
  const loader = loaderOf<PageRequest<F>, LoadedPage<E>>(context, {
    name,
    cacheKey: JSON.stringify,
    load: (requests) => read(context.read, requests),
    rowsOf: ({ page }) => page.items.length,
  });
  return readPage(requested, await loader.load(requested.request), () => count(context.read, requested.request));
};
