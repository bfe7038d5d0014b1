/** Reads recordings: those that run from live state, the others from the store, after the vendors' lists where those are too old. */
import { timeSpanOf } from '../model/blackout-intervals.ts';
import type { Blackout, Recording, SourceKey } from '../model/entities.ts';
import type { PageRequest, RecordingFilter } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { countInTurn } from './counts.ts';
import { liveOrStored } from './live-or-stored.ts';
import { type ListRequest, type LoadedPage, pageRequest, type RequestedPage, type SourceFailure } from './pages.ts';
import { inParts, rowsOfPage } from './parts.ts';
import { refreshRecordings, refreshSource } from './refresh.ts';
import { forEachSource, narrowFilter } from './sources.ts';

/** Names the sources whose vendors may list recordings. */
type SourcesRecordings = RecordingFilter & { sources: readonly string[] };

/** Checks which recordings are wanted, and brings their sources up to date. */
export const requestRecordings = async (
  context: ReadContext,
  { filter, page, owner }: ListRequest<RecordingFilter>,
): Promise<RequestedPage<SourcesRecordings>> => {
  const entityType = 'recordings';
  const wanted = narrowFilter(context, filter, owner);
  const request = pageRequest<SourcesRecordings>(context, { entityType, filter: wanted }, page);
  const failures = wanted.agent ? [] : await forEachSource(wanted.sources, (source) => refreshSource(context, source));
  return { entityType, request, failures };
};

/** Lists recordings at each source once for all pages: of everyone where one of them wants everyone's. */
const refreshListed = (context: ReadContext, requests: readonly PageRequest<SourcesRecordings>[]): Promise<readonly SourceFailure[]> => {
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
  return forEachSource([...wanted.keys()], async (source) => {
    const agents = wanted.get(source);
    await refreshRecordings(context, source, agents ? [...agents] : null);
  });
};

/** Reads the pages of many lists, in order. */
export const readRecordingPages = async (
  context: ReadContext,
  requests: readonly PageRequest<SourcesRecordings>[],
): Promise<readonly LoadedPage<Recording>[]> => {
  const failures = await refreshListed(context, requests);
  const pages = await inParts(context, requests, { rowsOf: rowsOfPage, read: context.store.recordings.pages });
  return pages.map((page, index) => ({
    page,
    failures: failures.filter(({ source }) => requests[index]!.filter.sources.includes(source)),
  }));
};

export const countRecordings = (context: ReadContext, { filter }: PageRequest<RecordingFilter>): Promise<number | null> =>
  countInTurn(context, (max) => context.store.recordings.count(filter, max));

export const findRecordings = (context: ReadContext, keys: readonly SourceKey[]): Promise<readonly (Recording | null)[]> =>
  liveOrStored(context, keys, { live: context.liveState.recording, stored: context.store.recordings.byKeys });

/** Returns the recordings of a call that is going on, where live state holds them. */
export const liveRecordingsOfCall = ({ liveState }: ReadContext, call: SourceKey): readonly Recording[] | null =>
  liveState.recordingsOfCall(call);

/** As far as one knows before they are read. */
const usualRecordingsOfCall = 2;

/** Returns the recordings of many calls, in the order of the calls; none of a call out of reach. Those of calls that go on are kept live. */
export const recordingsOfCalls = async (context: ReadContext, calls: readonly SourceKey[]): Promise<readonly (readonly Recording[])[]> => {
  const { store, sources, liveState } = context;
  const position = liveState.position();
  const lists = await inParts(context, calls, { rowsOf: () => usualRecordingsOfCall, read: store.recordings.ofCalls });
  return lists.map((recordings, index) => {
    const call = calls[index]!;
    if (!sources.has(call.source)) return [];
    liveState.keepRecordingsOfCall(call, recordings, position);
    return recordings;
  });
};

/** Returns the blackouts of the recorded agents that overlap the recordings, in the order of the recordings. */
export const blackoutsOfRecordings = (
  { store }: ReadContext,
  recordings: readonly Recording[],
): Promise<readonly (readonly Blackout[])[]> =>
  store.blackouts.overlapping(
    recordings.map((recording) => {
      const { from, to } = timeSpanOf(recording);
      const agent = { source: recording.source, externalId: recording.agent ?? '' };
      // Where it is not known when the recording began, no part of it can be named: the span finds nothing.
      return { agent, from: recording.startedAt === null ? (recording.endedAt ?? '9999-12-31T23:59:59.999Z') : from, to };
    }),
  );
