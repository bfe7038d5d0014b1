import { Directive, Extensions, Field, ID, ObjectType } from 'type-graphql';
import type { ProblemData } from '../domain/model/entities.ts';
import type { ProblemCode as Code } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { ProblemCode } from './enums.ts';
import { Duration } from './scalars.ts';
import { ofItsCaller } from './unshareable.ts';

@Extensions(ofItsCaller)
@Directive('@shareable')
@ObjectType('Problem', {
  simpleResolvers: true,
  description: 'An expected failure, returned as data. A fault of this server is a GraphQL error instead.',
})
export class Problem implements ProblemData {
  @Field(() => ProblemCode, { description: 'The kind of failure.' })
  readonly code: Code;

  @Field(() => String, { description: 'The failure, the rule and the fix, for people. The text can change.' })
  readonly message: string;

  @Field(() => Boolean, { description: 'True if the same request can succeed later.' })
  readonly retryable: boolean;

  @Field(() => String, {
    nullable: true,
    description: "The vendor's own code, unchanged; null if there is none, or if it does not look like a code.",
  })
  readonly vendorCode: string | null;

  @Field(() => ID, { description: "The id of the request in the server's logs." })
  readonly correlationId: string;

  @Field(() => Duration, { nullable: true, description: 'The time to wait before a retry, if it is known.' })
  readonly retryAfter: number | null;

  constructor(data: ProblemData, retryAfter: number | null = null) {
    this.code = data.code;
    this.message = data.message;
    this.retryable = data.retryable;
    this.vendorCode = data.vendorCode;
    this.correlationId = data.correlationId;
    this.retryAfter = retryAfter;
  }
}

/** Makes a Problem of an expected failure; `correlationId` is that of the request, unless the error bears its own. */
export const problemOf = (error: ExpectedError, correlationId: string): Problem => {
  const { code, message, retryable, vendorCode, retryAfterSeconds } = error;
  const data = { code, message, retryable, vendorCode, correlationId: error.correlationId ?? correlationId };
  return new Problem(data, retryAfterSeconds === null ? null : retryAfterSeconds * 1000);
};

/** Runs a use case; what it refuses becomes a Problem, what it breaks on stays thrown. */
export const orProblem = async <T>(correlationId: string, work: () => Promise<T>): Promise<T | Problem> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpectedError) return problemOf(error, correlationId);
    throw error;
  }
};
