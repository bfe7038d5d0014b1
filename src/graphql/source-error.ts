import { Field, ObjectType } from 'type-graphql';
import type { SourceFailure } from '../domain/read/connections.ts';
import type { GraphContext } from './context.ts';
import { Problem, problemOf } from './problem.ts';
import { RecordingSource } from './source.ts';

@ObjectType({ simpleResolvers: true, description: 'A source that could not answer in time; the rest of the page is still good.' })
export class SourceError {
  @Field(() => RecordingSource, { description: 'The source.' })
  readonly source: RecordingSource;

  @Field(() => Problem, { description: 'What kept it from answering.' })
  readonly problem: Problem;

  constructor({ source, error }: SourceFailure, { show, correlationId }: GraphContext) {
    this.source = show.source(source);
    this.problem = problemOf(error, correlationId);
  }
}
