import { coerceInputValue, GraphQLError, type GraphQLSchema, isInputType, type OperationDefinitionNode, typeFromAST } from 'graphql';
import { isLarge } from '../../lib/json-in-slices.ts';

/** Values, or 32 characters of a text each, that fifty errors may repeat. */
const maxRepeated = 100;

const placeOf = (name: string, path: readonly (string | number)[]): string =>
  path.reduce<string>((place, step) => place + (typeof step === 'number' ? `[${step}]` : `.${step}`), name);

/**
 * Returns the first fault of a large variable. graphql-js repeats the whole value in each of up to fifty errors, so only what is small, or good,
 * is left to it.
 */
export const refuseVariables = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  { variables, suggestions }: { variables: Readonly<Record<string, unknown>>; suggestions: boolean },
): GraphQLError | null => {
  for (const definition of variableDefinitions) {
    const { variable, type: node } = definition;
    const name = variable.name.value;
    const value = variables[name];
    if (!isLarge(value, maxRepeated)) continue;
    const type = typeFromAST(schema, node);
    if (!isInputType(type)) continue;
    const refuse = (path: readonly (string | number)[], _: unknown, { message }: GraphQLError) => {
      throw new GraphQLError(`Variable "$${name}" got an invalid value at "${placeOf(name, path)}"; ${message}`, {
        nodes: definition,
        extensions: { code: 'BAD_USER_INPUT' },
      });
    };
    try {
      coerceInputValue(value, type, refuse, !suggestions);
    } catch (error) {
      return error as GraphQLError;
    }
  }
  return null;
};
