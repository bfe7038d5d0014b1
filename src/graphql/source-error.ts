import { Field, ObjectType } from 'type-graphql';
import type { SourceFailure } from '../domain/read/pages.ts';
import { Problem, problemOf } from './problem.ts';
import { RecordingSource } from './source.ts';

/** The viewer of an instance: the caller's view of sources, and the id of the request. */
export interface Viewer {
  show: { source(name: string): RecordingSource };
  correlationId: string;
}

@ObjectType('SourceError', {
  simpleResolvers: true,
  description: 'A source that did not answer in time. The rest of the page is complete.',
})
export class SourceError {
  @Field(() => RecordingSource, { description: 'The source.' })
  readonly source: RecordingSource;

  @Field(() => Problem, { description: 'The reason.' })
  readonly problem: Problem;

  constructor({ source, error }: SourceFailure, { show, correlationId }: Viewer) {
    this.source = show.source(source);
    this.problem = problemOf(error, correlationId);
  }
}
