import { Directive, Extensions, Field, ID, ObjectType } from 'type-graphql';
import type { ProblemData } from '../domain/model/entities.ts';
import type { ProblemCode as Code } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { ProblemCode } from './enums.ts';
import { Duration } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Extensions(ofItsCaller)
@Directive('@shareable')
@ObjectType({ simpleResolvers: true, description: 'An expected failure, told as data. Faults of this server are GraphQL errors instead.' })
export class Problem implements ProblemData {
  @Field(() => ProblemCode, { description: 'The kind of failure.' })
  code!: Code;

  @Field(() => String, { description: 'What is wrong, by which rule, and what would mend it; for people, and not stable.' })
  message!: string;

  @Field(() => Boolean, { description: 'Whether the same request may succeed later, unchanged.' })
  retryable!: boolean;

  @Field(() => String, { nullable: true, description: "The vendor's own code, verbatim, where it gave one." })
  vendorCode!: string | null;

  @Field(() => ID, { description: "Finds the request in the server's logs." })
  correlationId!: string;

  @Field(() => Duration, { nullable: true, description: 'After how long trying again makes sense, where that is known.' })
  retryAfter?: number | null;
}

export const problemOf = (error: ExpectedError, correlationId: string): Problem => ({
  code: error.code,
  message: error.message,
  retryable: error.retryable,
  vendorCode: error.vendorCode,
  correlationId: error.correlationId ?? correlationId,
  retryAfter: error.retryAfterSeconds === null ? null : error.retryAfterSeconds * 1000,
});

/** Runs a use case; what it refuses becomes a Problem, what it breaks on stays thrown. */
export const orProblem = async <T>(correlationId: string, work: () => Promise<T>): Promise<T | Problem> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpectedError) return problemOf(error, correlationId);
    throw error;
  }
};

/** Tells a Problem from the success that shares a union with it. */
export const isProblem = (value: object): boolean => 'code' in value && 'retryable' in value;
