import { type DocumentNode, type ExecutionResult, execute, type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import { type Caller, hasScope, type Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { createErrorAllowance } from './error-allowance.ts';
import { noteForbiddenBy, outwardErrors } from './outward-errors.ts';
import type { Admission } from './policy/admission.ts';

export type Admitted = Extract<Admission, { admitted: true }>;

export interface ContextOptions {
  correlationId: string;
  streaming: boolean;
  /** True once nobody waits for the answer of a query any more: what it still reads then ends. */
  isAbandoned?: (() => boolean) | undefined;
}

/** Made in place of an answer where a caller has too much in progress. */
export const tooMuchInProgress = (): GraphQLError =>
  new GraphQLError('Too many of this caller’s queries wait for those in progress; send fewer at the same time.', {
    extensions: { code: 'RATE_LIMITED' },
  });

/** Has a path, so that graphql-js makes no copy of it for each of thousands of fields. Nobody gets it. */
export const abandoned = new GraphQLError('The client has gone.', { path: [], extensions: { code: 'CLIENT_GONE' } });

export interface ExecutionContext {
  schema: GraphQLSchema;
  /** True if clients may see the schema, and suggestions from it. */
  introspection: boolean;
  createContext(principal: Principal, options: ContextOptions): object;
  metrics: RequestMetrics;
  /**
   * Resolves when what the caller has in progress leaves room for a query of this price. The function gives the room back. Null where too many of the
   * caller's wait already.
   */
  holdRoom(principal: Principal, estimate: number, isGone: () => boolean): Promise<(() => void) | null>;
  /** Takes in what a caller lacks a scope for. */
  noteRefused: NoteRefusedAttempt;
  clock: Clock;
  log: Log;
}

/** Makes `extensions.cost`, for a caller who may read the audit trail. */
export const costExtension = ({ price, estimate }: Pick<Admitted['operation'], 'price'> & { estimate: number }, data: unknown) => ({
  cost: { estimate, actual: price.actual(data) },
});

/** An operation that was admitted, and its caller. */
export interface Requested {
  admitted: Admitted;
  caller: Caller;
}

/** Makes the answer that a caller gets of what the engine returned; what failed is logged and counted. */
export const outwardResult = (
  { log, introspection, metrics, noteRefused }: ExecutionContext,
  { data, errors }: ExecutionResult,
  { admitted, caller, omitted = 0 }: Requested & { omitted?: number },
): FormattedExecutionResult => {
  const { operation, estimate } = admitted;
  const { correlationId, principal } = caller;
  const noteForbidden = noteForbiddenBy(noteRefused, caller);
  const errorOptions = { log, suggestions: introspection, correlationId, omitted, countErrors: metrics.failed, noteForbidden };
  return {
    ...(errors === undefined || errors.length === 0 ? {} : { errors: outwardErrors(errors, errorOptions) }),
    ...(data === undefined ? {} : { data }),
    ...(hasScope(principal, 'audit:read') ? { extensions: costExtension({ price: operation.price, estimate }, data) } : {}),
  };
};

interface Run extends Requested {
  document: DocumentNode;
  /** Of a query or mutation, or of all events of a stream. */
  contextValue: object;
  /** The event of a stream; undefined for a query or a mutation. */
  rootValue?: unknown;
}

/** Never rejects: what the engine throws is told as an error. */
export const executeDocument = async (
  context: ExecutionContext,
  { admitted, caller, document, contextValue: shared, rootValue }: Run,
): Promise<FormattedExecutionResult> => {
  const { schema } = context;
  const { operation, variables } = admitted;
  const contextValue = { ...shared, errors: createErrorAllowance() };
  try {
    const request = { schema, document, operationName: operation.name, rootValue, contextValue, variableValues: variables };
    return outwardResult(context, await execute(request), { admitted, caller, omitted: contextValue.errors.omitted });
  } catch (error) {
    const originalError = error instanceof Error ? error : new Error(String(error));
    const failed = new GraphQLError('The engine failed.', { originalError });
    return outwardResult(context, { errors: [failed], data: null }, { admitted, caller });
  }
};

const run = (
  context: ExecutionContext,
  { admitted, caller }: Requested,
  isAbandoned?: () => boolean,
): Promise<FormattedExecutionResult> => {
  const { principal, correlationId } = caller;
  const contextValue = context.createContext(principal, { correlationId, streaming: false, isAbandoned });
  return executeDocument(context, { admitted, caller, document: admitted.operation.document, contextValue });
};

/** Executes a query when the caller has room for it; its reads end once nobody waits for them. */
const runInRoom = async (context: ExecutionContext, requested: Requested, isGone: () => boolean): Promise<FormattedExecutionResult> => {
  const { admitted, caller } = requested;
  const release = await context.holdRoom(caller.principal, admitted.estimate, isGone);
  try {
    const refused = release === null ? tooMuchInProgress() : isGone() ? abandoned : null;
    if (refused !== null) return outwardResult(context, { errors: [refused] }, requested);
    return await run(context, requested, isGone);
  } finally {
    release?.();
  }
};

/** Executes a mutation at once, or a query when the caller has room for it. The measured time includes the wait. */
export const executeOperation = async (
  context: ExecutionContext,
  requested: Requested,
  isGone: () => boolean,
): Promise<FormattedExecutionResult> => {
  const { clock, metrics } = context;
  const type = requested.admitted.operation.node.operation;
  const startedMs = clock.monotonicMs();
  const answer = await (type === 'query' ? runInRoom(context, requested, isGone) : run(context, requested));
  metrics.operation(type, clock.monotonicMs() - startedMs);
  return answer;
};
