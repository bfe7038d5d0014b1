import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Caller, Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Slices } from '../lib/slices.ts';
import { noRequestMetrics, type RequestMetrics } from '../observability/request-metrics.ts';
import { type Instrument, noInstrumentation } from '../observability/request-scope.ts';
import {
  type Admitted,
  type AnswerOf,
  answerJson,
  type ContextOptions,
  type ExecutionContext,
  executeOperation,
} from './execute-operation.ts';
import { outwardErrors } from './outward-errors.ts';
import { createPolicy, type Policy } from './policy/admission.ts';
import { createEventCosts } from './policy/event-costs.ts';
import type { Limits } from './policy/limits.ts';
import { createRooms } from './room.ts';
import { createSharedExecutions } from './shared-subscriptions.ts';
import { type AnswerStream, type EventAnswer, type SubscriptionContext, subscribe } from './subscribe.ts';

interface ExecutionOptions {
  schema: GraphQLSchema;
  limits: Limits;
  introspection: boolean;
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
  createContext(principal: Principal, options: ContextOptions): object;
  /** Runs the execution of an event, of which a stream has any number long after it was asked for. */
  instrumentEvent?: Instrument;
  slices?: Slices | undefined;
  metrics?: RequestMetrics;
  /** Takes in what a caller lacks a scope for. */
  noteRefused?: NoteRefusedAttempt | undefined;
  clock: Clock;
  log: Log;
}

export interface Execution extends Policy, Pick<ExecutionContext, 'inRoom'> {
  /** Makes the JSON of an answer, in slices of the caller's. */
  answerJson(answer: FormattedExecutionResult, of: AnswerOf): Promise<string>;
  /** Resolves with the answer's JSON. `isGone` returns true once nobody waits for the answer: a query then reads no further, a mutation is carried out. */
  execute(admitted: Admitted, caller: Caller, isGone: () => boolean): Promise<string>;
  /** The stream's `return()` ends its source at once; an error of the resolver is a result without a stream. */
  subscribe(admitted: Admitted, caller: Caller): Promise<AnswerStream | FormattedExecutionResult>;
  refused(errors: readonly GraphQLError[], caller: Pick<Caller, 'correlationId'>): { errors: GraphQLFormattedError[] };
  /** Executions of events so far; fewer than the frames sent where subscriptions are identical. */
  readonly eventExecutions: number;
}

/** Policy, then execution: how every transport runs a document that Apollo Server does not serve. */
export const createExecution = (options: ExecutionOptions): Execution => {
  const { clock, log, introspection, metrics = noRequestMetrics } = options;
  const shared = createSharedExecutions<EventAnswer>(clock);
  // A caller's lists go on beside a gateway's entities, and the other way round.
  const inRoom = createRooms(2 * Math.max(options.limits.cost, options.limits.entityCost));
  const context: SubscriptionContext = {
    ...options,
    metrics,
    noteRefused: options.noteRefused ?? (() => undefined),
    instrumentEvent: options.instrumentEvent ?? noInstrumentation,
    shared,
    inRoom,
    holdEventCost: createEventCosts(options.limits.subscriptionCost),
  };
  return {
    ...createPolicy(options),
    inRoom,
    answerJson: (answer, of) => answerJson(context, answer, of),
    execute: (admitted, caller, isGone) => executeOperation(context, { admitted, caller }, isGone),
    subscribe: (admitted, caller) => subscribe(context, { admitted, caller }),
    refused: (errors, { correlationId }) => ({
      errors: outwardErrors(errors, { log, suggestions: introspection, correlationId, countErrors: metrics.failed }),
    }),
    get eventExecutions() {
      return shared.executions;
    },
  };
};
