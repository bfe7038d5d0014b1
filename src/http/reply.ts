import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Log } from '../domain/ports/log.ts';
import type { InTurn } from './callers.ts';
import { HttpError } from './http-error.ts';

type Headers = Readonly<Record<string, string>>;

interface Answer {
  contentType: string;
  body: string | Uint8Array;
  headers?: Headers;
}

/**
 * Sends a whole body; a second answer to the same request is dropped. Where the request is not read to its end, and the server itself does not close
 * the connection, its rest is dropped before the answer ends: a client that asks for the close would else lose the answer, since the system
 * resets a connection that is closed with data unread.
 */
export const reply = (response: ServerResponse, status: number, { contentType, body, headers = {} }: Answer): void => {
  if (response.headersSent || response.destroyed) return;
  const { req: request } = response;
  const closes = response.getHeader('connection') === 'close' || headers.connection === 'close';
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers });
  if (request.method === 'HEAD') return void response.end();
  if (closes || request.complete || request.destroyed) return void response.end(body);
  response.write(body);
  request.resume().once('close', () => response.end());
};

/** Answers shorter than this are not worth the time. */
const compressibleBytes = 1024;
const compress = {
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 5 }),
};

/** Returns the coding that `Accept-Encoding` prefers among those that are made here; null for none. */
const acceptedCoding = (header: string | undefined): keyof typeof compress | null => {
  const weights = new Map(
    (header ?? '')
      .toLowerCase()
      .split(',')
      .map((entry): [string, number] => {
        const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim());
        const weight = parameters.find((parameter) => parameter.startsWith('q='));
        return [coding, weight === undefined ? 1 : Number(weight.slice(2)) || 0];
      }),
  );
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0;
  if (weightOf('br') === 0 && weightOf('gzip') === 0) return null;
  return weightOf('br') >= weightOf('gzip') ? 'br' : 'gzip';
};

interface CompressibleAnswer {
  status: number;
  contentType: string;
  body: Uint8Array;
  headers: Headers;
  inTurn: InTurn;
}

/** As `reply`, compressed in turn where the client asks for it. */
export const replyCompressed = async (response: ServerResponse, answer: CompressibleAnswer): Promise<void> => {
  if (response.destroyed) return;
  const { status, contentType, body, headers, inTurn } = answer;
  if (!response.headersSent) response.appendHeader('vary', 'Accept-Encoding');
  const coding = body.length < compressibleBytes ? null : acceptedCoding(String(response.req.headers['accept-encoding'] ?? ''));
  if (coding === null) return reply(response, status, { contentType, body, headers });
  const compressed = await inTurn(() => compress[coding](body));
  reply(response, status, { contentType, body: compressed, headers: { ...headers, 'content-encoding': coding } });
};

export const replyJson = (response: ServerResponse, status: number, value: unknown, headers: Headers = {}): void =>
  reply(response, status, {
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(value),
    headers: { 'cache-control': 'no-store', ...headers },
  });

/** The body of every HTTP error: the shape of GraphQL errors, so that clients need one reader. */
const errorBody = (code: string, message: string, correlationId: string) => ({
  errors: [{ message, extensions: { code, correlationId } }],
});

const graphqlJson = 'application/graphql-response+json';

/** Writes the error in the media type that a GraphQL client asked for, which alone has it show the code. */
const replyErrorBody = (response: ServerResponse, status: number, body: object, headers: Headers = {}): void => {
  const asGraphQL = response.req.headers.accept?.toLowerCase().includes(graphqlJson);
  const type = asGraphQL ? { 'content-type': `${graphqlJson}; charset=utf-8` } : {};
  replyJson(response, status, body, { ...headers, ...type });
};

/** Answers a thrown HTTP error with its status; anything else is a bug, logged once and answered with a correlation id. */
export const replyError = (response: ServerResponse, error: unknown, { correlationId, log }: { correlationId: string; log: Log }): void => {
  if (error instanceof HttpError) {
    replyErrorBody(response, error.status, errorBody(error.code, error.message, correlationId), error.headers);
    return;
  }
  log.error('a request failed', { correlationId, error });
  if (response.headersSent) response.destroy();
  else replyErrorBody(response, 500, errorBody('INTERNAL_SERVER_ERROR', 'Internal error', correlationId));
};

/** Only these methods; anything else is 405 with `Allow`. */
export const requireMethod = (request: IncomingMessage, ...methods: readonly string[]): void => {
  if (!methods.includes(request.method ?? '')) {
    throw new HttpError(405, 'METHOD_NOT_ALLOWED', `Use ${methods.join(' or ')} here.`, { allow: methods.join(', ') });
  }
};
