import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';

const exposedHeaders = [
  'accept-ranges',
  'content-disposition',
  'content-range',
  'etag',
  'retry-after',
  'x-correlation-id',
  'x-tapegraph-masked',
];

/** Sets what lets a page of a named origin read the answer; true where the request was a preflight and is answered. */
export const createCors = (origins: readonly string[], isNamed: (origin: string) => boolean) => {
  // Requests with cookies are for origins that are named; the headers that are asked for are reflected.
  const answer = cors({
    ...(origins.includes('*')
      ? { origin: '*' }
      : { origin: (origin, allow) => allow(null, origin !== undefined && isNamed(origin) ? [origin] : []), credentials: true }),
    methods: ['GET', 'HEAD', 'POST'],
    exposedHeaders,
    maxAge: 600,
  });
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { origin } = request.headers;
    if (origin !== undefined && isNamed(origin)) response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (origins.length === 0 && request.headers['access-control-request-method'] === undefined) return false;
    let answered = true;
    answer(request, response, () => {
      answered = false;
    });
    return answered;
  };
};
