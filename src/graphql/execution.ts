import { AsyncLocalStorage } from 'node:async_hooks';
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
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { noRequestMetrics, type RequestMetrics } from '../observability/request-metrics.ts';
import { type Instrument, noInstrumentation } from '../observability/request-scope.ts';
import { eventDocument } from './event-document.ts';
import { noteForbiddenBy, type OutwardErrorOptions, outwardErrors } from './outward-errors.ts';
import { type Admission, createPolicy, type Policy } from './policy/admission.ts';
import type { Limits } from './policy/limits.ts';
import { refusal } from './policy/refusal.ts';
import { createSharedExecutions, subscriptionSignature } from './shared-subscriptions.ts';
import { namesItsCaller } from './unshareable.ts';

export type Admitted = Extract<Admission, { admitted: true }>;

/** One answer of a stream; `json` is serialised once, however many subscribers it goes to. */
export interface Frame {
  payload: FormattedExecutionResult;
  readonly json: string;
}

export type FrameStream = AsyncIterableIterator<Frame, undefined>;

/** Who executes, and under which id its faults are logged. */
export interface Caller {
  principal: Principal;
  correlationId: string;
}

/**
 * What a subscription's source stream yields. `id` names the event and its row, so that its answer can be shared between
 * identical subscriptions. A snapshot is never shared.
 */
export interface StreamPayload {
  id: string;
  snapshot: boolean;
  gap?: boolean;
}

export interface ContextOptions {
  correlationId: string;
  streaming: boolean;
}

export interface ExecutionOptions {
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
  /** The stream's `return()` ends its source at once; a refusal of the resolver is a result without a stream. */
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

/** Maps a stream; unlike a generator's, `return` reaches the source while a `next` is waiting. Calls `onEnd` once, however it ends. */
const mapStream = <From, To>(
  source: AsyncIterator<From>,
  map: (value: From) => Promise<To>,
  onEnd: () => void,
): AsyncIterableIterator<To, undefined> => {
  let ended = false;
  // Whoever asks for more of it, a stream goes on as part of what began it.
  const asBegun = AsyncLocalStorage.snapshot();
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    if (!ended) {
      ended = true;
      onEnd();
      await source.return?.();
    }
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (ended) return { done: true, value: undefined };
      try {
        const step = await asBegun(() => source.next());
        if (step.done || ended) return await end();
        return { done: false, value: await asBegun(map, step.value) };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    throw: async (error) => {
      await end();
      throw error;
    },
  };
};

/** Counts what the open subscriptions of each caller cost an event, and takes `cost` more where that stays within `max`. */
const createEventCosts = (max: number) => {
  const held = new Map<string, number>();
  return ({ name }: Principal, cost: number): (() => void) => {
    const before = held.get(name) ?? 0;
    if (before + cost > max) {
      const message = `This subscription costs ${cost} for each event and your open subscriptions cost ${before}; the limit is ${max}. Complete some of them, or select fewer fields.`;
      throw refusal('SUBSCRIPTION_LIMIT', message, { limit: max, estimate: cost });
    }
    held.set(name, before + cost);
    return () => {
      const left = held.get(name)! - cost;
      if (left === 0) held.delete(name);
      else held.set(name, left);
    };
  };
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

  const told = (caller: Caller): OutwardErrorOptions => ({
    log,
    correlationId: caller.correlationId,
    countErrors: metrics.failed,
    noteForbidden: noteForbiddenBy(noteRefused, caller),
  });

  const outward = (result: ExecutionResult, { operation, estimate }: Admitted, caller: Caller): FormattedExecutionResult => {
    const { data, errors } = result;
    const priced = hasScope(caller.principal, 'audit:read');
    return {
      ...(errors === undefined || errors.length === 0 ? {} : { errors: outwardErrors(errors, told(caller)) }),
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
