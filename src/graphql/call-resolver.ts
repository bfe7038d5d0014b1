import { Arg, type ClassType, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import { lastKnownAgent } from '../domain/read/agents.ts';
import { countCalls, readCallPages, requestCalls } from '../domain/read/calls.ts';
import type { PageArguments } from '../domain/read/pages.ts';
import { Agent } from './agent.ts';
import { Call, CallConnection, CallLeg } from './call.ts';
import type { Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CallFilter, keyFilter } from './inputs.ts';
import { loadAgent, loadCall, loadPage } from './loaders.ts';
import { pageArguments } from './page-arguments.ts';

export const callsPage = async (
  context: GraphContext,
  { filter, owner = null, ...page }: PageArguments & { filter: CallFilter | null; owner?: entityTypes.SourceKey | null },
): Promise<Connection<Call>> => {
  const requested = await requestCalls(context.read, { filter: keyFilter(filter), page, owner });
  const list = { name: 'callPages', read: readCallPages, count: countCalls };
  return new CallConnection(await loadPage(context, requested, list), context.show.call, context);
};

@Resolver(() => Call as ClassType)
export class CallResolver {
  @Query(() => Call, { nullable: true, description: 'One call; null if it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  call(@Arg('id', () => ID, { description: 'Call.id.' }) id: string, @Ctx() context: GraphContext): Promise<Call | null> | Call | null {
    return loadCall(context, requireKeyId('Call', id, 'id'));
  }

  @Query(() => CallConnection, { nullable: true, description: 'The calls of all sources that the caller can use, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  calls(
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Conditions for the items.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Call>> {
    return callsPage(context, { filter, first, after });
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Agent], { description: 'The agents of the call, in the order in which they joined.' })
  async agents(@Root() { entity }: Call, @Ctx() context: GraphContext): Promise<readonly Agent[]> {
    const agentOf = async (externalId: string): Promise<Agent | null> => {
      const key = { source: entity.source, externalId };
      try {
        return await loadAgent(context, key);
      } catch (error) {
        // A vendor that is away takes no call with it, nor an event that shows one.
        if (error instanceof ExpectedError) return context.show.agent(await lastKnownAgent(context.read, key));
        throw error;
      }
    };
    const agents = await Promise.all(entity.agents.map(agentOf));
    return agents.filter((agent) => agent !== null);
  }
}

@Resolver(() => CallLeg as ClassType)
export class CallLegResolver {
  @FieldResolver(() => Agent, { nullable: true, description: 'The agent, if the party is one.' })
  agent(@Root() { entity, sourceName }: CallLeg, @Ctx() context: GraphContext): Promise<Agent | null> | Agent | null {
    return entity.agent === null ? null : loadAgent(context, { source: sourceName, externalId: entity.agent });
  }
}
