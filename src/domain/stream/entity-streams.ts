/** The streams of clients: what matches now, then each change. */

import type { Agent, Blackout, Call, Recording, SourceKey } from '../model/entities.ts';
import type { LiveEvent } from '../model/events.ts';
import type { AgentFilter, BlackoutFilter, CallFilter, RecordingFilter } from '../ports/pages.ts';
import { agentMatcher } from '../read/agents.ts';
import type { ReadContext } from '../read/context.ts';
import { matchesBlackout, matchesCall, matchesRecording } from '../read/matching.ts';
import { refreshSource } from '../read/refresh.ts';
import { forEachSource, isWithinReach, narrowFilter } from '../read/sources.ts';
import { openStream, type StreamEvent } from './snapshot-then-events.ts';

/** Brings the snapshot up to date; a source that cannot answer appears as last reported. */
const refreshAll = async (context: ReadContext, sources: readonly string[]): Promise<void> => {
  await forEachSource(sources, (source) => refreshSource(context, source));
};

interface WantedAgents {
  filter: AgentFilter | null;
  /** Narrows the stream to these; null for all that pass the filter. */
  agents: readonly SourceKey[] | null;
}

/** `after` is the position or id of an event, or null, here and below. */
export const streamAgents = (
  context: ReadContext,
  { filter, agents }: WantedAgents,
  after: string | null,
): AsyncIterableIterator<StreamEvent<'agent'>> => {
  const { liveState } = context;
  const { sources, matches: passes } = agentMatcher(context, filter);
  for (const { source } of agents ?? []) isWithinReach(context, source);
  const isWanted = ({ source, externalId }: Agent) =>
    agents === null || agents.some((key) => key.source === source && key.externalId === externalId);
  const matches = (agent: Agent) => isWanted(agent) && passes(agent);
  // An agent whose blackout begins or ends enters or leaves the filter without any change of its own.
  const blackedOutAgent = (event: LiveEvent) => {
    if (event.entityType !== 'blackout') return null;
    const { state: blackout, previous } = event;
    const agent = blackout.state === previous ? null : liveState.agent({ source: blackout.source, externalId: blackout.agent });
    return agent && { row: agent, previous: agent.status };
  };
  return openStream(context, {
    entityType: 'agent',
    after,
    prepare: () => refreshAll(context, sources),
    snapshot: () => sources.flatMap((source) => liveState.agentsOf(source)).filter(matches),
    matches,
    also: filter?.blackedOut == null ? undefined : { entityType: 'blackout', shown: blackedOutAgent },
  });
};

export const streamCalls = (context: ReadContext, filter: CallFilter, after: string | null): AsyncIterableIterator<StreamEvent<'call'>> => {
  const wanted = narrowFilter(context, filter);
  const matches = (call: Call) => matchesCall(call, wanted);
  return openStream(context, {
    entityType: 'call',
    after,
    prepare: () => refreshAll(context, wanted.sources),
    snapshot: () => wanted.sources.flatMap((source) => context.liveState.liveCallsOf(source)).filter(matches),
    matches,
  });
};

export const streamRecordings = (
  context: ReadContext,
  filter: RecordingFilter,
  after: string | null,
): AsyncIterableIterator<StreamEvent<'recording'>> => {
  const { liveState } = context;
  const wanted = narrowFilter(context, filter);
  const queueOf = (call: SourceKey) => liveState.call(call)?.queue ?? null;
  const matches = (recording: Recording) => matchesRecording(recording, wanted, queueOf);
  return openStream(context, {
    entityType: 'recording',
    after,
    prepare: () => refreshAll(context, wanted.sources),
    snapshot: () => wanted.sources.flatMap((source) => liveState.liveRecordingsOf(source)).filter(matches),
    matches,
  });
};

export const streamBlackouts = (
  context: ReadContext,
  filter: BlackoutFilter,
  after: string | null,
): AsyncIterableIterator<StreamEvent<'blackout'>> => {
  const wanted = narrowFilter(context, filter);
  const matches = (blackout: Blackout) => matchesBlackout(blackout, wanted);
  return openStream(context, {
    entityType: 'blackout',
    after,
    prepare: async () => undefined,
    snapshot: () => context.liveState.openBlackouts().filter(matches),
    matches,
  });
};
