/** Relay connections: the classes of a page, made for each entity by one function. */
import { type ClassType, Directive, Field, Int, ObjectType, Root } from 'type-graphql';
import type { PageRequest } from '../domain/ports/store.ts';
import {
  askedPage,
  type ConnectionArguments,
  connectionOf,
  type Connection as Loaded,
  type SourceFailure,
} from '../domain/read/connections.ts';
import type { LoadedPage } from './loaders.ts';
import { SourceError } from './source-error.ts';

@Directive('@shareable')
@ObjectType({ simpleResolvers: true, description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows; read it with `after: endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether something came before, that is, whether `after` was given.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item; null on an empty page.' })
  endCursor!: string | null;
}

/** The two classes of an entity's connection. `nodeClass` is asked for late, since entities refer to each other. */
export const connectionClasses = <T extends object>(entityType: string, nodeClass: () => ClassType<T>, withSourceErrors: boolean) => {
  @ObjectType(`${entityType}Edge`, { simpleResolvers: true, description: `One ${entityType} of a page, with its cursor.` })
  class Edge {
    @Field(() => String, { description: 'Give it back as `after` to go on behind this item.' })
    cursor!: string;

    @Field(() => nodeClass(), { description: 'The item.' })
    node!: T;
  }

  @ObjectType(`${entityType}Connection`, { simpleResolvers: true, description: `A page of ${entityType}s.` })
  class Page {
    @Field(() => [Edge], { description: 'The items with their cursors.' })
    edges!: readonly Edge[];

    @Field(() => [nodeClass()], { description: 'The items.' })
    nodes!: readonly T[];

    @Field(() => PageInfo, { description: 'Where the page lies.' })
    pageInfo!: PageInfo;

    @Field(() => Int, {
      nullable: true,
      description: 'How many items the whole list has, up to 10,000; null beyond that. Counted only when asked for.',
    })
    @Directive('@cost(weight: 10)')
    totalCount(@Root() page: Loaded<T>): Promise<number | null> {
      return page.totalCount();
    }
  }
  if (withSourceErrors) {
    const errors = Field(() => [SourceError], { description: 'The sources that could not answer; the rest of the page is still good.' });
    errors(Page.prototype, 'sourceErrors');
  }
  return Page as unknown as ClassType<Loaded<T>>;
};

const withNew = (stale: readonly SourceFailure[], failures: readonly SourceFailure[]): readonly SourceFailure[] =>
  failures.length === 0 ? stale : [...stale, ...failures.filter(({ source }) => !stale.some((known) => known.source === source))];

/** A connection whose page is read together with those of other parents in the same request. */
export const loadedConnection = <T, F extends object>(
  entityType: string,
  args: ConnectionArguments<unknown>,
  filter: F,
  largest: number,
  load: (request: PageRequest<F>) => Promise<LoadedPage<T>>,
  count: (filter: F) => Promise<number | null>,
  stale: readonly SourceFailure[] = [],
): Promise<Loaded<T>> => {
  const asked = askedPage(entityType, filter, args, largest);
  return load(asked.request).then(({ page, failures }) => connectionOf(asked, page, () => count(filter), withNew(stale, failures)));
};
