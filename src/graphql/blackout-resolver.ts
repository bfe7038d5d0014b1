import { Arg, type ClassType, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { parseNodeId } from '../domain/model/ids.ts';
import { lastKnownAgent } from '../domain/read/agents.ts';
import { countBlackouts, readBlackoutPages, requestBlackouts } from '../domain/read/blackouts.ts';
import type { PageArguments } from '../domain/read/pages.ts';
import { Agent } from './agent.ts';
import { Blackout, BlackoutConnection, BlackoutExposure } from './blackout.ts';
import { ControlCommand } from './command.ts';
import type { Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { BlackoutFilter, keyFilter } from './inputs.ts';
import { loadBlackout, loadCommandsOfBlackout, loadPage, loadRecording } from './loaders.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';

export const blackoutsPage = async (
  context: GraphContext,
  { filter, owner = null, ...page }: PageArguments & { filter: BlackoutFilter | null; owner?: entityTypes.SourceKey | null },
): Promise<Connection<Blackout>> => {
  const requested = requestBlackouts(context.read, { filter: keyFilter(filter), page, owner });
  const list = { name: 'blackoutPages', read: readBlackoutPages, count: countBlackouts };
  return new BlackoutConnection(await loadPage(context, requested, list), context.show.blackout, context);
};

@Resolver(() => BlackoutExposure as ClassType)
export class BlackoutExposureResolver {
  @FieldResolver(() => Recording, { nullable: true, description: 'The recording; null if it is unknown.' })
  recording(@Root() { entity, sourceName }: BlackoutExposure, @Ctx() context: GraphContext): Promise<Recording | null> | null {
    return entity.recording === null ? null : loadRecording(context, { source: sourceName, externalId: entity.recording });
  }
}

@Resolver(() => Blackout as ClassType)
export class BlackoutResolver {
  @Query(() => Blackout, { nullable: true, description: 'One blackout; null if it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackout(@Arg('id', () => ID, { description: 'Blackout.id.' }) id: string, @Ctx() context: GraphContext): Promise<Blackout | null> {
    const parsed = parseNodeId(id);
    if (parsed?.type !== 'Blackout')
      throw new ExpectedError('INVALID_INPUT', 'id is not the id of a Blackout; give an id that this API returned as Blackout.id.');
    return loadBlackout(context, parsed.rest);
  }

  @Query(() => BlackoutConnection, { nullable: true, description: 'The blackouts of all sources that the caller can use, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackouts(
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Conditions for the items.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Blackout>> {
    return blackoutsPage(context, { filter, first, after });
  }

  @FieldResolver(() => Agent, { description: 'The agent of the blackout.' })
  async agent(@Root() { entity }: Blackout, @Ctx() { read, show }: GraphContext): Promise<Agent> {
    return show.agent(await lastKnownAgent(read, { source: entity.source, externalId: entity.agent }));
  }

  @FieldResolver(() => [ControlCommand], {
    nullable: true,
    description: 'The commands that started and stopped the blackout, oldest first.',
  })
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  commands(@Root() { entity }: Blackout, @Ctx() context: GraphContext): Promise<readonly ControlCommand[]> {
    return loadCommandsOfBlackout(context, entity.id);
  }
}
