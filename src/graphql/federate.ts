/**
 * Makes a subgraph of code-first types, in place of Apollo's library, which takes a fifth of a start to check what the tests have it
 * check. The types keep their resolvers; what Federation defines comes beside them.
 */
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  concatAST,
  extendSchema,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isObjectType,
  parse,
} from 'graphql';
import { ExpectedError } from '../domain/model/errors.ts';
import { federationDefinitions } from './federation-spec.ts';

/** What a representation of an entity stands for, with its `__typename`; null for the unknown. */
export type ReferenceResolver<Context> = (
  representation: Record<string, never>,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | null> | object | null;

/** The name of the object type that a value of an abstract type is of. */
export type TypeResolver = (value: never) => string | undefined;

interface Representation extends Record<string, never> {
  __typename: never;
}

const entitiesResolver =
  <Context>(references: Readonly<Record<string, ReferenceResolver<Context>>>) =>
  (_root: unknown, { representations }: { representations: readonly Representation[] }, context: Context, info: GraphQLResolveInfo) =>
    representations.map((representation) => {
      const { __typename: type } = representation;
      if (!Object.hasOwn(references, type)) {
        throw new ExpectedError(
          'INVALID_INPUT',
          `A representation names no entity; its __typename is one of ${Object.keys(references).join(', ')}.`,
        );
      }
      return references[type]!(representation, context, info);
    });

/** Changes in place what code-first types cannot say, or say in a way that costs more. */
const complete = (schema: GraphQLSchema, abstractTypes: Readonly<Record<string, TypeResolver>>): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type)) type.isTypeOf = undefined;
    if (isInputObjectType(type)) type.isOneOf = type.astNode?.directives?.some(({ name }) => name.value === 'oneOf') ?? false;
    if (!isAbstractType(type)) continue;
    const resolveType = abstractTypes[type.name];
    if (!resolveType) throw new Error(`nothing tells the members of ${type.name} apart`);
    type.resolveType = resolveType as never;
  }
};

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
  const links = parse(head);
  const definitions = parse(federationDefinitions(links, Object.keys(references).toSorted()));
  const schema = extendSchema(codeFirst, concatAST([links, definitions]), { assumeValid: true });
  complete(schema, { ...abstractTypes, _Entity: ({ __typename }: Representation) => __typename });
  for (const [type, resolvers] of direct) {
    const fields = (schema.getType(type) as GraphQLObjectType).getFields();
    for (const [field, resolve] of resolvers) fields[field]!.resolve = resolve as never;
  }
  const { _entities, _service } = schema.getQueryType()!.getFields();
  _entities!.resolve = entitiesResolver(references) as never;
  let sdl: string | null = null;
  _service!.resolve = () => {
    sdl ??= `${head}\n${printSchemaWithDirectives(codeFirst)}`;
    return { sdl };
  };
  return schema;
};
