import { Arg, type ClassType, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import type * as ports from '../domain/ports/store.ts';
import { type ConnectionArguments, gather, maxCounted } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { Call, CallConnection, CallLeg } from './call.ts';
import { type Connection, readPage } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CallFilter, narrow } from './inputs.ts';
import { agentOrLastSeen } from './last-seen.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';

export const callsPage = async (
  filter: CallFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<Call>> => {
  const { store, reads, largestPage } = context.services;
  const narrowed = narrow(filter, context, owner);
  const stale = await gather(narrowed.sources, (source) => reads.refresh(source, context.sinceMs));
  const read = await readPage<entityTypes.Call, ports.CallFilter>(
    'calls',
    args,
    narrowed as ports.CallFilter,
    largestPage,
    (request) => context.loaders.callPages.load(request),
    (wanted) => store.calls.count(wanted, maxCounted),
    stale,
  );
  return new CallConnection(read, context.show.call, context);
};

@Resolver(() => Call as ClassType)
export class CallResolver {
  @Query(() => Call, { nullable: true, description: 'One call; null where it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  call(@Arg('id', () => ID, { description: 'Call.id.' }) id: string, @Ctx() { loaders }: GraphContext): Promise<Call | null> | Call | null {
    return loaders.call.load(requireKeyId('Call', id, 'id'));
  }

  @Query(() => CallConnection, { nullable: true, description: 'Calls of all sources within reach, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  calls(
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Which of them.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Call>> {
    return callsPage(filter, { first, after }, context);
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Agent], { description: 'Every agent known to have been in the call, first to last.' })
  async agents(@Root() { entity }: Call, @Ctx() context: GraphContext): Promise<readonly Agent[]> {
    // A vendor that is away takes no call with it, nor an event that tells of one.
    const lastSeen = (key: entityTypes.SourceKey) => (error: unknown) => {
      if (error instanceof ExpectedError) return agentOrLastSeen(key, context);
      throw error;
    };
    const keys = entity.agents.map((externalId) => ({ source: entity.source, externalId }));
    const agents = await Promise.all(keys.map((key) => context.loaders.agent(key).catch(lastSeen(key))));
    return agents.filter((agent) => agent !== null);
  }

  @Directive('@listSize(assumedSize: 3)')
  @FieldResolver(() => [Recording], { nullable: true, description: 'Every recording of the call: tracks, duplicates, screens.' })
  recordings(@Root() { entity }: Call, @Ctx() { loaders }: GraphContext): Promise<readonly Recording[]> {
    return loaders.recordingsOfCall.load(entity);
  }
}

@Resolver(() => CallLeg as ClassType)
export class CallLegResolver {
  @FieldResolver(() => Agent, { nullable: true, description: 'The agent, where the party is one.' })
  agent(@Root() { entity, sourceName }: CallLeg, @Ctx() { loaders }: GraphContext): Promise<Agent | null> | null {
    return entity.agent === null ? null : loaders.agent({ source: sourceName, externalId: entity.agent });
  }
}
