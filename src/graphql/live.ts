import { Arg, Ctx, Directive, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireKeyId } from '../domain/model/ids.ts';
import { streamAgents, streamBlackouts, streamCalls, streamRecordings } from '../domain/stream/entity-streams.ts';
import type { StreamEvent } from '../domain/stream/snapshot-then-events.ts';
import type { GraphContext } from './context.ts';
import { AgentFilter, BlackoutFilter, CallFilter, keyFilter, RecordingFilter } from './inputs.ts';
import { AgentEvent, BlackoutEvent, CallEvent, RecordingEvent } from './live-event.ts';

interface StreamInput<F> {
  args: { filter?: F | null; agents?: string[] | null; after?: string | null };
  context: GraphContext;
}

const agentStream = ({ args, context }: StreamInput<AgentFilter>) => {
  const agents = args.agents?.map((id) => requireKeyId('Agent', id, 'agents')) ?? null;
  return streamAgents(context.read, { filter: args.filter ?? null, agents }, args.after ?? null);
};

const callStream = ({ args, context }: StreamInput<CallFilter>) => streamCalls(context.read, keyFilter(args.filter), args.after ?? null);

const recordingStream = ({ args, context }: StreamInput<RecordingFilter>) =>
  streamRecordings(context.read, keyFilter(args.filter), args.after ?? null);

const blackoutStream = ({ args, context }: StreamInput<BlackoutFilter>) =>
  streamBlackouts(context.read, keyFilter(args.filter), args.after ?? null);

const afterOptions = {
  nullable: true,
  description: 'The position or id of the last received event. The stream resumes after it, without a snapshot.',
} as const;
const filterText = 'Conditions for the items. An item that no longer meets them is no longer sent.';

@Resolver()
export class LiveResolver {
  @Subscription(() => AgentEvent, { description: 'Agents: a snapshot, then every change.', subscribe: agentStream })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agentChanged(
    @Root() event: StreamEvent<'agent'>,
    @Arg('filter', () => AgentFilter, { nullable: true, description: filterText }) _filter: AgentFilter | null,
    @Arg('agents', () => [ID], { nullable: true, description: 'Agent.id of the agents. Default: all.' }) _agents: string[] | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): AgentEvent {
    return new AgentEvent(event, show);
  }

  @Subscription(() => CallEvent, { description: 'Calls: a snapshot of the calls in progress, then every change.', subscribe: callStream })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  callChanged(
    @Root() event: StreamEvent<'call'>,
    @Arg('filter', () => CallFilter, { nullable: true, description: filterText }) _filter: CallFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): CallEvent {
    return new CallEvent(event, show);
  }

  @Subscription(() => RecordingEvent, {
    description: 'Recordings: a snapshot of the recordings in progress, then every change.',
    subscribe: recordingStream,
  })
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordingChanged(
    @Root() event: StreamEvent<'recording'>,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: filterText }) _filter: RecordingFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): RecordingEvent {
    return new RecordingEvent(event, show);
  }

  @Subscription(() => BlackoutEvent, {
    description: 'Blackouts: a snapshot of the scheduled and active ones, then every change and warning.',
    subscribe: blackoutStream,
  })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackoutChanged(
    @Root() event: StreamEvent<'blackout'>,
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: filterText }) _filter: BlackoutFilter | null,
    @Arg('after', () => ID, afterOptions) _after: string | null,
    @Ctx() { show }: GraphContext,
  ): BlackoutEvent {
    return new BlackoutEvent(event, show);
  }
}
