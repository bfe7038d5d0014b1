import { Arg, type ClassType, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type * as ports from '../domain/ports/store.ts';
import { storedPage } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { ControlCommand, ControlCommandConnection } from './command.ts';
import { type Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CommandFilter, narrow } from './inputs.ts';
import { agentOrLastSeen } from './last-seen.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';

@Resolver(() => ControlCommand as ClassType)
export class ControlCommandResolver {
  @Query(() => ControlCommandConnection, {
    nullable: true,
    description: 'The ledger, newest first. Reading it is itself written to the audit log.',
  })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  async commands(
    @Arg('filter', () => CommandFilter, { nullable: true, description: 'Which rows.' }) filter: CommandFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<ControlCommand>> {
    const { store, largestPage, control } = context.services;
    const narrowed = narrow(filter, context) as ports.CommandFilter;
    const read = await storedPage('commands', store.commands, narrowed, { first, after }, largestPage, []);
    await control.noteLedgerRead(context.principal, narrowed, context.correlationId);
    return new ControlCommandConnection(read, context.show.command, context);
  }

  @FieldResolver(() => Agent, { description: 'Whom it was about.' })
  agent(@Root() { entity }: ControlCommand, @Ctx() context: GraphContext): Promise<Agent> {
    return agentOrLastSeen({ source: entity.source, externalId: entity.agent ?? '' }, context);
  }

  @FieldResolver(() => Recording, { nullable: true, description: 'The recording that it made or touched.' })
  recording(@Root() { entity }: ControlCommand, @Ctx() { loaders }: GraphContext): Promise<Recording | null> | null {
    return entity.recording === null ? null : loaders.recording.load({ source: entity.source, externalId: entity.recording });
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The blackout that it started or stopped.' })
  blackout(@Root() { entity }: ControlCommand, @Ctx() { loaders }: GraphContext): Promise<Blackout | null> | null {
    return entity.blackout === null ? null : loaders.blackout.load(entity.blackout);
  }
}
