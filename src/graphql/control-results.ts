/** The answers of control mutations: the row of the ledger, or a Problem. */
import { createUnionType, Field, ObjectType } from 'type-graphql';
import type { BlackoutAnswer } from '../domain/blackout/request.ts';
import type { ControlAnswer } from '../domain/control/run.ts';
import { Blackout } from './blackout.ts';
import { ControlCommand } from './command.ts';
import { Problem } from './problem.ts';
import type { View } from './view.ts';

@ObjectType('ControlSuccess', { simpleResolvers: true, description: 'The vendor acknowledged the command.' })
export class ControlSuccess {
  @Field(() => ControlCommand, { description: 'The row of the ledger.' })
  readonly command: ControlCommand;

  @Field(() => Boolean, { description: 'True if this is the first answer to an earlier request with the same idempotency key.' })
  readonly replayed: boolean;

  constructor({ command, replayed }: ControlAnswer, show: View) {
    this.command = show.command(command);
    this.replayed = replayed;
  }
}

@ObjectType('BlackoutSuccess', { simpleResolvers: true, description: 'The vendor acknowledged the command.' })
export class BlackoutSuccess {
  @Field(() => ControlCommand, { description: 'The row of the ledger.' })
  readonly command: ControlCommand;

  @Field(() => Blackout, { description: 'The blackout.' })
  readonly blackout: Blackout;

  @Field(() => Boolean, { description: 'True if this is the first answer to an earlier request with the same idempotency key.' })
  readonly replayed: boolean;

  constructor({ command, blackout, replayed }: BlackoutAnswer, show: View) {
    this.command = show.command(command);
    this.blackout = show.blackout(blackout);
    this.replayed = replayed;
  }
}

export const ControlResult = createUnionType({
  name: 'ControlResult',
  description: 'The outcome of a control request, or a Problem.',
  types: () => [ControlSuccess, Problem] as const,
});

export const BlackoutResult = createUnionType({
  name: 'BlackoutResult',
  description: 'The outcome of a blackout request, or a Problem.',
  types: () => [BlackoutSuccess, Problem] as const,
});
