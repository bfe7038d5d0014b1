/** DataLoaders of one execution: agents one a source, so that a vendor's failure is only its own; the rest over the one store. */
import DataLoader from 'dataloader';
import type * as entities from '../domain/model/entities.ts';
import type { SourceKey } from '../domain/model/entities.ts';
import { mapKey } from '../domain/model/ids.ts';
import type { BlackoutFilter, CallFilter, PageRequest } from '../domain/ports/store.ts';
import { findBlackouts, readBlackoutPages } from '../domain/read/blackouts.ts';
import { findCalls, liveCall, readCallPages } from '../domain/read/calls.ts';
import { commandsOfBlackouts, findCommands } from '../domain/read/commands.ts';
import type { ReadContext } from '../domain/read/context.ts';
import { findAgentsById, findFreshAgent } from '../domain/read/find-agents.ts';
import type { LoadedPage } from '../domain/read/pages.ts';
import {
  blackoutsOfRecordings,
  findRecordings,
  liveRecordingsOfCall,
  readRecordingPages,
  recordingsOfCalls,
  type SourcesRecordings,
} from '../domain/read/recordings.ts';
import type { Agent } from './agent.ts';
import type { Blackout } from './blackout.ts';
import type { Call } from './call.ts';
import type { Recording } from './recording.ts';
import type { View } from './view.ts';

export interface PageLoader<T, F> {
  load(request: PageRequest<F>): Promise<LoadedPage<T>>;
}

/** Loads rows within the caller's reach; null for the others. */
export interface Loaders {
  /** Returns at once an agent of whom was heard lately; rejects with what kept the vendor from answering. */
  agent(key: SourceKey): Promise<Agent | null> | Agent | null;
  /** Returns at once a call that is going on. */
  call(key: SourceKey): Promise<Call | null> | Call | null;
  recording: DataLoader<SourceKey, Recording | null, string>;
  /** Returns at once those of a call that is going on, once they were read. */
  recordingsOfCall(call: SourceKey): Promise<readonly Recording[]> | readonly Recording[];
  blackout: DataLoader<string, Blackout | null>;
  /** Not masked yet: who sent it decides who may read it. */
  command: DataLoader<string, entities.ControlCommand | null>;
  commandsOfBlackout: DataLoader<string, readonly entities.ControlCommand[]>;
  /** Loads the blackouts of the recorded agent that overlap the recording. */
  blackoutsOfRecording: DataLoader<entities.Recording, readonly entities.Blackout[], string>;
  callPages: PageLoader<entities.Call, CallFilter>;
  recordingPages: PageLoader<entities.Recording, SourcesRecordings>;
  blackoutPages: PageLoader<entities.Blackout, BlackoutFilter>;
}

export interface LoaderOptions {
  /** False in a stream: keys may then repeat in a batch, and each gets its own answer. */
  cache: boolean;
  /** Counts the keys that a loader gathered into one read. */
  measureBatch?: ((loader: string, size: number) => void) | undefined;
}

export const createLoaders = (read: ReadContext, show: View, { cache, measureBatch }: LoaderOptions): Loaders => {
  const batched = <K, V, C = K>(
    name: string,
    load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>,
    cacheKeyFn?: (key: K) => C,
  ): DataLoader<K, V, C> =>
    new DataLoader<K, V, C>(
      (keys) => {
        measureBatch?.(name, keys.length);
        return load(keys);
      },
      cacheKeyFn ? { cache, cacheKeyFn } : { cache },
    );
  const byKey = <K extends SourceKey, V>(name: string, load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>) =>
    batched<K, V, string>(name, load, mapKey);
  const pages = <T, F>(name: string, load: (requests: readonly PageRequest<F>[]) => Promise<readonly LoadedPage<T>[]>): PageLoader<T, F> =>
    batched<PageRequest<F>, LoadedPage<T>, string>(name, load, JSON.stringify);

  const agentsOf = new Map<string, DataLoader<string, Agent | null>>();
  const agents = (source: string): DataLoader<string, Agent | null> => {
    const known = agentsOf.get(source);
    if (known) return known;
    const loader = batched<string, Agent | null>('agents', async (ids) => {
      const answers = await findAgentsById(read, source, ids);
      return answers.map((answer) => (answer === null || answer instanceof Error ? answer : show.agent(answer)));
    });
    agentsOf.set(source, loader);
    return loader;
  };

  const isWithinReach = ({ source }: SourceKey) => read.sources.has(source);
  const calls = byKey<SourceKey, Call | null>('call', async (keys) => (await findCalls(read, keys)).map((call) => call && show.call(call)));
  const ofCalls = byKey<SourceKey, readonly Recording[]>('recordingsOfCall', async (keys) =>
    (await recordingsOfCalls(read, keys)).map((recordings) => recordings.map(show.recording)),
  );
  return {
    agent: (key) => {
      if (!isWithinReach(key)) return null;
      const fresh = findFreshAgent(read, key.source, key.externalId);
      return fresh === undefined ? agents(key.source).load(key.externalId) : fresh && show.agent(fresh);
    },
    call: (key) => {
      if (!isWithinReach(key)) return null;
      const live = liveCall(read, key);
      return live ? show.call(live) : calls.load(key);
    },
    recording: byKey<SourceKey, Recording | null>('recording', async (keys) =>
      (await findRecordings(read, keys)).map((recording) => recording && show.recording(recording)),
    ),
    recordingsOfCall: (call) => {
      if (!isWithinReach(call)) return [];
      const live = liveRecordingsOfCall(read, call);
      return live ? live.map(show.recording) : ofCalls.load(call);
    },
    blackout: batched<string, Blackout | null>('blackout', async (ids) =>
      (await findBlackouts(read, ids)).map((blackout) => blackout && show.blackout(blackout)),
    ),
    command: batched('command', (ids: readonly string[]) => findCommands(read, ids)),
    commandsOfBlackout: batched('commandsOfBlackout', (ids: readonly string[]) => commandsOfBlackouts(read, ids)),
    blackoutsOfRecording: byKey('blackoutsOfRecording', (recordings: readonly entities.Recording[]) =>
      blackoutsOfRecordings(read, recordings),
    ),
    callPages: pages('callPages', (requests: readonly PageRequest<CallFilter>[]) => readCallPages(read, requests)),
    recordingPages: pages('recordingPages', (requests: readonly PageRequest<SourcesRecordings>[]) => readRecordingPages(read, requests)),
    blackoutPages: pages('blackoutPages', (requests: readonly PageRequest<BlackoutFilter>[]) => readBlackoutPages(read, requests)),
  };
};
