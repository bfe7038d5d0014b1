import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { lastKnownAgent } from '../domain/read/agents.ts';
import { listCommands } from '../domain/read/commands.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { ControlCommand, ControlCommandConnection } from './command.ts';
import { type Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CommandFilter, keyFilter } from './inputs.ts';
import { loadBlackout, loadRecording } from './loaders.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';

@Resolver(() => ControlCommand as ClassType)
export class ControlCommandResolver {
  @Query(() => ControlCommandConnection, {
    nullable: true,
    description: 'The ledger, newest first. Every read is written to the audit trail.',
  })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  async commands(
    @Arg('filter', () => CommandFilter, { nullable: true, description: 'Conditions for the rows.' }) filter: CommandFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<ControlCommand>> {
    const page = await listCommands(context.read, { filter: keyFilter(filter), page: { first, after } }, context.correlationId);
    return new ControlCommandConnection(page, context.show.command, context);
  }

  @FieldResolver(() => Agent, { description: 'The agent of the command.' })
  async agent(@Root() { entity }: ControlCommand, @Ctx() { read, show }: GraphContext): Promise<Agent> {
    return show.agent(await lastKnownAgent(read, { source: entity.source, externalId: entity.agent ?? '' }));
  }

  @FieldResolver(() => Recording, { nullable: true, description: 'The recording that the command started, changed or stopped.' })
  recording(@Root() { entity }: ControlCommand, @Ctx() context: GraphContext): Promise<Recording | null> | null {
    return entity.recording === null ? null : loadRecording(context, { source: entity.source, externalId: entity.recording });
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The blackout that the command started, renewed or stopped.' })
  blackout(@Root() { entity }: ControlCommand, @Ctx() context: GraphContext): Promise<Blackout | null> | null {
    return entity.blackout === null ? null : loadBlackout(context, entity.blackout);
  }
}
