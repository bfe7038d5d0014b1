/** Lets a WebSocket in: finds out who opens it, and takes a place of the caller's for it. */
import type { Context } from 'graphql-ws';
import type { Log } from '../domain/ports/log.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { credentialOf } from './auth/authenticate.ts';
import type { Callers } from './callers.ts';
import { HttpError, isCredentialEnded } from './http-error.ts';
import { closeCodes, closeFor, closeReason, type Session } from './socket-session.ts';

interface ConnectContext {
  callers: Callers;
  metrics: RequestMetrics;
  log: Log;
}

export type SocketContext = Context<Record<string, unknown>, Session>;

/** The credential that `connection_init` gives; where it gives none, that of the request's own header counts. */
const initCredential = (parameters: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const headers = parameters?.headers as Record<string, unknown> | undefined;
  for (const value of [parameters?.Authorization, parameters?.authorization, headers?.Authorization, headers?.authorization]) {
    const credential = credentialOf(value);
    if (credential !== null) return credential;
  }
  return undefined;
};

/** 4401 for a credential that was never good, 4403 for one that ended. */
const closeCodeOf = (error: HttpError): number => {
  if (error.status >= 429) return closeCodes.tryAgainLater;
  return error.status === 401 && !isCredentialEnded(error) ? closeCodes.unauthorized : closeCodes.forbidden;
};

const endStreams = ({ subscriptions }: SocketContext): void => {
  for (const stream of Object.values(subscriptions)) {
    if (stream !== null && 'return' in stream) void stream.return(undefined);
  }
};

/** Returns false where the socket is closed instead. */
export const admitSocket = async ({ callers, metrics, log }: ConnectContext, context: SocketContext): Promise<boolean> => {
  const session = context.extra;
  const { socket, request } = session;
  session.endStreams = () => endStreams(context);
  try {
    const principal = await callers.identify(request, initCredential(context.connectionParams));
    if (socket.readyState !== socket.OPEN) return false;
    const leave = callers.occupy(principal);
    if (leave === null) {
      closeFor(socket, log, closeCodes.tryAgainLater, 'Too many connections of this caller; close one first');
      return false;
    }
    session.principal = principal;
    const expire = () => closeFor(socket, log, closeCodes.forbidden, 'Token expired');
    session.release.push(leave, callers.onExpiry(principal, expire));
    return true;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const code = closeCodeOf(error);
    metrics.failed([error.code]);
    log.info('a WebSocket was refused', { closeCode: code, code: error.code, reason: error.message });
    socket.close(code, closeReason(error.message));
    return false;
  }
};
