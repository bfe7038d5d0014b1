import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { ExpectedError } from '../domain/model/errors.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import { hasScope } from '../domain/model/principal.ts';
import type * as ports from '../domain/ports/store.ts';
import {
  agentPage,
  askedPage,
  type ConnectionArguments,
  chooseSources,
  gather,
  matchesAgent,
  requireSource,
} from '../domain/read/connections.ts';
import { Agent, AgentConnection } from './agent.ts';
import { Blackout, BlackoutConnection } from './blackout.ts';
import { blackoutsPage } from './blackout-resolver.ts';
import { Call, CallConnection } from './call.ts';
import { callsPage } from './call-resolver.ts';
import { type Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { AgentFilter, AgentRef, BlackoutFilter, CallFilter, RecordingFilter } from './inputs.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording, RecordingConnection } from './recording.ts';
import { recordingsPage } from './recording-resolver.ts';

/** Agents are held in memory: brought up to date where they are too old, then filtered, sorted and cut. */
export const agentsPage = async (
  filter: (Omit<AgentFilter, 'sources'> & { sources?: string[] | null }) | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
): Promise<Connection<Agent>> => {
  const { liveState, reads, largestPage } = context.services;
  const sources = chooseSources(context.sources, filter);
  const wanted = { ...filter, sources };
  const asked = askedPage<ports.AgentFilter>('agents', wanted, args, largestPage);
  const failures = await gather(sources, (source) => reads.refresh(source, context.sinceMs));
  const seesAll = hasScope(context.principal, 'pii:read');
  const vendorOf = (source: string) => context.sources.get(source)!.vendor;
  const agents = sources
    .flatMap((source) => liveState.agentsOf(source))
    .filter((agent) => matchesAgent(agent, wanted, vendorOf, liveState, seesAll));
  return new AgentConnection(agentPage(agents, asked, failures), context.show.agent, context);
};

/** The agent that a reference names; null where the vendor knows none. Throws for a reference that can name nobody. */
export const findAgent = async (ref: AgentRef, context: GraphContext): Promise<Agent | null> => {
  if (ref.id != null) return context.loaders.agent(requireKeyId('Agent', ref.id, 'ref.id'));
  const { source, identifier, value } = ref.key!;
  requireSource(context.sources, source);
  if (identifier !== 'ID' && identifier !== 'SYNC_ID' && !hasScope(context.principal, 'pii:read')) {
    const message = `ref.key by ${identifier} needs the scope pii:read, as seeing it does; ask by ID, or with a key that has it.`;
    throw new ExpectedError('FORBIDDEN', message);
  }
  if (value.trim() === '') throw new ExpectedError('INVALID_INPUT', `key.value is empty; give the ${identifier} of an agent of ${source}.`);
  if (identifier === 'ID') {
    const agent = await context.loaders.agent({ source, externalId: value });
    // Whom the vendor does not list any more, no identifier names; the history stays readable by the global id.
    return agent && (agent.entity.absentSince ?? null) === null ? agent : null;
  }
  const [answer] = await context.services.reads.agents(source, [{ identifier, value }], context.sinceMs);
  if (answer instanceof Error) throw answer;
  return answer ? context.show.agent(answer) : null;
};

@Resolver(() => Agent as ClassType)
export class AgentResolver {
  @Query(() => Agent, { nullable: true, description: 'One agent; null where the vendor knows none by that identifier.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agent(
    @Arg('ref', () => AgentRef, { description: 'Names the agent.' }) ref: AgentRef,
    @Ctx() context: GraphContext,
  ): Promise<Agent | null> {
    return findAgent(ref, context);
  }

  @Query(() => AgentConnection, { nullable: true, description: 'Agents of all sources within reach, by source and external id.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Which of them.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => Call, { nullable: true, description: 'The call that the agent is in.' })
  activeCall(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<Call | null> | Call | null {
    return entity.activeCall === null ? null : loaders.call.load({ source: entity.source, externalId: entity.activeCall });
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Call], { description: 'Calls on hold, parked, or waiting for a transfer to be picked up.' })
  async inactiveCalls(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<readonly Call[]> {
    const calls = await Promise.all(entity.inactiveCalls.map((externalId) => loaders.call.load({ source: entity.source, externalId })));
    return calls.filter((call) => call !== null);
  }

  @FieldResolver(() => [Recording], { description: 'Screen recordings that belong to no call.' })
  async desktopRecordings(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<readonly Recording[]> {
    const recordings = await Promise.all(
      entity.desktopRecordings.map((externalId) => loaders.recording.load({ source: entity.source, externalId })),
    );
    return recordings.filter((recording) => recording !== null);
  }

  @FieldResolver(() => CallConnection, { description: 'Calls that the agent was in, newest first.' })
  @Directive(pageArguments.listSize)
  calls(
    @Root() { entity }: Agent,
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Which of them.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Call>> {
    return callsPage(filter, { first, after }, context, entity);
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: "The agent's recordings, newest first." })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() { entity }: Agent,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Which of them.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(filter, { first, after }, context, entity);
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The blackout that is scheduled or in force now.' })
  blackout(@Root() { entity }: Agent, @Ctx() { services, show }: GraphContext): Blackout | null {
    const open = services.liveState.blackout(entity);
    return open && show.blackout(open);
  }

  @FieldResolver(() => BlackoutConnection, { description: 'Blackouts of the agent, newest first.' })
  @Directive(pageArguments.listSize)
  blackouts(
    @Root() { entity }: Agent,
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Which of them.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Blackout>> {
    return blackoutsPage(filter, { first, after }, context, entity);
  }
}
