/** DataLoaders of one execution: agents one a source, so that a vendor's failure is only its own; the rest over the one store. */
import DataLoader from 'dataloader';
import { timeSpanOf } from '../domain/blackout/intervals.ts';
import type * as entities from '../domain/model/entities.ts';
import type { SourceKey } from '../domain/model/entities.ts';
import { mapKey } from '../domain/model/ids.ts';
import type { BlackoutFilter, CallFilter, Page, PageRequest, RecordingFilter } from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { gather, type SourceFailure } from '../domain/read/connections.ts';
import type { Agent } from './agent.ts';
import type { Blackout } from './blackout.ts';
import type { Call } from './call.ts';
import type { GraphServices } from './context.ts';
import type { Recording } from './recording.ts';
import type { View } from './view.ts';

/** A page read together with others, and what kept a source from bringing it up to date. */
export interface LoadedPage<T> {
  page: Page<T>;
  failures: readonly SourceFailure[];
}

export interface PageLoader<T, F> {
  load(request: PageRequest<F>): Promise<LoadedPage<T>>;
}

/** Of these sources, whose vendors may list recordings. */
type SourcesRecordings = RecordingFilter & { sources: readonly string[] };

/** Answers at once from memory where it can. */
export interface HeldLoader<T> {
  load(key: SourceKey): Promise<T> | T;
}

export interface Loaders {
  /** Null for an agent that is unknown or out of reach; rejects with what kept the vendor from telling. */
  agent(key: SourceKey): Promise<Agent | null>;
  call: HeldLoader<Call | null>;
  recording: DataLoader<SourceKey, Recording | null, string>;
  recordingsOfCall: DataLoader<SourceKey, readonly Recording[], string>;
  blackout: DataLoader<string, Blackout | null>;
  /** Not yet masked: whose it is decides who may read it. */
  command: DataLoader<string, entities.ControlCommand | null>;
  commandsOfBlackout: DataLoader<string, readonly entities.ControlCommand[]>;
  /** Blackouts that overlap a recording of an agent. */
  blackoutsOfRecording: DataLoader<entities.Recording, readonly entities.Blackout[], string>;
  callPages: PageLoader<entities.Call, CallFilter>;
  recordingPages: PageLoader<entities.Recording, SourcesRecordings>;
  blackoutPages: PageLoader<entities.Blackout, BlackoutFilter>;
}

/** Stream contexts load without a cache: keys may then repeat in a batch, and each gets its own answer. */
export const createLoaders = (
  services: GraphServices,
  sources: ReadonlyMap<string, VendorSource>,
  show: View,
  { cache, sinceMs }: { cache: boolean; sinceMs: number | undefined },
): Loaders => {
  const { store, liveState, reads } = services;
  const options = { cache, cacheKeyFn: mapKey };
  const gathering = <K, V, C = K>(name: string, read: DataLoader.BatchLoadFn<K, V>, given?: DataLoader.Options<K, V, C>) =>
    new DataLoader<K, V, C>((keys) => {
      services.measureBatch?.(name, keys.length);
      return read(keys);
    }, given);
  const paging = <T, F>(name: string, read: DataLoader.BatchLoadFn<PageRequest<F>, LoadedPage<T>>): PageLoader<T, F> =>
    gathering<PageRequest<F>, LoadedPage<T>, string>(name, read, { cache, cacheKeyFn: JSON.stringify });
  const orNull = <E, T>(entity: E | null, show: (entity: E) => T): T | null => (entity === null ? null : show(entity));
  const agentLoaders = new Map<string, DataLoader<string, Agent | null>>();

  const agentsOf = (source: string): DataLoader<string, Agent | null> => {
    const known = agentLoaders.get(source);
    if (known) return known;
    const loader = gathering<string, Agent | null>(
      'agents',
      async (ids) => {
        const answers = await reads.agentsById(source, ids, sinceMs);
        return answers.map((answer) => (answer instanceof Error ? answer : orNull(answer, show.agent)));
      },
      { cache },
    );
    agentLoaders.set(source, loader);
    return loader;
  };

  const reachable = <T>(keys: readonly SourceKey[], rows: readonly (T | null)[]): (T | null)[] =>
    rows.map((row, index) => (sources.has(keys[index]!.source) ? row : null));

  /** Live rows from memory, the rest from the store, what the store lacks from a vendor that can be asked for it. */
  const callsByKeys = async (keys: readonly SourceKey[]): Promise<(entities.Call | null)[]> => {
    const held = keys.map((key) => liveState.call(key));
    const missing = keys.filter((_, index) => held[index] === null);
    if (missing.length === 0) return held;
    const stored = await store.calls.byKeys(missing);
    const found = new Map(missing.map((key, index) => [mapKey(key), stored[index] ?? null]));
    return keys.map((key, index) => held[index] ?? found.get(mapKey(key)) ?? null);
  };

  const recordingsByKeys = async (keys: readonly SourceKey[]): Promise<(entities.Recording | null)[]> => {
    const held = keys.map((key) => liveState.recording(key));
    const missing = keys.filter((_, index) => held[index] === null);
    if (missing.length === 0) return held;
    const stored = await store.recordings.byKeys(missing);
    const found = new Map(missing.map((key, index) => [mapKey(key), stored[index] ?? null]));
    return keys.map((key, index) => held[index] ?? found.get(mapKey(key)) ?? null);
  };

  const recordingsOfCalls = async (keys: readonly SourceKey[]): Promise<(readonly Recording[])[]> => {
    const lists = await store.recordings.ofCalls(keys);
    return lists.map((rows, index) => (sources.has(keys[index]!.source) ? rows.map(show.recording) : []));
  };

  /** What is in memory takes no turn of the loop, and is what a loader would answer. */
  const heldFirst = <T>(held: (key: SourceKey) => T | null, loader: DataLoader<SourceKey, T, string>): HeldLoader<T> => ({
    load: (key) => (sources.has(key.source) ? held(key) : null) ?? loader.load(key),
  });

  return {
    agent: (key) => (sources.has(key.source) ? agentsOf(key.source).load(key.externalId) : Promise.resolve(null)),
    call: heldFirst<Call | null>(
      (key) => orNull(liveState.call(key), show.call),
      gathering('call', async (keys) => reachable(keys, await callsByKeys(keys)).map((row) => orNull(row, show.call)), options),
    ),
    recording: gathering(
      'recording',
      async (keys) => reachable(keys, await recordingsByKeys(keys)).map((row) => orNull(row, show.recording)),
      options,
    ),
    recordingsOfCall: gathering('recordingsOfCall', recordingsOfCalls, options),
    blackout: gathering(
      'blackout',
      async (ids) => (await store.blackouts.byIds(ids)).map((row) => (row && sources.has(row.source) ? show.blackout(row) : null)),
      { cache },
    ),
    command: gathering(
      'command',
      async (ids) => (await store.commands.byIds(ids)).map((row) => (row && sources.has(row.source) ? row : null)),
      {
        cache,
      },
    ),
    commandsOfBlackout: gathering('commandsOfBlackout', (ids) => store.commands.ofBlackouts(ids).then((rows) => [...rows]), { cache }),
    blackoutsOfRecording: gathering<entities.Recording, readonly entities.Blackout[], string>(
      'blackoutsOfRecording',
      async (recordings) => {
        const spans = recordings.map((recording) => ({
          agent: { source: recording.source, externalId: recording.agent ?? '' },
          ...timeSpanOf(recording),
          ...(recording.startedAt === null ? { from: recording.endedAt ?? '9999-12-31T23:59:59.999Z' } : {}),
        }));
        return [...(await store.blackouts.overlapping(spans))];
      },
      { cache, cacheKeyFn: mapKey },
    ),
    callPages: paging('callPages', async (requests) => (await store.calls.pages(requests)).map((page) => ({ page, failures: [] }))),
    recordingPages: paging('recordingPages', async (requests) => {
      const failures = await refreshRecordings(services, requests);
      const read = await store.recordings.pages(requests);
      return read.map((page, index) => ({
        page,
        failures: failures.filter(({ source }) => requests[index]!.filter.sources.includes(source)),
      }));
    }),
    blackoutPages: paging('blackoutPages', async (requests) =>
      (await store.blackouts.pages(requests)).map((page) => ({ page, failures: [] })),
    ),
  };
};

/** One listing a source for all the pages of a batch: of everyone when one of them asks for everyone. */
const refreshRecordings = (
  services: GraphServices,
  requests: readonly PageRequest<SourcesRecordings>[],
): Promise<readonly SourceFailure[]> => {
  const wanted = new Map<string, Set<string> | null>();
  for (const { filter } of requests) {
    for (const source of filter.sources) {
      if (filter.agent) {
        if (wanted.get(source) === null) continue;
        const agents = wanted.get(source) ?? new Set<string>();
        wanted.set(source, agents.add(filter.agent.externalId));
      } else wanted.set(source, null);
    }
  }
  return gather([...wanted.keys()], async (source) => {
    const agents = wanted.get(source);
    await services.reads.refreshRecordings(source, agents ? [...agents] : null);
  });
};
