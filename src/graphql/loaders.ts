/** Loads what is within the caller's reach, null for the rest, through the DataLoaders of one execution. */
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
import type { ControlCommand } from './command.ts';
import { inSlice, type LoadContext, loaderOf } from './loader.ts';
import type { Recording } from './recording.ts';

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

/** The request in whose name the ledger is read. */
type LedgerReader = LoadContext & { correlationId: string };

export const loadCommand = (context: LedgerReader, id: string): Promise<ControlCommand | null> => {
  const { read, show, correlationId } = context;
  return loaderOf<string, ControlCommand | null>(context, {
    name: 'command',
    cacheKey: String,
    load: async (ids) =>
      (await findCommands(read, ids, correlationId)).map((row) => (row === null || row instanceof Error ? row : show.command(row))),
  }).load(id);
};

export const loadCommandsOfBlackout = (context: LedgerReader, id: string): Promise<readonly ControlCommand[]> => {
  const { read, show, correlationId } = context;
  return loaderOf<string, readonly ControlCommand[]>(context, {
    name: 'commandsOfBlackout',
    cacheKey: String,
    load: async (ids) => (await commandsOfBlackouts(read, ids, correlationId)).map((rows) => rows.map(show.command)),
  }).load(id);
};

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
