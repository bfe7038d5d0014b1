import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../domain/ports/log.ts';
import { HttpError } from './http-error.ts';

/** Sends a whole body; a second answer to the same request is dropped. */
export const reply = (
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void => {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

export const replyJson = (response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void =>
  reply(response, status, 'application/json; charset=utf-8', JSON.stringify(value), { 'cache-control': 'no-store', ...headers });

/** The body of every refusal outside GraphQL's own answers: the shape of GraphQL errors, so that clients need one reader. */
export const refusalBody = (code: string, message: string, correlationId: string) => ({
  errors: [{ message, extensions: { code, correlationId } }],
});

/** Answers a thrown refusal with its status; anything else is a bug, logged once and told as a correlation id. */
export const replyError = (response: ServerResponse, error: unknown, correlationId: string, log: Log): void => {
  if (error instanceof HttpError) {
    replyJson(response, error.status, refusalBody(error.code, error.message, correlationId), error.headers);
    return;
  }
  log.error('a request failed', { correlationId, error });
  if (response.headersSent) response.destroy();
  else replyJson(response, 500, refusalBody('INTERNAL_SERVER_ERROR', 'Internal error', correlationId));
};

/** Only these methods; anything else is 405 with `Allow`. */
export const requireMethod = (request: IncomingMessage, ...methods: readonly string[]): void => {
  if (!methods.includes(request.method ?? '')) {
    throw new HttpError(405, 'METHOD_NOT_ALLOWED', `Use ${methods.join(' or ')} here.`, { allow: methods.join(', ') });
  }
};
