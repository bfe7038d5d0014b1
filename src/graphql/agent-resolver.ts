import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { requireKeyId } from '../domain/model/ids.ts';
import type * as ports from '../domain/ports/pages.ts';
import { findAgent, listAgents, openBlackoutOf, requireLookup } from '../domain/read/agents.ts';
import type { PageArguments } from '../domain/read/pages.ts';
import { Agent, AgentConnection } from './agent.ts';
import { Blackout, BlackoutConnection } from './blackout.ts';
import { blackoutsPage } from './blackout-resolver.ts';
import { Call, CallConnection } from './call.ts';
import { callsPage } from './call-resolver.ts';
import { type Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { AgentFilter, AgentRef, BlackoutFilter, CallFilter, RecordingFilter } from './inputs.ts';
import { loadAgent, loadCall, loadRecording } from './loaders.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording, RecordingConnection } from './recording.ts';
import { recordingsPage } from './recording-resolver.ts';

export const agentsPage = async (
  filter: ports.AgentFilter | null,
  args: PageArguments,
  context: GraphContext,
): Promise<Connection<Agent>> => new AgentConnection(await listAgents(context.read, filter, args), context.show.agent, context);

@Resolver(() => Agent as ClassType)
export class AgentResolver {
  @Query(() => Agent, { nullable: true, description: 'One agent; null if the vendor knows no agent with the identifier.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  async agent(
    @Arg('ref', () => AgentRef, { description: 'The agent.' }) ref: AgentRef,
    @Ctx() context: GraphContext,
  ): Promise<Agent | null> {
    const { read, show } = context;
    if (ref.id != null) return loadAgent(context, requireKeyId('Agent', ref.id, 'ref.id'));
    const { source, ...lookup } = ref.key!;
    requireLookup(read, source, lookup);
    if (lookup.identifier === 'ID') {
      const agent = await loadAgent(context, { source, externalId: lookup.value });
      // An agent that the vendor does not list any more bears no identifier; its history stays readable by the global id.
      return agent && agent.entity.absentSince == null ? agent : null;
    }
    const agent = await findAgent(read, source, lookup);
    return agent && show.agent(agent);
  }

  @Query(() => AgentConnection, {
    nullable: true,
    description: 'The agents of all sources that the caller can use, ordered by source and external id.',
  })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Conditions for the items.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage(filter, { first, after }, context);
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Call], { description: 'Calls that are held or parked, or that wait for the end of a transfer.' })
  async inactiveCalls(@Root() { entity }: Agent, @Ctx() context: GraphContext): Promise<readonly Call[]> {
    const calls = await Promise.all(entity.inactiveCalls.map((externalId) => loadCall(context, { source: entity.source, externalId })));
    return calls.filter((call) => call !== null);
  }

  @FieldResolver(() => [Recording], { description: 'Screen recordings without a call.' })
  async desktopRecordings(@Root() { entity }: Agent, @Ctx() context: GraphContext): Promise<readonly Recording[]> {
    const recordings = await Promise.all(
      entity.desktopRecordings.map((externalId) => loadRecording(context, { source: entity.source, externalId })),
    );
    return recordings.filter((recording) => recording !== null);
  }

  @FieldResolver(() => CallConnection, { description: 'The calls of the agent, newest first.' })
  @Directive(pageArguments.listSize)
  calls(
    @Root() { entity }: Agent,
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Conditions for the items.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Call>> {
    return callsPage(context, { filter, first, after, owner: entity });
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: 'The recordings of the agent, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() { entity }: Agent,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Conditions for the items.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(context, { filter, first, after, owner: entity });
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The open blackout of the agent: scheduled or in force.' })
  blackout(@Root() { entity }: Agent, @Ctx() { read, show }: GraphContext): Blackout | null {
    const open = openBlackoutOf(read, entity);
    return open && show.blackout(open);
  }

  @FieldResolver(() => BlackoutConnection, { description: 'The blackouts of the agent, newest first.' })
  @Directive(pageArguments.listSize)
  blackouts(
    @Root() { entity }: Agent,
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Conditions for the items.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Blackout>> {
    return blackoutsPage(context, { filter, first, after, owner: entity });
  }
}
