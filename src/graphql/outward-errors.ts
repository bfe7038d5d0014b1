import { type GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Principal } from '../domain/model/principal.ts';
import type { Log } from '../domain/ports/log.ts';
import { listErrors } from './error-allowance.ts';

interface OutwardErrorOptions {
  log: Log;
  /** False where clients may not see the schema, and hence no suggestions from it. */
  suggestions: boolean;
  correlationId: string;
  /** Failures that have left no error. */
  omitted?: number | undefined;
  /** Takes in the fields that the caller lacks a scope for, as the schema names them: a request may give them any other name. */
  noteForbidden?: ((fields: readonly string[]) => void) | undefined;
  /** Counts them by code. */
  countErrors?: ((codes: readonly string[]) => void) | undefined;
}

const expectedWithin = (error: unknown): ExpectedError | null => {
  for (let inner = error; inner instanceof Error; inner = (inner as Partial<GraphQLError>).originalError ?? inner.cause) {
    if (inner instanceof ExpectedError) return inner;
  }
  return null;
};

/** Returns true if a client's input caused it: graphql-js then points at a variable or a value, where a resolver's failure has its field. */
const blamesInput = ({ nodes, path, originalError }: GraphQLError): boolean =>
  nodes?.[0] === undefined ? path === undefined && originalError === undefined : nodes[0].kind !== Kind.FIELD;

/** Returns true if an error is a fault of this server: clients learn only its correlation id. */
const isBug = (error: GraphQLError): boolean =>
  expectedWithin(error.originalError) === null && error.extensions?.code === undefined && !blamesInput(error);

/** graphql-js ends a message with what it suggests; a caller's own words may say the same, and more than once. */
const withoutSuggestions = (message: string): string => {
  const start = message.lastIndexOf('Did you mean ');
  return start < 0 || !message.endsWith('?') ? message : message.slice(0, start).trimEnd();
};

/** A message repeats what a client sent, which may be long. */
const maxMessageLength = 1000;

const clipped = (message: string): string =>
  message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength - 1).toWellFormed()}…`;

/** An error as clients see it, but for the correlation id: an expected failure by its code, a request's fault by its message. */
export const outwardError = (error: GraphQLError, suggestions = true): GraphQLFormattedError => {
  const place = { ...(error.locations ? { locations: error.locations } : {}), ...(error.path ? { path: error.path } : {}) };
  const expected = expectedWithin(error.originalError);
  if (expected !== null) {
    const { code, retryable, vendorCode, retryAfterSeconds } = expected;
    return {
      message: clipped(expected.message),
      ...place,
      extensions: {
        code,
        retryable,
        ...(vendorCode === null ? {} : { vendorCode }),
        ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
      },
    };
  }
  if (isBug(error)) return { message: 'Internal error', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  // `http` is for Apollo Server, which takes the status from it.
  const { http: _, ...extensions } = error.extensions;
  const message = clipped(suggestions ? error.message : withoutSuggestions(error.message));
  return { message, ...place, extensions: { code: 'BAD_USER_INPUT', ...extensions } };
};

/** Logs a bug, once, under the id that its client gets. */
export const logBug = (error: GraphQLError, { log, correlationId }: Pick<OutwardErrorOptions, 'log' | 'correlationId'>): void => {
  if (isBug(error)) log.error('a resolver failed', { correlationId, path: error.path?.join('.'), error: error.originalError ?? error });
};

export const withCorrelationId = (error: GraphQLFormattedError, correlationId: string): GraphQLFormattedError => ({
  ...error,
  extensions: { ...error.extensions, correlationId },
});

/** Logs the errors of one answer in a line, under the id that the client gets with them, and counts them. */
export const recordErrors = (
  errors: readonly GraphQLFormattedError[],
  { log, correlationId, countErrors, noteForbidden }: Omit<OutwardErrorOptions, 'suggestions'>,
): void => {
  const codes = errors.map(({ extensions }) => String(extensions?.code ?? 'OTHER'));
  countErrors?.(codes);
  // With a vendor's code, it was the vendor that refused this server.
  const forbidden = errors.filter(({ extensions }) => extensions?.code === 'FORBIDDEN' && extensions.vendorCode === undefined);
  if (forbidden.length > 0) {
    // The message begins with the name.
    noteForbidden?.([...new Set(forbidden.map(({ message }) => message.split(' ', 1)[0]!))]);
  }
  log.info('an operation was answered with errors', { correlationId, codes: [...new Set(codes)] });
};

/** Hands what a caller lacks a scope for to whoever writes it down. */
export const noteForbiddenBy =
  (noteRefused: NoteRefusedAttempt, { principal, correlationId }: { principal: Principal; correlationId: string }) =>
  (what: readonly string[]): void =>
    noteRefused(principal, { lacks: 'scope', what, correlationId });

/** Errors as clients see them, as many as an answer lists; bugs are logged, and all are counted and logged in a line. */
export const outwardErrors = (errors: readonly GraphQLError[], options: OutwardErrorOptions): GraphQLFormattedError[] => {
  for (const error of errors) logBug(error, options);
  const outward = errors.map((error) => outwardError(error, options.suggestions));
  recordErrors(outward, options);
  return listErrors(outward, options.omitted ?? 0).map((error) => withCorrelationId(error, options.correlationId));
};
