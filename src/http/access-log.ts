import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../domain/ports/log.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { routeOf } from '../observability/request-scope.ts';
import { localPath } from './addresses.ts';

interface Accessed {
  request: IncomingMessage;
  response: ServerResponse;
  correlationId: string;
  client: string;
  ms: number;
  refused: { code: string; why?: string } | null;
}

export type AccessLog = (accessed: Accessed) => void;

/** Makes the function that writes the access line of a response and measures it, once it is over; probes and scrapes that went well have no line. */
export const createAccessLog =
  ({ log, metrics, basePath }: { log: Log; metrics: RequestMetrics; basePath: string }): AccessLog =>
  ({ request, response, correlationId, client, ms, refused }) => {
    const { method } = request;
    const status = response.headersSent ? response.statusCode : 499;
    const route = routeOf(localPath((request.url ?? '').split('?')[0]!, basePath));
    const streamed = /^(text\/event-stream|multipart\/mixed)/.test(String(response.getHeader('content-type') ?? ''));
    metrics.answered(streamed ? 'stream' : route, status, ms);
    if (refused !== null) metrics.failed([refused.code]);
    if (status < 400 && (route === 'health' || route === 'metrics')) return;
    log.info('a request was answered', { correlationId, client, method, route: `/${route}`, status, ms, ...refused });
  };
