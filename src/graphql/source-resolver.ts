import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
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
  @Query(() => [RecordingSource], { nullable: true, description: 'Every source within reach.' })
  @Directive('@authenticated')
  sources(@Ctx() { read, show }: GraphContext): readonly RecordingSource[] {
    return [...read.sources.keys()].map(show.source);
  }

  @Query(() => RecordingSource, { nullable: true, description: 'One source by its name; null where there is none within reach.' })
  @Directive('@authenticated')
  source(
    @Arg('name', () => String, { description: 'RecordingSource.name.' }) name: string,
    @Ctx() { read, show }: GraphContext,
  ): RecordingSource | null {
    return read.sources.has(name) ? show.source(name) : null;
  }

  @FieldResolver(() => AgentConnection, { description: 'Its agents, by external id.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Root() { name }: RecordingSource,
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Which of them.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage({ ...filter, sources: [name] }, { first, after }, context);
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: 'Its recordings, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() { name }: RecordingSource,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Which of them.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage({ ...filter, sources: [name] }, { first, after }, context);
  }
}
