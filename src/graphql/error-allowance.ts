/** Bounds the errors of one answer: each costs its trace, its place in the document and its text, and nobody reads thousands. */
import { type GraphQLFormattedError, type GraphQLSchema, isNonNullType, isObjectType } from 'graphql';

/** Errors that an answer lists. */
const maxListed = 100;

interface ErrorAllowance {
  /** Returns true if the field may fail once more; the first time it always may, so that the audit trail has each field that was refused. */
  take(field: string): boolean;
  /** How many failures have left no error. */
  readonly omitted: number;
}

/** For one execution: the errors of one answer. */
export interface WithAllowance {
  errors: ErrorAllowance;
}

export const createErrorAllowance = (): ErrorAllowance => {
  const fields = new Set<string>();
  let listed = 0;
  let omitted = 0;
  return {
    take: (field) => {
      const isListed = listed < maxListed || !fields.has(field);
      fields.add(field);
      if (isListed) listed += 1;
      else omitted += 1;
      return isListed;
    },
    get omitted() {
      return omitted;
    },
  };
};

/** The errors that an answer lists, and behind them how many more there are. */
export const listErrors = (errors: readonly GraphQLFormattedError[], omitted: number): GraphQLFormattedError[] => {
  const more = omitted + Math.max(0, errors.length - maxListed);
  if (more === 0) return [...errors];
  const message = `${more} more errors are not listed; an answer lists ${maxListed} at most. Each field that failed is null.`;
  return [...errors.slice(0, maxListed), { message, extensions: { code: 'ERROR_LIMIT', limit: maxListed } }];
};

/** Throws what `failed` makes, or answers null where that is one error too many: a nullable field that failed is null in any case. */
export const failOrNull = ({ errors }: WithAllowance, field: string, failed: () => unknown): null => {
  if (errors.take(field)) throw failed();
  return null;
};

/**
 * Guards a schema in place, which `buildSubgraphSchema` has made: nullable fields with a resolver fail no more often than the allowance has it. A
 * field that is read off an object does not fail for each item at a caller's will.
 */
export const boundErrors = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve || isNonNullType(field.type)) continue;
      const name = `${type.name}.${field.name}`;
      field.resolve = (root, args, context: WithAllowance, info) => {
        try {
          const answer = resolve(root, args, context, info);
          return answer instanceof Promise ? answer.catch((failed) => failOrNull(context, name, () => failed)) : answer;
        } catch (failed) {
          return failOrNull(context, name, () => failed);
        }
      };
    }
  }
  return schema;
};
