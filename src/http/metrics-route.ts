import { hasScope, type Principal, reaches } from '../domain/model/principal.ts';
import type { Callers } from './callers.ts';
import { HttpError } from './http-error.ts';
import type { HttpOptions } from './options.ts';
import type { Peers } from './peer.ts';
import { reply } from './reply.ts';
import type { Routed } from './routed.ts';

interface MetricsContext {
  metrics: NonNullable<HttpOptions['metrics']>;
  noteRefused: HttpOptions['noteRefused'];
  peers: Peers;
  callers: Callers;
}

/** Leaves out the lines about sources out of the reader's reach. */
const withinReach = (metrics: string, reader: Principal): string =>
  reader.sources === null
    ? metrics
    : metrics
        .split('\n')
        .filter((line) => {
          const source = /[{,]source="([^"]*)"/.exec(line)?.[1];
          return source === undefined || reaches(reader, source);
        })
        .join('\n');

/** Answers `/metrics`: to this machine, unless a page asks, and to whoever has the scope for it. */
export const createMetricsRoute =
  ({ metrics, noteRefused, peers, callers }: MetricsContext) =>
  async ({ request, response, correlationId }: Routed): Promise<void> => {
    const isOfMachine = peers.peerOf(request).loopback && request.headers.origin === undefined;
    const reader = isOfMachine ? null : await callers.identify(request);
    if (reader !== null && !hasScope(reader, 'metrics:read')) {
      noteRefused?.(reader, { lacks: 'scope', what: ['/metrics'], correlationId });
      throw new HttpError(403, 'FORBIDDEN', 'Metrics need the scope metrics:read.');
    }
    const text = await metrics.text();
    const body = reader === null ? text : withinReach(text, reader);
    reply(response, 200, { contentType: metrics.contentType, body, headers: { 'cache-control': 'no-store' } });
  };
