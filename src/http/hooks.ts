import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Webhook } from '../domain/ports/vendor.ts';
import { readBody } from './body.ts';
import { HttpError } from './http-error.ts';
import { reply } from './reply.ts';

/** `/hooks/{source}{path}`: hands the bytes to the source's webhook and answers what it says. Who may push is its own affair. */
export const answerHook = async (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  webhooks: ReadonlyMap<string, Webhook>,
  bodyBytes: number,
): Promise<void> => {
  const [, source = '', path = ''] = /^\/hooks\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
  const webhook = webhooks.get(source);
  if (webhook === undefined) throw new HttpError(404, 'NOT_FOUND', 'No source of that name takes pushes.');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  const body = await readBody(request, bodyBytes);
  try {
    const answer = await webhook.handle({ method: request.method ?? 'GET', path, query: url.searchParams, headers, body });
    const { 'content-type': contentType = 'application/json; charset=utf-8', ...others } = Object.fromEntries(
      Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    reply(response, answer.status, contentType, answer.body, others);
  } catch (error) {
    // The vendor keeps what is not acknowledged, and sends it again.
    if (error instanceof ExpectedError) throw new HttpError(error.retryable ? 503 : 400, error.code, error.message);
    throw error;
  }
};
