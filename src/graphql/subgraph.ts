import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLResolveInfo, type GraphQLSchema, isUnionType, parse } from 'graphql';
import { createResolversMap } from 'type-graphql';
import { ExpectedError } from '../domain/model/errors.ts';

/** What a representation of an entity stands for, with its `__typename`; null for the unknown. */
export type ReferenceResolver<Context> = (
  representation: Record<string, unknown>,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | null> | object | null;

/** Answers an error as a value, so that graphql-js tells it at its own index and leaves the others as they are. */
const orError = (work: () => Promise<object | null> | object | null): Promise<object | null> | object | null => {
  try {
    const answer = work();
    return answer instanceof Promise ? answer.catch((error: unknown) => error as object) : answer;
  } catch (error) {
    return error as object;
  }
};

const entitiesResolver =
  <Context>(references: Readonly<Record<string, ReferenceResolver<Context>>>) =>
  (
    _root: unknown,
    { representations }: { representations: readonly (Record<string, unknown> | null)[] },
    context: Context,
    info: GraphQLResolveInfo,
  ) =>
    representations.map((representation) =>
      orError(() => {
        const type = representation?.__typename;
        if (typeof type === 'string' && Object.hasOwn(references, type)) return references[type]!(representation!, context, info);
        throw new ExpectedError(
          'INVALID_INPUT',
          `A representation names no entity; its __typename is one of ${Object.keys(references).join(', ')}.`,
        );
      }),
    );

/** The resolvers of code-first types. Rows are told apart by what they hold: none is an instance of the class that describes its type. */
const resolversOf = (codeFirst: GraphQLSchema): GraphQLResolverMap<unknown> => {
  const resolvers = createResolversMap(codeFirst) as Record<string, { __isTypeOf?: unknown }>;
  for (const ofType of Object.values(resolvers)) delete ofType.__isTypeOf;
  return resolvers as GraphQLResolverMap<unknown>;
};

/** What types and fields say of themselves, which SDL cannot carry. */
const copyExtensions = (from: GraphQLSchema, to: GraphQLSchema): void => {
  for (const type of Object.values(from.getTypeMap())) {
    const copy = to.getType(type.name);
    if (!copy) continue;
    copy.extensions = { ...copy.extensions, ...type.extensions };
    if (!('getFields' in type && 'getFields' in copy)) continue;
    const fields = copy.getFields();
    for (const { name, extensions } of Object.values(type.getFields())) {
      const field = fields[name];
      if (field) field.extensions = { ...field.extensions, ...extensions };
    }
  }
};

/**
 * Makes a subgraph of code-first types. `head` is SDL that type-graphql cannot say: the links to the specifications, and directives of
 * one's own. Each representation of `_entities` fails by itself; `_service` answers the printed source, without what federation defines.
 */
export const subgraphOf = <Context>(
  codeFirst: GraphQLSchema,
  { head, references }: { head: string; references: Readonly<Record<string, ReferenceResolver<Context>>> },
): GraphQLSchema => {
  const sdl = `${head}\n${printSchemaWithDirectives(codeFirst)}`;
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolversOf(codeFirst) }]);
  copyExtensions(codeFirst, schema);
  const { _entities, _service } = schema.getQueryType()!.getFields();
  _entities!.resolve = entitiesResolver(references) as never;
  _service!.resolve = () => ({ sdl });
  const entity = schema.getType('_Entity');
  if (isUnionType(entity)) entity.resolveType = ({ __typename }: { __typename: string }) => __typename;
  return schema;
};
