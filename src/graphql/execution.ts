import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import { hasScope, type Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { mapStream } from '../lib/map-stream.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { noRequestMetrics, type RequestMetrics } from '../observability/request-metrics.ts';
import { type Instrument, noInstrumentation } from '../observability/request-scope.ts';
import { eventDocument } from './event-document.ts';
import { noteForbiddenBy, type OutwardErrorOptions, outwardErrors } from './outward-errors.ts';
import { type Admission, createPolicy, type Policy } from './policy/admission.ts';
import { createEventCosts } from './policy/event-costs.ts';
import type { Limits } from './policy/limits.ts';
import { createSharedExecutions, subscriptionSignature } from './shared-subscriptions.ts';
import { namesItsCaller } from './unshareable.ts';

export type Admitted = Extract<Admission, { admitted: true }>;

/** One answer of a stream; `json` is serialised once, however many subscribers it goes to. */
export interface Frame {
  payload: FormattedExecutionResult;
  readonly json: string;
}

export type FrameStream = AsyncIterableIterator<Frame, undefined>;

/** The caller of an execution, and the id under which its faults are logged. */
export interface Caller {
  principal: Principal;
  correlationId: string;
}

/**
 * One item of a subscription's source stream. `id` names the event and its row, so that its answer can be shared between
 * identical subscriptions. A snapshot is never shared.
 */
interface StreamPayload {
  id: string;
  snapshot: boolean;
  gap?: boolean;
}

export interface ContextOptions {
  correlationId: string;
  streaming: boolean;
}

interface ExecutionOptions {
  schema: GraphQLSchema;
  limits: Limits;
  introspection: boolean;
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
  createContext(principal: Principal, options: ContextOptions): object;
  /** Runs the execution of an event, of which a stream has any number long after it was asked for. */
  instrumentEvent?: Instrument;
  metrics?: RequestMetrics;
  /** Takes in what a caller lacks a scope for. */
  noteRefused?: NoteRefusedAttempt | undefined;
  clock: Clock;
  log: Log;
}

export interface Execution extends Policy {
  execute(admitted: Admitted, caller: Caller): Promise<FormattedExecutionResult>;
  /** The stream's `return()` ends its source at once; an error of the resolver is a result without a stream. */
  subscribe(admitted: Admitted, caller: Caller): Promise<FrameStream | FormattedExecutionResult>;
  refused(errors: readonly GraphQLError[], caller: Pick<Caller, 'correlationId'>): { errors: GraphQLFormattedError[] };
  /** Executions of events so far; fewer than the frames sent where subscriptions are identical. */
  readonly eventExecutions: number;
}

const frameOf = (payload: FormattedExecutionResult): Frame => {
  let text: string | null = null;
  return {
    payload,
    get json() {
      text ??= wellFormedJson(JSON.stringify(payload));
      return text;
    },
  };
};

const shareKeyOf = (payload: unknown): string | null => {
  const { id, snapshot, gap } = (payload ?? {}) as Partial<StreamPayload>;
  return typeof id === 'string' && snapshot === false && gap !== true ? id : null;
};

/** Makes `extensions.cost`, for a caller who may read the audit trail. */
export const costExtension = ({ price, estimate }: Pick<Admitted['operation'], 'price'> & { estimate: number }, data: unknown) => ({
  cost: { estimate, actual: price.actual(data) },
});

/** Policy, then execution: how every transport runs a document that Apollo Server does not serve. */
export const createExecution = (options: ExecutionOptions): Execution => {
  const {
    schema,
    clock,
    log,
    createContext,
    instrumentEvent = noInstrumentation,
    metrics = noRequestMetrics,
    noteRefused = () => undefined,
  } = options;
  const policy = createPolicy(options);
  const shared = createSharedExecutions<Frame>(clock);
  const holdEventCost = createEventCosts(options.limits.subscriptionCost);

  const errorOptions = (caller: Caller): OutwardErrorOptions => ({
    log,
    correlationId: caller.correlationId,
    countErrors: metrics.failed,
    noteForbidden: noteForbiddenBy(noteRefused, caller),
  });

  const outward = (result: ExecutionResult, { operation, estimate }: Admitted, caller: Caller): FormattedExecutionResult => {
    const { data, errors } = result;
    const priced = hasScope(caller.principal, 'audit:read');
    return {
      ...(errors === undefined || errors.length === 0 ? {} : { errors: outwardErrors(errors, errorOptions(caller)) }),
      ...(data === undefined ? {} : { data }),
      ...(priced ? { extensions: costExtension({ price: operation.price, estimate }, data) } : {}),
    };
  };

  const executeWith = async (admitted: Admitted, document: DocumentNode, caller: Caller, contextValue: object, rootValue: unknown) => {
    const { operation, variables } = admitted;
    const request = { schema, document, operationName: operation.name, rootValue, contextValue, variableValues: variables };
    try {
      return outward(await execute(request), admitted, caller);
    } catch (error) {
      const fault = new GraphQLError('The engine failed.', {
        originalError: error instanceof Error ? error : new Error(String(error)),
      });
      return outward({ errors: [fault], data: null }, admitted, caller);
    }
  };

  return {
    ...policy,
    refused: (errors, { correlationId }) => ({ errors: outwardErrors(errors, { log, correlationId, countErrors: metrics.failed }) }),
    execute: async (admitted, caller) => {
      const { principal, correlationId } = caller;
      const contextValue = createContext(principal, { correlationId, streaming: false });
      const startedMs = clock.monotonicMs();
      const answer = await executeWith(admitted, admitted.operation.document, caller, contextValue, undefined);
      metrics.operation(admitted.operation.node.operation, clock.monotonicMs() - startedMs);
      return answer;
    },
    subscribe: async (admitted, caller) => {
      const { operation, variables } = admitted;
      const { principal, correlationId } = caller;
      let release: () => void;
      try {
        release = holdEventCost(principal, Math.max(1, admitted.estimate));
      } catch (error) {
        if (error instanceof GraphQLError) return outward({ errors: [error] }, admitted, caller);
        throw error;
      }
      const contextValue = createContext(principal, { correlationId, streaming: true });
      const startedMs = clock.monotonicMs();
      try {
        const source = await createSourceEventStream({
          schema,
          document: operation.document,
          operationName: operation.name,
          contextValue,
          variableValues: variables,
        });
        metrics.operation(operation.node.operation, clock.monotonicMs() - startedMs);
        if (!(Symbol.asyncIterator in source)) {
          release();
          return outward(source, admitted, caller);
        }
        const signature = namesItsCaller(schema, operation.document)
          ? null
          : subscriptionSignature({ text: operation.text, operationName: operation.name, variables }, principal);
        const document = eventDocument(operation.document, operation.node);
        const answer = (payload: unknown) => {
          const run = async (as: Caller) => frameOf(await executeWith(admitted, document, as, contextValue, payload));
          const key = shareKeyOf(payload);
          if (signature === null || key === null) return run(caller);
          // All subscribers that share it get the event's own id: a fault is logged once, and under nobody's request.
          return shared.once(signature, key, () =>
            instrumentEvent({ name: 'event', correlationId }, () => run({ principal, correlationId: `event ${key}` })),
          );
        };
        return mapStream(source[Symbol.asyncIterator](), answer, release);
      } catch (error) {
        release();
        throw error;
      }
    },
    get eventExecutions() {
      return shared.executions;
    },
  };
};
