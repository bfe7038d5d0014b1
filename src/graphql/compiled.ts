import { type ExecutionResult, execute, type GraphQLSchema, getVariableValues } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Operation } from './policy/admission.ts';

export interface ExecuteArguments {
  operation: Operation;
  rootValue: unknown;
  contextValue: object;
  variables: Readonly<Record<string, unknown>>;
}

export type Execute = (request: ExecuteArguments) => Promise<ExecutionResult>;

/** graphql-js: walks the document each time. */
export const interpreted =
  (schema: GraphQLSchema): Execute =>
  async ({ operation, rootValue, contextValue, variables }) =>
    execute({
      schema,
      document: operation.document,
      operationName: operation.name,
      rootValue,
      contextValue,
      variableValues: variables,
    });

/** Executions after which an operation is worth compiling: one-off documents never are. */
export const hotAfter = 3;

/** graphql-jit: an operation that comes again is compiled to a function; the answers are the same. */
export const compiled = (schema: GraphQLSchema, after: number = hotAfter): Execute => {
  const interpret = interpreted(schema);
  const operations = new WeakMap<Operation, { uses: number; query: CompiledQuery['query'] | null }>();
  return async (request) => {
    const { operation, rootValue, contextValue, variables } = request;
    const entry = operations.get(operation) ?? { uses: 0, query: null };
    operations.set(operation, entry);
    entry.uses += 1;
    if (entry.uses === after) {
      const made = compileQuery(schema, operation.document, operation.name ?? '', { disablingCapturingStackErrors: true });
      if (isCompiledQuery(made)) entry.query = made.query;
    }
    if (entry.query === null) return interpret(request);
    // graphql-jit words the faults of variables in its own way; what does not fit is left to graphql-js.
    const { errors } = getVariableValues(schema, operation.node.variableDefinitions ?? [], variables, { maxErrors: 1 });
    return errors === undefined ? entry.query(rootValue, contextValue, variables) : interpret(request);
  };
};
