import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import { type Caller, hasScope } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { listErrors, type WithAllowance } from '../graphql/error-allowance.ts';
import { costExtension } from '../graphql/execute-operation.ts';
import type { Execution } from '../graphql/execution.ts';
import { logBug, noteForbiddenBy, recordErrors, withCorrelationId } from '../graphql/outward-errors.ts';
import type { Estimate } from '../graphql/policy/admission.ts';
import { maxValidationErrors } from '../graphql/policy/examined-document.ts';
import { policyError, policyErrorCodes } from '../graphql/policy/policy-error.ts';
import { abandoned, type EnterRoom } from '../graphql/room.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { describeOperation } from '../observability/span-attributes.ts';

/** The context of resolvers and plug-ins: that of the execution, with the caller. */
export interface ApolloContext extends Caller, WithAllowance {
  estimate?: Estimate;
  /** Resolves in a slice of the caller's. The operations of a batch, which would all find that of this turn not yet over, wait for one each. */
  inSlice(): Promise<void>;
  /** Has the operation, a query, end when its client has gone. A mutation is carried out and written down in any case. */
  endWithClient(): void;
  /** True once the client of such a query has gone. */
  isAbandoned(): boolean;
  enterRoom: EnterRoom;
}

const policyErrorCodeSet: ReadonlySet<unknown> = new Set(policyErrorCodes);

export const acceptsGraphQLResponse = (accept: string | undefined): boolean =>
  accept?.includes('application/graphql-response+json') ?? false;

/** Apollo Server takes the status from the error, and answers 500 where none says it. */
const withStatus = ({ message, nodes, extensions }: GraphQLError, status: number): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, extensions: { ...extensions, http: { status } } });
const badRequest = (error: GraphQLError): GraphQLError => withStatus(error, 400);

/**
 * Checks what the text does not show: the kind of operation, the length of lists, the price. Cuts the work on a document where it can be cut,
 * which is before it is parsed, validated and executed.
 */
export const policyPlugin = ({ execution }: { execution: Execution }): ApolloServerPlugin<ApolloContext> => ({
  requestDidStart: async ({ contextValue }) => ({
    parsingDidStart: contextValue.inSlice,
    validationDidStart: contextValue.inSlice,
    didResolveOperation: async ({ document, operation, request }) => {
      // Apollo itself refuses a request that names none.
      if (operation === undefined) return;
      if (operation.operation === 'subscription') {
        throw badRequest(policyError('BAD_USER_INPUT', 'Subscriptions need a WebSocket, or `Accept: text/event-stream`.'));
      }
      try {
        contextValue.estimate = execution.requirePrice(document, { node: operation, variables: request.variables ?? {} });
      } catch (error) {
        throw error instanceof GraphQLError ? badRequest(error) : error;
      }
      if (operation.operation === 'query') {
        contextValue.endWithClient();
        const refused = await contextValue.enterRoom(contextValue.estimate.room);
        if (refused !== null) throw withStatus(refused, 429);
      }
      await contextValue.inSlice();
      if (contextValue.isAbandoned()) throw badRequest(abandoned);
    },
  }),
});

/** Leaves out the error that says that there are more. */
const maxErrors = (errors: readonly GraphQLFormattedError[]): number =>
  errors[0]?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED' ? maxValidationErrors : errors.length;

interface AnswerPluginOptions {
  log: Log;
  metrics: RequestMetrics;
  /** Takes in what a caller lacks a scope for. */
  noteRefused: NoteRefusedAttempt;
  clock: Clock;
}

/** Errors with the id under which they are logged, the price for whom may see it, and the statuses of GraphQL over HTTP. */
export const answerPlugin = ({ log, metrics, clock, noteRefused }: AnswerPluginOptions): ApolloServerPlugin<ApolloContext> => ({
  requestDidStart: async () => {
    const startedMs = clock.monotonicMs();
    return {
      didEncounterErrors: async ({ errors, contextValue: { correlationId } }) => {
        for (const error of errors) logBug(error, { log, correlationId });
      },
      didResolveOperation: async ({ operation, operationName }) => {
        if (operation !== undefined) describeOperation(operation.operation, operationName);
      },
      willSendResponse: async ({ request, response, contextValue, operation }) => {
        const { body, http } = response;
        if (body.kind !== 'single') return;
        const { correlationId, principal, estimate, errors: allowance } = contextValue;
        const { errors: all, data, extensions } = body.singleResult;
        const errors = all?.slice(0, maxErrors(all));
        if (operation !== undefined) metrics.operation(operation.operation, clock.monotonicMs() - startedMs);
        if (errors !== undefined && errors.length > 0) {
          const noteForbidden = noteForbiddenBy(noteRefused, contextValue);
          recordErrors(errors, { log, correlationId, countErrors: metrics.failed, noteForbidden });
        }
        const listed = errors && listErrors(errors, allowance.omitted).map((error) => withCorrelationId(error, correlationId));
        const cost = estimate && hasScope(principal, 'audit:read') ? costExtension(estimate, data) : null;
        body.singleResult = {
          ...(listed ? { errors: listed } : {}),
          ...(data === undefined ? {} : { data }),
          ...(cost || extensions ? { extensions: { ...extensions, ...cost } } : {}),
        };
        // As application/json, a well-formed request that is refused is answered with 200.
        const isRefused = errors?.every((error) => policyErrorCodeSet.has(error.extensions?.code)) ?? false;
        if (http.status === 400 && isRefused && !acceptsGraphQLResponse(request.http?.headers.get('accept'))) http.status = 200;
      },
    };
  },
});
