/** Makes a subgraph of code-first types: their SDL with its directives, their resolvers, and what a gateway's representations stand for. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLResolveInfo, type GraphQLSchema, parse } from 'graphql';
import { createResolversMap } from 'type-graphql';

/** What a representation of an entity stands for; null for the unknown. */
export type ReferenceResolver<Context> = (
  representation: Record<string, never>,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | null> | object | null;

/** `head` is SDL that type-graphql cannot say: the links to the specifications, and directives of one's own. */
export const federate = <Context>(
  codeFirst: GraphQLSchema,
  { head, references }: { head: string; references: Readonly<Record<string, ReferenceResolver<Context>>> },
): GraphQLSchema => {
  const resolvers = createResolversMap(codeFirst) as Record<string, Record<string, unknown>>;
  for (const map of Object.values(resolvers)) delete map.__isTypeOf;
  for (const [type, __resolveReference] of Object.entries(references)) resolvers[type] = { ...resolvers[type], __resolveReference };
  const typeDefs = parse(`${head}\n${printSchemaWithDirectives(codeFirst)}`);
  return buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
};
