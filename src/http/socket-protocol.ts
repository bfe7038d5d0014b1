/** The graphql-transport-ws protocol, by graphql-ws: who may open it, what is admitted, and what is executed. */
import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Admitted } from '../graphql/execute-operation.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { Slices } from '../lib/slices.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import type { Instrument, RequestScope } from '../observability/request-scope.ts';
import { credentialOf } from './auth/authenticate.ts';
import { requireDepth } from './body.ts';
import type { Callers } from './callers.ts';
import type { Consumers } from './consumers.ts';
import { pump } from './frame-pump.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError, isCredentialEnded } from './http-error.ts';
import type { Peers } from './peer.ts';
import { closeCodes, closeFor, closeForRestart, closeReason, type Session, sendTo } from './socket-session.ts';
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

const initCredential = (parameters: Readonly<Record<string, unknown>> | undefined): string | null => {
  const headers = parameters?.headers as Record<string, unknown> | undefined;
  for (const value of [parameters?.Authorization, parameters?.authorization, headers?.Authorization, headers?.authorization]) {
    const credential = credentialOf(value);
    if (credential !== null) return credential;
  }
  return null;
};

/** A gateway names its trace with the operation, or by the headers of a socket that it opens for one operation. */
const requestScopeOf = (
  { operation }: Admitted,
  correlationId: string,
  { extensions }: GraphQLRequest,
  { headers }: IncomingMessage,
): RequestScope => ({
  name: `WebSocket ${operation.node.operation}`,
  operation: { type: operation.node.operation, name: operation.node.name?.value ?? null },
  correlationId,
  caller: typeof extensions?.traceparent === 'string' ? extensions : headers,
});

/** 4401 for a credential that was never good, 4403 for one that ended. */
const closeCodeOf = (error: HttpError): number => {
  if (error.status >= 429) return closeCodes.tryAgainLater;
  return error.status === 401 && !isCredentialEnded(error) ? closeCodes.unauthorized : closeCodes.forbidden;
};

const errorsOf = (error: unknown): GraphQLError[] => {
  if (!(error instanceof HttpError)) throw error;
  return [new GraphQLError(error.message, { extensions: { code: error.code } })];
};

export const createSocketProtocol = (options: SocketOptions, isClosing: () => boolean): Server<Session> => {
  const { schema, execution, admit, callers, consumers, limits, instrumentation, metrics, clock, ids, log } = options;

  const stillAllowed = ({ socket, principal }: Session): boolean => {
    if (principal !== null && callers.stillValid(principal)) return true;
    closeFor(socket, log, closeCodes.forbidden, 'Permissions changed');
    return false;
  };

  return makeServer<Record<string, unknown>, Session>({
    connectionInitWaitTimeout: limits.connectionInitSeconds * 1000,
    onConnect: async (context) => {
      const session = context.extra;
      const { socket, request } = session;
      session.endStreams = () => {
        for (const stream of Object.values(context.subscriptions)) {
          if (stream !== null && 'return' in stream) void stream.return(undefined);
        }
      };
      try {
        const principal = await callers.identify(
          request,
          initCredential(context.connectionParams) ?? credentialOf(request.headers.authorization),
        );
        if (socket.readyState !== socket.OPEN) return false;
        const leave = callers.occupy(principal);
        if (leave === null) {
          closeFor(socket, log, closeCodes.tryAgainLater, 'Too many connections of this caller');
          return false;
        }
        session.principal = principal;
        session.release.push(
          leave,
          callers.onExpiry(principal, () => closeFor(socket, log, closeCodes.forbidden, 'Token expired')),
        );
        return true;
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        const code = closeCodeOf(error);
        metrics.failed([error.code]);
        log.info('a WebSocket was refused', { closeCode: code, code: error.code, reason: error.message });
        socket.close(code, closeReason(error.message));
        return false;
      }
    },
    onSubscribe: async (context, id, payload) => {
      const { principal, socket } = context.extra;
      if (principal === null || !stillAllowed(context.extra))
        return [new GraphQLError('Permissions changed', { extensions: { code: 'FORBIDDEN' } })];
      if (isClosing()) return [new GraphQLError('The server restarts; connect again.', { extensions: { code: 'SERVER_RESTARTING' } })];
      try {
        callers.pay(principal);
        if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocket) {
          const limit = limits.subscriptionsPerSocket;
          return [
            new GraphQLError(`This socket has ${limit} operations already; complete one first.`, {
              extensions: { code: 'SUBSCRIPTION_LIMIT', limit },
            }),
          ];
        }
        requireDepth(payload, limits.jsonDepth);
        const request = readGraphQLRequest(payload);
        const admission = admit(request);
        if (!admission.admitted) return admission.errors;
        const correlationId = ids.next();
        const requestScope = requestScopeOf(admission, correlationId, request, context.extra.request);
        const isGone = () => socket.readyState !== socket.OPEN || !(id in context.subscriptions);
        const job: Job = { admitted: admission, caller: { principal, correlationId }, id, requestScope, isGone };
        const { document, name } = admission.operation;
        return { schema, document, operationName: name, contextValue: { job, session: context.extra } };
      } catch (error) {
        return errorsOf(error);
      }
    },
    execute: async (args) => {
      const { job, session } = workOf(args);
      session.unanswered.add(job.id);
      // Answers are formatted already: `onNext` hands them on as they are.
      return (await instrumentation(job.requestScope, () => execution.execute(job.admitted, job.caller, job.isGone))) as ExecutionResult;
    },
    subscribe: async (args) => {
      const { job, session } = workOf(args);
      const stream = await instrumentation(job.requestScope, () => execution.subscribe(job.admitted, job.caller));
      if (!('next' in stream)) return stream as ExecutionResult;
      const head = `{"id":${JSON.stringify(job.id)},"type":"next","payload":`;
      return pump(stream, async (frame) => stillAllowed(session) && (await sendTo(session, consumers, `${head}${frame.json}}`)));
    },
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, errors) => execution.refused(errors as GraphQLError[], { correlationId: ids.next() }).errors,
    onComplete: ({ extra }, id) => {
      // `complete` is sent behind this, and a client that misses it asks again.
      if (extra.unanswered.delete(id) && isClosing()) setImmediate(closeForRestart, extra, clock);
    },
    onClose: ({ extra }) => {
      for (const release of extra.release.splice(0)) release();
    },
  });
};
