/** The graphql-transport-ws protocol, by graphql-ws: who may open it, what is admitted, and what is executed. */
import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Admitted } from '../graphql/execute-operation.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import { policyError } from '../graphql/policy/policy-error.ts';
import type { Slices } from '../lib/slices.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import type { Instrument, RequestScope } from '../observability/request-scope.ts';
import { pump } from './answer-pump.ts';
import { requireDepth } from './body.ts';
import type { Callers } from './callers.ts';
import type { Consumers } from './consumers.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import type { Peers } from './peer.ts';
import { admitSocket, type SocketContext } from './socket-connect.ts';
import { closeCodes, closeFor, closeForRestart, type Session, sendTo } from './socket-session.ts';
import type { Refuse } from './upgrades.ts';

export interface SocketOptions {
  schema: GraphQLSchema;
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  consumers: Consumers;
  peers: Pick<Peers, 'peerOf'>;
  slices: Slices;
  limits: Limits;
  instrumentation: Instrument;
  metrics: RequestMetrics;
  refuseUpgrade: Refuse;
  clock: Clock;
  ids: Ids;
  log: Log;
}

interface Job {
  admitted: Admitted;
  caller: Caller;
  id: string;
  requestScope: RequestScope;
  /** True once the socket is closed or the client has completed the operation. */
  isGone(): boolean;
}

/** Returns what `onSubscribe` hands to the execution. */
const workOf = ({ contextValue }: ExecutionArgs) => contextValue as { job: Job; session: Session };

/** A gateway names its trace with the operation, or by the headers of a socket that it opens for one operation. */
const requestScopeOf = (
  { operation }: Admitted,
  read: { correlationId: string; graphqlRequest: GraphQLRequest; request: IncomingMessage },
): RequestScope => {
  const { correlationId, graphqlRequest, request } = read;
  const { extensions } = graphqlRequest;
  return {
    name: `WebSocket ${operation.node.operation}`,
    operation: { type: operation.node.operation, name: operation.node.name?.value ?? null },
    correlationId,
    caller: typeof extensions?.traceparent === 'string' ? extensions : request.headers,
  };
};

const refusal = (code: string, message: string): GraphQLError => new GraphQLError(message, { extensions: { code } });

const errorsOf = (error: unknown): GraphQLError[] => {
  if (error instanceof GraphQLError) return [error];
  if (!(error instanceof HttpError)) throw error;
  return [refusal(error.code, error.message)];
};

const nextMessage = ({ id }: Job, json: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`;

/** For graphql-ws, of an answer that was sent already: it would serialise it at once, however long it is. */
async function* nothing(): AsyncGenerator<never, undefined> {}

interface ProtocolContext extends SocketOptions {
  isClosing(): boolean;
}

const closeIfNotAllowed = ({ callers, log }: ProtocolContext, { socket, principal }: Session): boolean => {
  if (principal !== null && callers.stillValid(principal)) return true;
  closeFor(socket, log, closeCodes.forbidden, 'Permissions changed');
  return false;
};

/** Throws where the socket has as many operations as it may. The one that begins is among them. */
const requireFewOperations = ({ limits }: ProtocolContext, { subscriptions }: SocketContext): void => {
  const limit = limits.subscriptionsPerSocket;
  if (Object.keys(subscriptions).length <= limit) return;
  throw policyError('SUBSCRIPTION_LIMIT', `This socket has ${limit} operations already; complete one first.`, { limit });
};

/** Each message of an operation repeats its id. */
const maxIdLength = 256;

const requireUsableId = ({ running }: Session, id: string): void => {
  if (id.length > maxIdLength)
    throw refusal('BAD_REQUEST', `The id of an operation is longer than ${maxIdLength} characters; use a shorter one.`);
  // graphql-ws would take the answers of the one that the client has completed for those of the other.
  if (running.has(id)) throw refusal('BAD_REQUEST', 'The operation that was completed under this id still goes on; use another id.');
};

/** Returns what is executed; throws `HttpError` and `GraphQLError`. */
const admitOperation = (
  options: ProtocolContext,
  context: SocketContext,
  { id, payload }: { id: string; payload: SubscribePayload },
): ExecutionArgs | readonly GraphQLError[] => {
  const { schema, admit, callers, limits, ids } = options;
  const session = context.extra;
  const { principal, socket, request } = session;
  if (principal === null || !closeIfNotAllowed(options, session)) throw refusal('FORBIDDEN', 'Permissions changed');
  if (options.isClosing()) throw refusal('SERVER_RESTARTING', 'The server restarts; connect again.');
  callers.pay(principal);
  requireUsableId(session, id);
  requireFewOperations(options, context);
  requireDepth(payload, limits.jsonDepth);
  const graphqlRequest = readGraphQLRequest(payload);
  const admitted = admit(graphqlRequest);
  if (!admitted.admitted) return admitted.errors;
  const correlationId = ids.next();
  const job: Job = {
    admitted,
    caller: { principal, correlationId },
    id,
    requestScope: requestScopeOf(admitted, { correlationId, graphqlRequest, request }),
    isGone: () => socket.readyState !== socket.OPEN || !(id in context.subscriptions),
  };
  session.running.add(id);
  const { document, name } = admitted.operation;
  return { schema, document, operationName: name, contextValue: { job, session } };
};

export const createSocketProtocol = (options: SocketOptions, isClosing: () => boolean): Server<Session> => {
  const { execution, consumers, limits, instrumentation, clock, ids } = options;
  const context: ProtocolContext = { ...options, isClosing };
  return makeServer<Record<string, unknown>, Session>({
    connectionInitWaitTimeout: limits.connectionInitSeconds * 1000,
    onConnect: (socketContext) => admitSocket(context, socketContext),
    onSubscribe: (socketContext, id, payload) => {
      try {
        return admitOperation(context, socketContext, { id, payload });
      } catch (error) {
        return errorsOf(error);
      }
    },
    execute: async (args) => {
      const { job, session } = workOf(args);
      session.unanswered.add(job.id);
      const json = await instrumentation(job.requestScope, () => execution.execute(job.admitted, job.caller, job.isGone));
      if (!job.isGone()) await sendTo(session, consumers, nextMessage(job, json));
      return nothing();
    },
    subscribe: async (args) => {
      const { job, session } = workOf(args);
      const stream = await instrumentation(job.requestScope, () => execution.subscribe(job.admitted, job.caller));
      if (!('next' in stream)) return stream as ExecutionResult;
      return pump(
        stream,
        async (json) => closeIfNotAllowed(context, session) && (await sendTo(session, consumers, nextMessage(job, json))),
      );
    },
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, errors) => execution.refused(errors as GraphQLError[], { correlationId: ids.next() }).errors,
    onComplete: ({ extra }, id) => {
      extra.running.delete(id);
      // `complete` is sent behind this, and a client that misses it asks again.
      if (extra.unanswered.delete(id) && isClosing()) setImmediate(closeForRestart, extra, clock);
    },
    onClose: ({ extra }) => {
      for (const release of extra.release.splice(0)) release();
    },
  });
};
