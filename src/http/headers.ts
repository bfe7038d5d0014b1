import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ids } from '../domain/ports/clock.ts';

/** GraphiQL's editor styles its lines inline and works in blob workers; nothing else is loosened. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const setSecurityHeaders = (response: ServerResponse): void => {
  response.setHeader('content-security-policy', contentSecurityPolicy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
};

/** The client's `x-correlation-id` where it is a plain word, else a new one. */
export const correlationIdOf = (request: IncomingMessage, ids: Ids): string => {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : ids.next();
};
