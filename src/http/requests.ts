/** Answers each request of the HTTP server: in a slice of its caller's, with its access line, errors in one shape. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { InProgress } from '../lib/in-progress.ts';
import type { Slices } from '../lib/slices.ts';
import type { Instrumentation } from '../observability/request-scope.ts';
import { describeStatus } from '../observability/span-attributes.ts';
import type { AccessLog } from './access-log.ts';
import { addressOf } from './addresses.ts';
import type { Callers } from './callers.ts';
import { correlationIdOf, setSecurityHeaders } from './headers.ts';
import { HttpError } from './http-error.ts';
import type { Peers } from './peer.ts';
import { replyError } from './reply.ts';
import type { Routed } from './routed.ts';
import type { Strangers } from './strangers.ts';

export interface RequestContext {
  route(routed: Routed): Promise<void>;
  /** Answers a preflight; returns true if there is nothing more to answer. */
  answerCors(request: IncomingMessage, response: ServerResponse): boolean;
  accessed: AccessLog;
  callers: Callers;
  peers: Peers;
  slices: Slices;
  strangers: Strangers;
  instrumentation: Instrumentation | undefined;
  /** Requests whose connection is still open. */
  unanswered: Set<ServerResponse>;
  answers: InProgress;
  isClosing(): boolean;
  clock: Clock;
  ids: Ids;
  log: Log;
}

/** Waits for a slice where this turn's is over. */
export const sliceOf = (
  { callers, slices }: Pick<RequestContext, 'callers' | 'slices'>,
  request: IncomingMessage,
  client: string,
): Promise<void> | undefined => {
  const name = callers.nameOf(request, client);
  return slices.begin(name) ? undefined : slices.next(name);
};

/** Writes the access line at the end of the response. Returns the function that takes in an error that was answered. */
const watchAnswer = (context: RequestContext, { request, response, client, correlationId }: Omit<Routed, 'url'>) => {
  const { clock, unanswered, accessed } = context;
  const startedMs = clock.monotonicMs();
  let refused: { code: string; why?: string } | null = null;
  /** The rest of a refused request may still come behind its answer. */
  let refusedMs: number | null = null;
  unanswered.add(response);
  response.once('close', () => {
    unanswered.delete(response);
    const ms = Math.round(((refusedMs ?? clock.monotonicMs()) - startedMs) * 10) / 10;
    accessed({ request, response, correlationId, client, ms, refused });
  });
  return (error: unknown) => {
    refused = error instanceof HttpError ? { code: error.code, why: error.message } : { code: 'INTERNAL_SERVER_ERROR' };
    refusedMs = clock.monotonicMs();
  };
};

export const answerRequest = async (context: RequestContext, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { route, answerCors, answers, peers, instrumentation, strangers, ids, log } = context;
  const correlationId = correlationIdOf(request, ids);
  response.setHeader('x-correlation-id', correlationId);
  setSecurityHeaders(response);
  if (context.isClosing()) response.setHeader('connection', 'close');
  const { client } = peers.peerOf(request);
  const noteError = watchAnswer(context, { request, response, client, correlationId });
  try {
    await sliceOf(context, request, client);
    if (answerCors(request, response)) return;
    const answer = async () => {
      await route({ request, response, url: addressOf(request), client, correlationId });
      describeStatus(response.statusCode);
    };
    await answers.run(() => (instrumentation ? instrumentation.request(request, correlationId, answer) : answer()));
  } catch (error) {
    replyError(response, error, { correlationId, log });
    noteError(error);
  } finally {
    if (!request.complete) strangers.answered(request);
  }
};
