import { Directive, Extensions, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import { connectionClasses } from './connection.ts';
import { CommandStatus, RecorderOperation } from './enums.ts';
import { Node } from './node.ts';
import { Problem } from './problem.ts';
import { DateTime } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Directive('@key(fields: "id")')
@Extensions(ofItsCaller)
@Directive('@authenticated')
@ObjectType('ControlCommand', {
  simpleResolvers: true,
  implements: Node,
  description: 'A control request and its outcome: a row of the ledger.',
})
export class ControlCommand
  implements Omit<entityTypes.ControlCommand, 'source' | 'agent' | 'recording' | 'blackout' | 'acceptedAt' | 'inputHash' | 'input'>
{
  @Field(() => RecorderOperation, { description: 'The requested operation.' })
  readonly operation: enums.Operation;

  @Field(() => CommandStatus, { description: 'The outcome so far.' })
  readonly status: enums.CommandStatus;

  @Field(() => String, { description: 'The name of the caller.' })
  readonly requestedBy: string;

  @Field(() => DateTime, { description: 'The time of the request.' })
  readonly requestedAt: string;

  @Field(() => DateTime, { nullable: true, description: 'The time of the outcome; null while PENDING.' })
  readonly completedAt: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The caller's idempotency key of the request; masked without `pii:read` where it may hold a number.",
  })
  readonly idempotencyKey: string | null;

  @Field(() => Problem, { nullable: true, description: 'The reason of the failure.' })
  readonly problem: Problem | null;

  /** `entity` is what the caller may see of the command. */
  constructor(readonly entity: entityTypes.ControlCommand) {
    this.operation = entity.operation;
    this.status = entity.status;
    this.requestedBy = entity.requestedBy;
    this.requestedAt = entity.requestedAt;
    this.completedAt = entity.completedAt;
    this.idempotencyKey = entity.idempotencyKey;
    this.problem = entity.problem && new Problem(entity.problem);
  }

  get __typename(): 'ControlCommand' {
    return 'ControlCommand';
  }

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return nodeId('ControlCommand', this.entity.id);
  }
}

export const ControlCommandConnection = connectionClasses<ControlCommand>('ControlCommand', () => ControlCommand, { sourceErrors: false });
