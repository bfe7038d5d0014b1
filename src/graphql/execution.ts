import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Caller, Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { createBudgets } from '../lib/budgets.ts';
import type { Slices } from '../lib/slices.ts';
import { noRequestMetrics, type RequestMetrics } from '../observability/request-metrics.ts';
import { type Instrument, noInstrumentation } from '../observability/request-scope.ts';
import { type Admitted, type ContextOptions, type ExecutionContext, executeOperation } from './execute-operation.ts';
import { outwardErrors } from './outward-errors.ts';
import { createPolicy, type Policy } from './policy/admission.ts';
import { createEventCosts } from './policy/event-costs.ts';
import type { Limits } from './policy/limits.ts';
import { createSharedExecutions } from './shared-subscriptions.ts';
import { type Frame, type FrameStream, type SubscriptionContext, subscribe } from './subscribe.ts';

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

/** Queries of one caller that wait for those in progress. */
const maxWaiting = 1000;

export interface Execution extends Policy, Pick<ExecutionContext, 'holdRoom'> {
  /** `isGone` returns true once nobody waits for the answer: a query then reads no further, a mutation is carried out. */
  execute(admitted: Admitted, caller: Caller, isGone: () => boolean): Promise<FormattedExecutionResult>;
  /** The stream's `return()` ends its source at once; an error of the resolver is a result without a stream. */
  subscribe(admitted: Admitted, caller: Caller): Promise<FrameStream | FormattedExecutionResult>;
  refused(errors: readonly GraphQLError[], caller: Pick<Caller, 'correlationId'>): { errors: GraphQLFormattedError[] };
  /** Executions of events so far; fewer than the frames sent where subscriptions are identical. */
  readonly eventExecutions: number;
}

/** Policy, then execution: how every transport runs a document that Apollo Server does not serve. */
export const createExecution = (options: ExecutionOptions): Execution => {
  const { clock, log, introspection, metrics = noRequestMetrics } = options;
  const shared = createSharedExecutions<Frame>(clock);
  // A caller's lists go on beside a gateway's entities, and the other way round.
  const budgets = createBudgets(2 * Math.max(options.limits.cost, options.limits.entityCost), maxWaiting);
  const holdRoom: ExecutionContext['holdRoom'] = ({ name }, cost, isGone) => budgets.hold(name, { cost, isGone });
  const context: SubscriptionContext = {
    ...options,
    metrics,
    noteRefused: options.noteRefused ?? (() => undefined),
    instrumentEvent: options.instrumentEvent ?? noInstrumentation,
    shared,
    holdRoom,
    holdEventCost: createEventCosts(options.limits.subscriptionCost),
  };
  return {
    ...createPolicy(options),
    holdRoom,
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
