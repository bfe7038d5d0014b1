/** Enforces what the SDL says: every field that carries, or answers a type that carries, `@requiresScopes` checks it. */
import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Scope } from '../domain/model/enums.ts';
import type { GraphContext } from './context.ts';
import { failOrNull } from './error-allowance.ts';

interface Annotated {
  astNode?: { directives?: readonly { name: { value: string }; arguments?: readonly unknown[] }[] } | null | undefined;
}

/** `scopes: [["a", "b"], ["c"]]` means a and b, or c; several annotations all hold. */
const scopesOf = ({ astNode }: Annotated): readonly (readonly Scope[])[] => {
  const directive = astNode?.directives?.find(({ name }) => name.value === 'requiresScopes') as
    | { arguments: { value: { values: { values: { value: Scope }[] }[] } }[] }
    | undefined;
  return directive?.arguments[0]?.value.values.map((all) => all.values.map(({ value }) => value)) ?? [];
};

const refuse = (field: string, needed: readonly (readonly Scope[])[], correlationId: string): GraphQLError => {
  const words = needed.map((all) => all.join(' and ')).join(', or ');
  return new GraphQLError(`${field} needs the scope ${words}; use a key or token with that scope.`, {
    extensions: { code: 'FORBIDDEN', correlationId },
  });
};

const holdsOneOf = ({ principal }: GraphContext, sets: readonly (readonly Scope[])[]): boolean =>
  sets.some((all) => all.every((scope) => principal.scopes.has(scope)));

/** Returns what finds the scopes that a caller of the field lacks; null where anyone who is known may read it. */
const lackingOf = (
  field: GraphQLField<unknown, GraphContext>,
): ((context: GraphContext) => readonly (readonly Scope[])[] | null) | null => {
  const named = getNamedType(field.type);
  const sets = [scopesOf(field), isObjectType(named) ? scopesOf(named) : []].filter((set) => set.length > 0);
  if (sets.length === 0) return null;
  return (context) => sets.find((set) => !holdsOneOf(context, set)) ?? null;
};

/**
 * Guards a schema in place, which `buildSubgraphSchema` has made: neither it nor type-graphql calls anything in front of a field that is read off an
 * object. A nullable field is refused no more often than the allowance of errors has it.
 */
export const enforceScopes = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const lacking = lackingOf(field);
      if (!lacking) continue;
      const name = `${type.name}.${field.name}`;
      const isNullable = !isNonNullType(field.type);
      const { resolve = defaultFieldResolver, subscribe } = field;
      field.resolve = (root, args, context, info) => {
        const set = lacking(context);
        if (set === null) return resolve(root, args, context, info);
        const failed = () => refuse(name, set, context.correlationId);
        if (isNullable) return failOrNull(context, name, failed);
        throw failed();
      };
      if (subscribe) {
        field.subscribe = (root, args, context, info) => {
          const set = lacking(context);
          if (set !== null) throw refuse(name, set, context.correlationId);
          return subscribe(root, args, context, info);
        };
      }
    }
  }
  return schema;
};

/**
 * As the fields of a type, for entities by their keys: makes what throws where the caller lacks the type's scopes. One error stands for all of an
 * operation's, of which there may be a thousand; graphql-js gives each its place.
 */
export const typeScopeCheck = (schema: GraphQLSchema, typeName: string): ((context: GraphContext) => void) => {
  const set = scopesOf(schema.getType(typeName) ?? {});
  const refused = new WeakMap<GraphContext, GraphQLError>();
  return (context) => {
    if (set.length === 0 || holdsOneOf(context, set)) return;
    const error = refused.get(context) ?? refuse(typeName, set, context.correlationId);
    refused.set(context, error);
    throw error;
  };
};
