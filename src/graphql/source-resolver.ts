import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { isWithinReach } from '../domain/read/sources.ts';
import { type Agent, AgentConnection } from './agent.ts';
import { agentsPage } from './agent-resolver.ts';
import type { Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { AgentFilter, RecordingFilter } from './inputs.ts';
import { pageArguments } from './page-arguments.ts';
import { type Recording, RecordingConnection } from './recording.ts';
import { recordingsPage } from './recording-resolver.ts';
import { RecordingSource } from './source.ts';

@Resolver(() => RecordingSource as ClassType)
export class SourceResolver {
  @Query(() => [RecordingSource], { nullable: true, description: 'All sources that the caller can use.' })
  @Directive('@authenticated')
  sources(@Ctx() { read, show }: GraphContext): readonly RecordingSource[] {
    return [...read.sources.keys()].map(show.source);
  }

  @Query(() => RecordingSource, { nullable: true, description: 'One source; null if it is unknown or the caller may not use it.' })
  @Directive('@authenticated')
  source(
    @Arg('name', () => String, { description: 'RecordingSource.name.' }) name: string,
    @Ctx() { read, show }: GraphContext,
  ): RecordingSource | null {
    return isWithinReach(read, name) ? show.source(name) : null;
  }

  @FieldResolver(() => AgentConnection, { description: 'The agents of the source, ordered by external id.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Root() { name }: RecordingSource,
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Conditions for the items.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage({ ...filter, sources: [name] }, { first, after }, context);
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: 'The recordings of the source, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() { name }: RecordingSource,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Conditions for the items.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(context, { filter: { ...filter, sources: [name] }, first, after });
  }
}
