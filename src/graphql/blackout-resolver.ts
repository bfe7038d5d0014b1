import { Arg, type ClassType, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { parseNodeId } from '../domain/model/ids.ts';
import type * as ports from '../domain/ports/store.ts';
import { type ConnectionArguments, maxCounted } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { Blackout, BlackoutConnection, BlackoutExposure } from './blackout.ts';
import { ControlCommand } from './command.ts';
import { type Connection, readPage } from './connection.ts';
import type { GraphContext } from './context.ts';
import { BlackoutFilter, narrow } from './inputs.ts';
import { agentOrLastSeen } from './last-seen.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';

export const blackoutsPage = async (
  filter: BlackoutFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<Blackout>> => {
  const { store, largestPage } = context.services;
  const read = await readPage<entityTypes.Blackout, ports.BlackoutFilter>(
    'blackouts',
    args,
    narrow(filter, context, owner) as ports.BlackoutFilter,
    largestPage,
    (request) => context.loaders.blackoutPages.load(request),
    (wanted) => store.blackouts.count(wanted, maxCounted),
  );
  return new BlackoutConnection(read, context.show.blackout, context);
};

@Resolver(() => BlackoutExposure as ClassType)
export class BlackoutExposureResolver {
  @FieldResolver(() => Recording, { nullable: true, description: 'The recording that ran; null where it is not known which.' })
  recording(@Root() { entity, sourceName }: BlackoutExposure, @Ctx() { loaders }: GraphContext): Promise<Recording | null> | null {
    return entity.recording === null ? null : loaders.recording.load({ source: sourceName, externalId: entity.recording });
  }
}

@Resolver(() => Blackout as ClassType)
export class BlackoutResolver {
  @Query(() => Blackout, { nullable: true, description: 'One blackout; null where it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackout(@Arg('id', () => ID, { description: 'Blackout.id.' }) id: string, @Ctx() { loaders }: GraphContext): Promise<Blackout | null> {
    const parsed = parseNodeId(id);
    if (parsed?.type !== 'Blackout')
      throw new ExpectedError('INVALID_INPUT', 'id is not the id of a Blackout; give an id that this API returned as Blackout.id.');
    return loaders.blackout.load(parsed.rest);
  }

  @Query(() => BlackoutConnection, { nullable: true, description: 'Blackouts of all sources within reach, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackouts(
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Which of them.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Blackout>> {
    return blackoutsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => Agent, { description: 'Whose recording is blacked out.' })
  agent(@Root() { entity }: Blackout, @Ctx() context: GraphContext): Promise<Agent> {
    return agentOrLastSeen({ source: entity.source, externalId: entity.agent }, context);
  }

  @FieldResolver(() => [ControlCommand], { nullable: true, description: 'The commands that started and stopped it, first to last.' })
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  async commands(
    @Root() { entity }: Blackout,
    @Ctx() { loaders, services, principal, correlationId, show }: GraphContext,
  ): Promise<readonly ControlCommand[]> {
    const commands = await loaders.commandsOfBlackout.load(entity.id);
    await services.control.noteLedgerRead(principal, { ids: commands.map(({ id }) => id) }, correlationId);
    return commands.map(show.command);
  }
}
