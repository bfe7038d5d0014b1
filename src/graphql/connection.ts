/** Relay connections: the classes of a page, made for each entity by one function. */
import { type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { itemCursors, pageInfoOf, type ReadPage } from '../domain/read/pages.ts';
import { SourceError, type Viewer } from './source-error.ts';

@Directive('@shareable')
@ObjectType('PageInfo', { simpleResolvers: true, description: 'The position of a page in its list.' })
class PageInfo {
  @Field(() => Boolean, { description: 'True if more items follow. Read them with `after: endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True if `after` was given.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first item; null for an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the last item; null for an empty page.' })
  endCursor!: string | null;
}

/** An instance of an entity's connection class. */
export interface Connection<T> {
  readonly edges: readonly { cursor: string; node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  readonly totalCount: Promise<number | null>;
}

/** Makes a connection of a page that was read; `show` makes the instances of its items. */
type ConnectionClass<T> = new <E>(read: ReadPage<E>, show: (entity: E) => T, viewer: Viewer) => Connection<T>;

/** Returns the connection class of an entity, with its edges. `nodeClass` is called late, since entities refer to each other. */
export const connectionClasses = <T extends object>(
  entityType: string,
  nodeClass: () => ClassType<T>,
  { sourceErrors }: { sourceErrors: boolean },
): ConnectionClass<T> => {
  @ObjectType(`${entityType}Edge`, { simpleResolvers: true, description: `One ${entityType} of a page, with its cursor.` })
  class Edge {
    @Field(() => String, { description: 'The cursor of this item. Use it as `after` to continue after the item.' })
    cursor!: string;

    @Field(() => nodeClass(), { description: 'The item.' })
    node!: T;
  }

  @ObjectType(`${entityType}Connection`, { simpleResolvers: true, description: `A page of ${entityType}s.` })
  class Page<E> implements Connection<T> {
    @Field(() => [Edge], { description: 'The items with their cursors.' })
    get edges(): readonly Edge[] {
      const cursors = itemCursors(this.read);
      return this.nodes.map((node, index) => ({ cursor: cursors[index]!, node }));
    }

    @Field(() => [nodeClass()], { description: 'The items.' })
    readonly nodes: readonly T[];

    constructor(
      private readonly read: ReadPage<E>,
      show: (entity: E) => T,
      private readonly viewer: Viewer,
    ) {
      this.nodes = read.page.items.map(show);
    }

    @Field(() => PageInfo, { description: 'The position of the page in the list.' })
    get pageInfo(): PageInfo {
      return pageInfoOf(this.read);
    }

    @Field(() => Int, {
      nullable: true,
      description: 'The number of items in the whole list; null above 10,000. Counted only if selected.',
    })
    @Directive('@cost(weight: 10)')
    get totalCount(): Promise<number | null> {
      return this.read.count();
    }

    get sourceErrors(): readonly SourceError[] {
      return this.read.failures.map((failure) => new SourceError(failure, this.viewer));
    }
  }
  if (sourceErrors) {
    const decorate = Field(() => [SourceError], { description: 'The sources that did not answer. The rest of the page is complete.' });
    decorate(Page.prototype, 'sourceErrors');
  }
  return Page;
};
