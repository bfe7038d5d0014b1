import { Directive, Extensions, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
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
  description: "One control request and what came of it: the audit trail's row.",
})
export class ControlCommand
  implements Omit<entityTypes.ControlCommand, 'source' | 'agent' | 'recording' | 'blackout' | 'acceptedAt' | 'inputHash' | 'input'>
{
  @Field(() => RecorderOperation, { description: 'What was asked for.' })
  readonly operation: words.Operation;

  @Field(() => CommandStatus, { description: 'What came of it so far.' })
  readonly status: words.CommandStatus;

  @Field(() => String, { description: 'Name of the caller who asked.' })
  readonly requestedBy: string;

  @Field(() => DateTime, { description: 'When the request was received.' })
  readonly requestedAt: string;

  @Field(() => DateTime, { nullable: true, description: 'When its outcome was known; null while PENDING.' })
  readonly completedAt: string | null;

  @Field(() => String, { nullable: true, description: "The caller's own key for the request." })
  readonly idempotencyKey: string | null;

  @Field(() => Problem, { nullable: true, description: 'Why it failed.' })
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

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return nodeId('ControlCommand', this.entity.id);
  }
}

export const ControlCommandConnection = connectionClasses<ControlCommand>('ControlCommand', () => ControlCommand, { sourceErrors: false });
