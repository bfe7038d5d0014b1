import { Arg, Ctx, Directive, ID, Resolver, Root, Subscription } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import { hasScope } from '../domain/model/principal.ts';
import { chooseSources, gather, matchesAgent } from '../domain/read/connections.ts';
import { matchesBlackout, matchesCall, matchesRecording } from '../domain/read/matching.ts';
import { type StreamEvent, type StreamRequest, streamOf } from '../domain/stream/snapshot-then-events.ts';
import type { GraphContext } from './context.ts';
import { AgentFilter, BlackoutFilter, CallFilter, narrow, RecordingFilter } from './inputs.ts';
import { AgentEvent, BlackoutEvent, CallEvent, RecordingEvent } from './live-event.ts';

/** Runs a stream until its consumer returns: a generator that waits cannot be returned, so its signal is aborted. */
const cancellable = <T>(run: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> => {
  const controller = new AbortController();
  const generator = run(controller.signal);
  return {
    next: () => generator.next(),
    return: async () => {
      controller.abort();
      await generator.return(undefined);
      return { done: true, value: undefined };
    },
    throw: async (error) => {
      controller.abort();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

const stream = <T extends entityTypes.SourceKey | { id: string }>(
  { services }: GraphContext,
  request: StreamRequest<T>,
): AsyncIterableIterator<StreamEvent<T>> => {
  const { clock, store, liveState, eventFeed, position } = services;
  const deps = {
    clock,
    eventFeed,
    bounds: () => store.events.bounds(),
    position: () => ({ covered: position(), shows: liveState.appliedAbove(position()) }),
  };
  return cancellable((signal) => streamOf(deps, request, signal));
};

const refreshAll = async (sources: readonly string[], { services }: GraphContext): Promise<void> => {
  await gather(sources, (source) => services.reads.refresh(source));
};

interface StreamInput<F> {
  args: { filter?: F | null; agents?: string[] | null; after?: string | null };
  context: GraphContext;
}

const agentStream = ({ args, context }: StreamInput<AgentFilter>) => {
  const { liveState } = context.services;
  const sources = chooseSources(context.sources, args.filter);
  const wanted = { ...args.filter, sources };
  const seesAll = hasScope(context.principal, 'pii:read');
  const keys = args.agents?.map((id) => requireKeyId('Agent', id, 'agents'));
  const matches = (agent: entityTypes.Agent) =>
    (!keys || keys.some((key) => key.source === agent.source && key.externalId === agent.externalId)) &&
    matchesAgent(agent, wanted, (source) => context.sources.get(source)!.vendor, liveState, seesAll);
  // Who is blacked out enters and leaves the filter without any change of the agent's own.
  const blackedOutAgent = (event: entityTypes.LiveEvent) => {
    const blackout = event.state as entityTypes.Blackout;
    const agent = blackout.state === event.previous ? null : liveState.agent({ source: blackout.source, externalId: blackout.agent });
    return agent && { row: agent, previous: agent.status };
  };
  return stream<entityTypes.Agent>(context, {
    entityType: 'agent',
    after: args.after ?? null,
    prepare: () => refreshAll(sources, context),
    snapshot: () => sources.flatMap((source) => liveState.agentsOf(source)).filter(matches),
    matches,
    ...(args.filter?.blackedOut == null ? {} : { also: { entityType: 'blackout', row: blackedOutAgent } }),
  });
};

const callStream = ({ args, context }: StreamInput<CallFilter>) => {
  const filter = narrow(args.filter, context);
  const matches = (call: entityTypes.Call) => matchesCall(call, filter);
  return stream<entityTypes.Call>(context, {
    entityType: 'call',
    after: args.after ?? null,
    prepare: () => refreshAll(filter.sources, context),
    snapshot: () => filter.sources.flatMap((source) => context.services.liveState.liveCallsOf(source)).filter(matches),
    matches,
  });
};

const recordingStream = ({ args, context }: StreamInput<RecordingFilter>) => {
  const { liveState } = context.services;
  const filter = narrow(args.filter, context);
  const queueOf = (call: entityTypes.SourceKey) => liveState.call(call)?.queue ?? null;
  const matches = (recording: entityTypes.Recording) => matchesRecording(recording, filter, queueOf);
  return stream<entityTypes.Recording>(context, {
    entityType: 'recording',
    after: args.after ?? null,
    prepare: () => refreshAll(filter.sources, context),
    snapshot: () => filter.sources.flatMap((source) => liveState.liveRecordingsOf(source)).filter(matches),
    matches,
  });
};

const blackoutStream = ({ args, context }: StreamInput<BlackoutFilter>) => {
  const filter = narrow(args.filter, context);
  const matches = (blackout: entityTypes.Blackout) => matchesBlackout(blackout, filter);
  return stream<entityTypes.Blackout>(context, {
    entityType: 'blackout',
    after: args.after ?? null,
    prepare: async () => undefined,
    snapshot: () => context.services.liveState.openBlackouts().filter(matches),
    matches,
  });
};

const afterOptions = {
  nullable: true,
  description: 'Position or id of the last event seen: the stream resumes behind it, without a snapshot.',
} as const;
const filterText = 'Which of them; what leaves the filter is no longer told.';

@Resolver()
export class LiveResolver {
  @Subscription(() => AgentEvent, { description: 'Agents: first as they are, then each change.', subscribe: agentStream })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agentChanged(
    @Root() event: StreamEvent<entityTypes.Agent>,
    @Arg('filter', () => AgentFilter, { nullable: true, description: filterText }) _filter: AgentFilter | null,
    @Arg('agents', () => [ID], { nullable: true, description: 'Agent.id of the agents wanted; all when absent.' }) _agents: string[] | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): AgentEvent {
    return new AgentEvent(event, show);
  }

  @Subscription(() => CallEvent, { description: 'Calls: first those going on, then each change.', subscribe: callStream })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  callChanged(
    @Root() event: StreamEvent<entityTypes.Call>,
    @Arg('filter', () => CallFilter, { nullable: true, description: filterText }) _filter: CallFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): CallEvent {
    return new CallEvent(event, show);
  }

  @Subscription(() => RecordingEvent, { description: 'Recordings: first those running, then each change.', subscribe: recordingStream })
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordingChanged(
    @Root() event: StreamEvent<entityTypes.Recording>,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: filterText }) _filter: RecordingFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): RecordingEvent {
    return new RecordingEvent(event, show);
  }

  @Subscription(() => BlackoutEvent, {
    description: 'Blackouts: first those scheduled or in force, then each change and warning.',
    subscribe: blackoutStream,
  })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackoutChanged(
    @Root() event: StreamEvent<entityTypes.Blackout>,
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: filterText }) _filter: BlackoutFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): BlackoutEvent {
    return new BlackoutEvent(event, show);
  }
}
