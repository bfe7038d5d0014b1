import { type DocumentNode, type ExecutionResult, execute, type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import { type Caller, hasScope, type Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { jsonInSlices } from '../lib/json-in-slices.ts';
import type { Slices } from '../lib/slices.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { createErrorAllowance } from './error-allowance.ts';
import { noteForbiddenBy, outwardErrors } from './outward-errors.ts';
import type { Admission } from './policy/admission.ts';
import type { EnterRoom, InRoom } from './room.ts';

export type Admitted = Extract<Admission, { admitted: true }>;

export interface ContextOptions {
  correlationId: string;
  streaming: boolean;
  /** True once nobody waits for the answer of a query any more: what it still reads then ends. */
  isAbandoned?: (() => boolean) | undefined;
}

export interface ExecutionContext {
  schema: GraphQLSchema;
  /** True if clients may see the schema, and suggestions from it. */
  introspection: boolean;
  createContext(principal: Principal, options: ContextOptions): object;
  metrics: RequestMetrics;
  inRoom: InRoom;
  /** In which answers are written; undefined where nobody else has to come between. */
  slices?: Slices | undefined;
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

/** Of the JSON of one answer, or of all in a batch: a few times as long as that of the largest pages. */
export const maxAnswerBytes = 8 * 1024 * 1024;

const answerTooLong = (): GraphQLError =>
  new GraphQLError(
    `The answer is longer than ${maxAnswerBytes} bytes; ask for fewer items at once, and for each value once. The answers of a batch count together.`,
    { extensions: { code: 'ANSWER_LIMIT', limit: maxAnswerBytes } },
  );

/** An answer's caller, and the bytes that are left to all answers of its batch. */
export interface AnswerOf {
  caller: Caller;
  space?: { bytes: number };
}

/** Makes the JSON of an answer, in slices of the caller's; of an error in its place where it would be too long. */
export const answerJson = async (
  { slices, log, introspection, metrics }: ExecutionContext,
  answer: FormattedExecutionResult,
  { caller: { principal, correlationId }, space = { bytes: maxAnswerBytes } }: AnswerOf,
): Promise<string> => {
  const json = await jsonInSlices(answer, { caller: principal.name, maxBytes: maxAnswerBytes, slices });
  const left = json === null ? -1 : space.bytes - Buffer.byteLength(json);
  if (json !== null && left >= 0) {
    space.bytes = left;
    return json;
  }
  const errors = outwardErrors([answerTooLong()], { log, suggestions: introspection, correlationId, countErrors: metrics.failed });
  return JSON.stringify({ errors, data: null });
};

/** Executes a query when the caller has room for it; its reads end once nobody waits for them. */
const runInRoom = async (
  context: ExecutionContext,
  requested: Requested,
  { enter, isGone }: { enter: EnterRoom; isGone(): boolean },
): Promise<FormattedExecutionResult> => {
  const refused = await enter(requested.admitted.room);
  return refused === null ? run(context, requested, isGone) : outwardResult(context, { errors: [refused] }, requested);
};

/** Executes a mutation at once, or a query when the caller has room for it. Returns the answer's JSON. The measured time includes the wait. */
export const executeOperation = (context: ExecutionContext, requested: Requested, isGone: () => boolean): Promise<string> => {
  const { clock, metrics } = context;
  const type = requested.admitted.operation.node.operation;
  const startedMs = clock.monotonicMs();
  return context.inRoom(requested.caller.principal, isGone, async (enter) => {
    const answer = await (type === 'query' ? runInRoom(context, requested, { enter, isGone }) : run(context, requested));
    metrics.operation(type, clock.monotonicMs() - startedMs);
    return answerJson(context, answer, requested);
  });
};
