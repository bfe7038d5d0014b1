import { type GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Log } from '../domain/ports/log.ts';

export interface OutwardErrorOptions {
  log: Log;
  correlationId: string;
}

/** What graphql-js, and graphql-jit in its place, throw; the latter's errors have no `nodes` and no `extensions`. */
type ThrownError = Pick<GraphQLError, 'message' | 'path' | 'locations'> & Partial<GraphQLError>;

const expectedWithin = (error: unknown): ExpectedError | null => {
  for (let inner = error; inner instanceof Error; inner = (inner as Partial<GraphQLError>).originalError ?? inner.cause) {
    if (inner instanceof ExpectedError) return inner;
  }
  return null;
};

/** Whether a client's input caused it: graphql-js then points at a variable or a value, where a resolver's failure has its field. */
const blamesInput = ({ nodes, path, originalError }: ThrownError): boolean =>
  nodes?.[0] === undefined ? path === undefined && originalError === undefined : nodes[0].kind !== Kind.FIELD;

/**
 * Errors as clients see them: an expected failure by its code, a request's fault by its message, anything else as `Internal error`
 * with a correlation id, its cause logged once.
 */
export const outwardErrors = (errors: readonly ThrownError[], { log, correlationId }: OutwardErrorOptions): GraphQLFormattedError[] =>
  errors.map((error) => {
    const place = { ...(error.locations ? { locations: error.locations } : {}), ...(error.path ? { path: error.path } : {}) };
    const expected = expectedWithin(error.originalError);
    if (expected !== null) {
      const { code, retryable, vendorCode, retryAfterSeconds } = expected;
      return {
        message: expected.message,
        ...place,
        extensions: {
          code,
          retryable,
          ...(vendorCode === null ? {} : { vendorCode }),
          ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
          correlationId,
        },
      };
    }
    const given = error.extensions ?? (error.originalError as Partial<GraphQLError> | undefined)?.extensions;
    if (given?.code !== undefined) return { message: error.message, ...place, extensions: { ...given, correlationId } };
    if (blamesInput(error)) return { message: error.message, ...place, extensions: { code: 'BAD_USER_INPUT', correlationId } };
    const cause = error.originalError ?? error;
    log.error('a resolver failed', { correlationId, path: error.path?.join('.'), error: cause });
    return { message: 'Internal error', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId } };
  });
