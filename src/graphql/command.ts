import {
  Arg,
  type ClassType,
  Ctx,
  Directive,
  Extensions,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import { hasScope } from '../domain/model/principal.ts';
import type * as ports from '../domain/ports/store.ts';
import { type Connection, storedConnection } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { agentOrLastSeen, Blackout } from './blackout.ts';
import { connectionClasses } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CommandStatus, RecorderOperation } from './enums.ts';
import { CommandFilter, narrow } from './inputs.ts';
import { maskLogin } from './masking.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { Problem } from './problem.ts';
import { Recording } from './recording.ts';
import { DateTime } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Directive('@key(fields: "id")')
@Extensions(ofItsCaller)
@Directive('@authenticated')
@ObjectType({ simpleResolvers: true, implements: Node, description: "One control request and what came of it: the audit trail's row." })
export class ControlCommand {
  @Field(() => RecorderOperation, { description: 'What was asked for.' })
  operation!: words.Operation;

  @Field(() => CommandStatus, { description: 'What came of it so far.' })
  status!: words.CommandStatus;

  @Field(() => String, { description: 'Name of the caller who asked.' })
  requestedBy!: string;

  @Field(() => DateTime, { description: 'When the request was received.' })
  requestedAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'When its outcome was known; null while PENDING.' })
  completedAt!: string | null;

  @Field(() => String, { nullable: true, description: "The caller's own key for the request." })
  idempotencyKey!: string | null;

  @Field(() => Problem, { nullable: true, description: 'Why it failed.' })
  problem!: Problem | null;
}

export const ControlCommandConnection = connectionClasses<entityTypes.ControlCommand>(
  'ControlCommand',
  () => ControlCommand as never,
  false,
);

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
  ): Promise<Connection<entityTypes.ControlCommand>> {
    const { store, largestPage, control } = context.services;
    const narrowed = narrow(filter, context) as ports.CommandFilter;
    const connection = await storedConnection('commands', store.commands, narrowed, { first, after }, largestPage, []);
    await control.noteLedgerRead(context.principal, narrowed, context.correlationId);
    return connection;
  }

  @FieldResolver(() => ID, { description: 'Global id, opaque.' })
  id(@Root() command: entityTypes.ControlCommand): string {
    return nodeId('ControlCommand', command.id);
  }

  @FieldResolver(() => String, { description: 'Name of the caller who asked.' })
  requestedBy(@Root() { requestedBy }: entityTypes.ControlCommand, @Ctx() { principal }: GraphContext): string | null {
    return hasScope(principal, 'pii:read') ? requestedBy : maskLogin(requestedBy);
  }

  @FieldResolver(() => Agent, { description: 'Whom it was about.' })
  agent(@Root() command: entityTypes.ControlCommand, @Ctx() context: GraphContext): Promise<Agent> {
    return agentOrLastSeen({ source: command.source, externalId: command.agent ?? '' }, context);
  }

  @FieldResolver(() => Recording, { nullable: true, description: 'The recording that it made or touched.' })
  recording(@Root() command: entityTypes.ControlCommand, @Ctx() { loaders }: GraphContext): Promise<Recording | null> | null {
    return command.recording === null ? null : loaders.recording.load({ source: command.source, externalId: command.recording });
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The blackout that it started or stopped.' })
  blackout(@Root() command: entityTypes.ControlCommand, @Ctx() { loaders }: GraphContext): Promise<entityTypes.Blackout | null> | null {
    return command.blackout === null ? null : loaders.blackout.load(command.blackout);
  }
}
