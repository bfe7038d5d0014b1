import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLResolveInfo, type GraphQLSchema, parse } from 'graphql';
import { createResolversMap } from 'type-graphql';
import { ExpectedError } from '../domain/model/errors.ts';
import type { WithAllowance } from './error-allowance.ts';

/** Returns the instance that a representation names; null for an unknown one. */
export type ReferenceResolver<Context> = (
  representation: Record<string, unknown>,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | null> | object | null;

/** Each representation fails by itself, as an error that is its value; graphql-js reports it at its own index. Null stands for one too many. */
const entitiesResolver = <Context extends WithAllowance>(references: Readonly<Record<string, ReferenceResolver<Context>>>) => {
  const noEntity = new ExpectedError(
    'INVALID_INPUT',
    `A representation names no entity; its __typename is one of ${Object.keys(references).join(', ')}.`,
  );
  return (
    _root: unknown,
    { representations }: { representations: readonly (Record<string, unknown> | null)[] },
    context: Context,
    info: GraphQLResolveInfo,
  ) => {
    const failed = (error: unknown) => (context.errors.take('Query._entities') ? (error as object) : null);
    return representations.map((representation) => {
      const type = representation?.__typename;
      if (typeof type !== 'string' || !Object.hasOwn(references, type)) return failed(noEntity);
      try {
        const answer = references[type]!(representation!, context, info);
        return answer instanceof Promise ? answer.catch(failed) : answer;
      } catch (error) {
        return failed(error);
      }
    });
  };
};

type SubgraphResolvers = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>['resolvers']>;

/** The two libraries name the same map differently. */
const resolversOf = (codeFirst: GraphQLSchema) => createResolversMap(codeFirst) as SubgraphResolvers;

/** Copies the extensions of types and fields, which SDL cannot carry. */
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
export const subgraphOf = <Context extends WithAllowance>(
  codeFirst: GraphQLSchema,
  { head, references }: { head: string; references: Readonly<Record<string, ReferenceResolver<Context>>> },
): GraphQLSchema => {
  const sdl = `${head}\n${printSchemaWithDirectives(codeFirst)}`;
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolversOf(codeFirst) }]);
  copyExtensions(codeFirst, schema);
  const { _entities, _service } = schema.getQueryType()!.getFields();
  _entities!.resolve = entitiesResolver(references);
  _service!.resolve = () => ({ sdl });
  return schema;
};
