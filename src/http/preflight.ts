import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

/** Headers that a browser sends to another site only once a preflight has allowed it. */
const preflightHeaders = ['authorization', 'x-apollo-operation-name', 'apollo-require-preflight'] as const;

const simpleTypes = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/**
 * Throws 400 for a GET that a page of any site could have had the browser send, as Apollo Server's protection against CSRF does. A page of
 * an origin that CORS names may send it without such a header, as urql and EventSource do: no page can set `Origin`.
 */
export const requirePreflight = ({ headers }: IncomingMessage, isNamedOrigin: (origin: string) => boolean): void => {
  const type = headers['content-type'];
  if (type !== undefined && !simpleTypes.test(type)) return;
  if (headers.origin !== undefined && isNamedOrigin(headers.origin)) return;
  if (preflightHeaders.some((name) => headers[name])) return;
  throw new HttpError(
    400,
    'BAD_REQUEST',
    `A page of another site could have sent this request; add one of the headers ${preflightHeaders.join(', ')}, such as apollo-require-preflight: true.`,
  );
};
