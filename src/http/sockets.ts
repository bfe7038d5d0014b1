import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { type Context, handleProtocols, makeServer, type OperationResult } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Admitted, Caller, Execution, Frame } from '../graphql/execution.ts';
import type { GraphQLRequest, Policy } from '../graphql/policy/admission.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import type { Instrument, RequestScope } from '../observability/request-scope.ts';
import { credentialOf } from './auth/authenticate.ts';
import type { Callers } from './callers.ts';
import type { Consumer, Consumers } from './consumers.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError, isCredentialEnded } from './http-error.ts';

export interface SocketHandler {
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Sockets open now. */
  readonly open: number;
  /** Closes every socket with 1012, as soon as its queries and mutations are answered; clients come back and resume. */
  close(): void;
  /** Drops those that have not answered. */
  terminate(): void;
}

/** What one socket carries from `connection_init` on. */
interface Session {
  request: IncomingMessage;
  socket: WebSocket;
  principal: Principal | null;
  /** Queries and mutations that are not answered yet. */
  unanswered: Set<string>;
  /** Undoes what the session holds: its place, its expiry timer. */
  release: (() => void)[];
  /** Ends every stream of the socket, whose events would otherwise be executed for nobody. */
  endStreams(): void;
  consumer: Consumer;
}

interface Job {
  admitted: Admitted;
  caller: Caller;
  id: string;
  requestScope: RequestScope;
}

type SocketContext = Context<Record<string, unknown>, Session>;

/** Close codes that this server gives besides those of graphql-ws. */
export const closeCodes = {
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  internalError: 4500,
} as const;

/** A close frame has room for 123 bytes. */
const closeReason = (message: string): string =>
  Buffer.from(message)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD$/, '');

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

/**
 * Sends frames as they come, for graphql-ws would serialise each answer anew for every socket. It ends when the frames do, and ends them
 * as soon as `send` resolves with false, since nobody is there any more.
 */
const pump = (frames: AsyncIterableIterator<Frame, undefined>, send: (frame: Frame) => Promise<boolean>): OperationResult => {
  let ended = false;
  const end = async () => {
    ended = true;
    await frames.return?.();
    return { done: true as const, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      for (;;) {
        const step = await frames.next();
        if (step.done || ended) return { done: true, value: undefined };
        if (!(await send(step.value))) return end();
      }
    },
    return: end,
    throw: end,
  } as unknown as OperationResult;
};

export const createSocketHandler = (options: {
  schema: GraphQLSchema;
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  consumers: Consumers;
  limits: Limits;
  instrumentation: Instrument;
  metrics: RequestMetrics;
  clock: Clock;
  ids: Ids;
  log: Log;
}): SocketHandler => {
  const { schema, execution, admit, callers, consumers, limits, instrumentation, metrics, clock, ids, log } = options;
  const alive = new Set<WebSocket>();
  const sessions = new Set<Session>();
  let closing = false;

  const sendAway = ({ socket, unanswered }: Session): void => {
    if (unanswered.size > 0) return;
    socket.close(closeCodes.serviceRestart, 'Server restarting; resume with after');
    clock.after(2000, () => socket.terminate());
  };

  /** Resolves with false where the socket is not open any more. */
  const send = async ({ socket, consumer }: Pick<Session, 'socket' | 'consumer'>, data: string): Promise<boolean> => {
    if (socket.readyState !== socket.OPEN) return false;
    let failed = false;
    const flushed = new Promise<void>((resolve) =>
      socket.send(data, (error) => {
        failed = error !== undefined && error !== null;
        resolve();
      }),
    );
    await consumers.paced(consumer, flushed);
    return !failed && socket.readyState === socket.OPEN;
  };

  const stillAllowed = ({ socket, principal }: Session): boolean => {
    if (principal !== null && callers.stillValid(principal)) return true;
    socket.close(closeCodes.forbidden, 'Permissions changed');
    return false;
  };

  const errorsOf = (error: unknown): GraphQLError[] => {
    if (!(error instanceof HttpError)) throw error;
    return [new GraphQLError(error.message, { extensions: { code: error.code } })];
  };

  const protocol = makeServer<Record<string, unknown>, Session>({
    connectionInitWaitTimeout: limits.connectionInitSeconds * 1000,
    onConnect: async (context: SocketContext) => {
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
          socket.close(closeCodes.tryAgainLater, 'Too many connections of this caller');
          return false;
        }
        session.principal = principal;
        session.release.push(
          leave,
          callers.onExpiry(principal, () => socket.close(closeCodes.forbidden, 'Token expired')),
        );
        return true;
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        const code =
          error.status >= 429
            ? closeCodes.tryAgainLater
            : error.status === 401 && !isCredentialEnded(error)
              ? closeCodes.unauthorized
              : closeCodes.forbidden;
        metrics.failed([error.code]);
        log.info('a WebSocket was refused', { closeCode: code, code: error.code, reason: error.message });
        socket.close(code, closeReason(error.message));
        return false;
      }
    },
    onSubscribe: (context, id, payload) => {
      const { principal } = context.extra;
      if (principal === null || !stillAllowed(context.extra))
        return [new GraphQLError('Permissions changed', { extensions: { code: 'FORBIDDEN' } })];
      if (closing) return [new GraphQLError('The server restarts; connect again.', { extensions: { code: 'SERVER_RESTARTING' } })];
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
        const asked = readGraphQLRequest(payload, limits.jsonDepth);
        const admission = admit(asked);
        if (!admission.admitted) return admission.errors;
        const correlationId = ids.next();
        const requestScope = requestScopeOf(admission, correlationId, asked, context.extra.request);
        const job: Job = { admitted: admission, caller: { principal, correlationId }, id, requestScope };
        const { document, name } = admission.operation;
        return { schema, document, operationName: name, contextValue: { job, session: context.extra } };
      } catch (error) {
        return errorsOf(error);
      }
    },
    execute: (({ contextValue: { job, session } }: { contextValue: { job: Job; session: Session } }) => {
      session.unanswered.add(job.id);
      return instrumentation(job.requestScope, () => execution.execute(job.admitted, job.caller));
    }) as never,
    subscribe: (async ({ contextValue: { job, session } }: { contextValue: { job: Job; session: Session } }) => {
      const stream = await instrumentation(job.requestScope, () => execution.subscribe(job.admitted, job.caller));
      if (!('next' in stream)) return stream;
      const head = `{"id":${JSON.stringify(job.id)},"type":"next","payload":`;
      return pump(stream, async (frame) => stillAllowed(session) && (await send(session, `${head}${frame.json}}`)));
    }) as never,
    // Answers come formatted already.
    onNext: (_context, _id, _payload, _args, result) => result as never,
    onError: (_context, _id, _payload, errors) =>
      execution.refused(errors as GraphQLError[], { correlationId: ids.next() }).errors as never,
    onComplete: ({ extra }, id) => {
      // `complete` is sent behind this, and a client that misses it asks again.
      if (extra.unanswered.delete(id) && closing) setImmediate(sendAway, extra);
    },
    onClose: ({ extra }) => {
      for (const release of extra.release.splice(0)) release();
    },
  });

  const server = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes, perMessageDeflate: false, handleProtocols });
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const session: Session = {
      request,
      socket,
      principal: null,
      unanswered: new Set(),
      release: [],
      endStreams: () => {},
      consumer: {
        waiting: () => socket.bufferedAmount,
        drop: () => {
          socket.close(closeCodes.tryAgainLater, 'Slow consumer; resume with after');
          session.endStreams();
          // The close frame waits behind what the client does not read.
          clock.after(1000, () => socket.terminate());
        },
      },
    };
    alive.add(socket);
    sessions.add(session);
    socket.on('pong', () => alive.add(socket));
    // Resets, and frames that break the protocol; `ws` closes the socket itself.
    socket.on('error', () => undefined);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: async (data) => void (await send(session, wellFormedJson(data))),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', async (data) => {
            try {
              await handle(wellFormedJson(String(data)));
            } catch (error) {
              // graphql-ws throws for the messages that only a server may send.
              if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
                return socket.close(closeCodes.badRequest, 'Invalid message received');
              }
              log.error('a WebSocket message failed', { error });
              socket.close(closeCodes.internalError, 'Internal error');
            }
          }),
      },
      session,
    );
    socket.once('close', async (code, reason) => {
      alive.delete(socket);
      sessions.delete(session);
      session.endStreams();
      try {
        await closed(code, String(reason));
      } catch (error) {
        log.error('a WebSocket could not be freed', { error });
      }
    });
  });

  // One timer for all sockets: whoever has not answered the last ping is gone.
  const beat = (): (() => void) =>
    clock.after(limits.heartbeatSeconds * 1000, () => {
      for (const socket of server.clients) {
        if (alive.delete(socket)) socket.ping();
        else socket.terminate();
      }
      stopBeat = beat();
    });
  let stopBeat = beat();

  return {
    upgrade: (request, stream, head) => server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request)),
    get open() {
      return server.clients.size;
    },
    close: () => {
      stopBeat();
      closing = true;
      for (const session of sessions) sendAway(session);
    },
    terminate: () => {
      for (const socket of server.clients) socket.terminate();
    },
  };
};
