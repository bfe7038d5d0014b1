import { createSourceEventStream, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Caller, Principal } from '../domain/model/principal.ts';
import { mapStream } from '../lib/map-stream.ts';
import type { Instrument } from '../observability/request-scope.ts';
import { eventDocument } from './event-document.ts';
import { type Admitted, answerJson, type ExecutionContext, executeDocument, outwardResult, type Requested } from './execute-operation.ts';
import { noteForbiddenBy } from './outward-errors.ts';
import { type SharedExecutions, subscriptionSignature } from './shared-subscriptions.ts';
import { namesItsCaller } from './unshareable.ts';

/** The answers of a stream, each as the JSON that goes to any number of subscribers. */
export type AnswerStream = AsyncIterableIterator<string, undefined>;

/**
 * One item of a subscription's source stream. `id` names the event and its row, so that its answer can be shared between
 * identical subscriptions. A snapshot is never shared.
 */
interface StreamPayload {
  id: string;
  snapshot: boolean;
  gap?: boolean;
}

/** The answer to one event, shared by all subscriptions that are identical. */
export interface EventAnswer {
  json: string;
  /** Fields that its callers lack a scope for. */
  forbidden: readonly string[];
}

export interface SubscriptionContext extends ExecutionContext {
  /** Runs the execution of an event, of which a stream has any number long after it was asked for. */
  instrumentEvent: Instrument;
  shared: SharedExecutions<EventAnswer>;
  /** Throws where the caller's open subscriptions cost too much; returns what gives the cost back. */
  holdEventCost(principal: Principal, cost: number): () => void;
}

const shareKeyOf = (payload: unknown): string | null => {
  const { id, snapshot, gap } = (payload ?? {}) as Partial<StreamPayload>;
  return typeof id === 'string' && snapshot === false && gap !== true ? id : null;
};

/** Opens the resolver's stream; an error of the resolver is a result without a stream. */
const openSource = async (
  { schema, clock, metrics }: ExecutionContext,
  { operation, variables }: Admitted,
  contextValue: object,
): Promise<AsyncIterable<unknown> | ExecutionResult> => {
  const { document, name: operationName } = operation;
  const startedMs = clock.monotonicMs();
  const source = await createSourceEventStream({ schema, document, operationName, contextValue, variableValues: variables });
  metrics.operation(operation.node.operation, clock.monotonicMs() - startedMs);
  return source;
};

/** Returns the function that answers each event of the stream, once for all subscriptions that are identical. */
const answerEvents = (context: SubscriptionContext, { admitted, caller }: Requested, contextValue: object) => {
  const { schema, shared, instrumentEvent, slices } = context;
  const { operation, variables } = admitted;
  const { principal, correlationId } = caller;
  const signature = namesItsCaller(schema, operation.document)
    ? null
    : subscriptionSignature({ text: operation.text, operationName: operation.name, variables }, principal);
  const document = eventDocument(operation.document, operation.node);
  const noteForbidden = noteForbiddenBy(context.noteRefused, caller);
  /** Notes this caller too, who lacks the same scopes as the one that a shared answer was executed for. */
  const noteShared = ({ json, forbidden }: EventAnswer): string => {
    if (forbidden.length > 0) noteForbidden(forbidden);
    return json;
  };
  return async (payload: unknown): Promise<string> => {
    const key = signature === null ? null : shareKeyOf(payload);
    const known = signature === null || key === null ? undefined : shared.known(signature, key);
    if (known !== undefined) return known.then(noteShared);
    // An event reaches thousands of streams in one turn, and each may have to be executed. Each waits by itself, and for no other caller.
    if (slices?.isOver()) await slices.next(principal.name);
    const run = async (as: Caller): Promise<EventAnswer> => {
      const forbidden: string[] = [];
      const noteRefused: NoteRefusedAttempt = (lacking, attempt) => {
        forbidden.push(...attempt.what);
        context.noteRefused(lacking, attempt);
      };
      const answer = await executeDocument(
        { ...context, noteRefused },
        { admitted, caller: as, document, contextValue, rootValue: payload },
      );
      return { json: await answerJson(context, answer, { caller: as }), forbidden };
    };
    if (signature === null || key === null) return (await run(caller)).json;
    // All subscribers that share it get the event's own id: a fault is logged once, and under nobody's request.
    let isOwn = false;
    const answer = shared.once(signature, key, () => {
      isOwn = true;
      return instrumentEvent({ name: 'event', correlationId }, () => run({ principal, correlationId: `event ${key}` }));
    });
    return isOwn ? (await answer).json : answer.then(noteShared);
  };
};

/** The stream's `return()` ends its source at once; an error of the resolver is a result without a stream. */
export const subscribe = async (context: SubscriptionContext, requested: Requested): Promise<AnswerStream | FormattedExecutionResult> => {
  const { admitted, caller } = requested;
  const { principal, correlationId } = caller;
  let release: () => void;
  try {
    release = context.holdEventCost(principal, Math.max(1, admitted.estimate));
  } catch (error) {
    if (error instanceof GraphQLError) return outwardResult(context, { errors: [error] }, requested);
    throw error;
  }
  let refused: ExecutionResult;
  try {
    const contextValue = context.createContext(principal, { correlationId, streaming: true });
    const source = await openSource(context, admitted, contextValue);
    if (Symbol.asyncIterator in source)
      return mapStream(source[Symbol.asyncIterator](), answerEvents(context, requested, contextValue), release);
    refused = source;
  } catch (error) {
    release();
    throw error;
  }
  release();
  return outwardResult(context, refused, requested);
};
