import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

/** Headers that a browser sends to another site only once a preflight has allowed it. */
export const preflightHeaders = ['authorization', 'x-apollo-operation-name', 'apollo-require-preflight'] as const;

const simpleTypes = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/** Throws 400 for a request that a page of any site could have had the browser send, as Apollo Server's protection against CSRF does. */
export const requirePreflight = ({ headers }: IncomingMessage): void => {
  const type = headers['content-type'];
  if (type !== undefined && !simpleTypes.test(type)) return;
  if (preflightHeaders.some((name) => headers[name])) return;
  throw new HttpError(
    400,
    'BAD_REQUEST',
    `A page of another site could have sent this request; add one of the headers ${preflightHeaders.join(', ')}, such as apollo-require-preflight: true.`,
  );
};
