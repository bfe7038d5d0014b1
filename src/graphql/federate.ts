/** Makes a subgraph of code-first types: their SDL with its directives, their resolvers, and what a gateway's representations stand for. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLResolveInfo, type GraphQLSchema, isAbstractType, parse } from 'graphql';
import { createResolversMap } from 'type-graphql';

/** What a representation of an entity stands for; null for the unknown. */
export type ReferenceResolver<Context> = (
  representation: Record<string, never>,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | null> | object | null;

/** The name of the object type that a value of an abstract type is of. */
export type TypeResolver = (value: never) => string | undefined;

/**
 * `head` is SDL that type-graphql cannot say: the links to the specifications, and directives of one's own. `abstractTypes` tells
 * the members of every union and interface apart at once: type-graphql's own resolvers answer promises, which graphql-jit does not
 * wait for.
 */
export const federate = <Context>(
  codeFirst: GraphQLSchema,
  {
    head,
    references,
    abstractTypes,
    direct = new Map(),
  }: {
    head: string;
    references: Readonly<Record<string, ReferenceResolver<Context>>>;
    abstractTypes: Readonly<Record<string, TypeResolver>>;
    /** By type and field, resolvers that replace type-graphql's own. */
    direct?: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  },
): GraphQLSchema => {
  const resolvers = createResolversMap(codeFirst) as Record<string, Record<string, unknown>>;
  for (const map of Object.values(resolvers)) delete map.__isTypeOf;
  for (const [type, fields] of direct) Object.assign(resolvers[type]!, Object.fromEntries(fields));
  for (const [type, __resolveReference] of Object.entries(references)) resolvers[type] = { ...resolvers[type], __resolveReference };
  for (const type of Object.values(codeFirst.getTypeMap())) {
    if (!isAbstractType(type) || type.name.startsWith('__')) continue;
    const __resolveType = abstractTypes[type.name];
    if (!__resolveType) throw new Error(`nothing tells the members of ${type.name} apart`);
    resolvers[type.name] = { __resolveType };
  }
  const typeDefs = parse(`${head}\n${printSchemaWithDirectives(codeFirst)}`);
  return buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
};
