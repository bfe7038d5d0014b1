import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInProgress } from '../lib/in-progress.ts';
import { createSlices } from '../lib/slices.ts';
import { noRequestMetrics } from '../observability/request-metrics.ts';
import { describeStatus } from '../observability/span-attributes.ts';
import { createAccessLog } from './access-log.ts';
import { addressOf } from './addresses.ts';
import { createCallers } from './callers.ts';
import { createCors } from './cors.ts';
import { type ConnectionCounts, createGraphQLTransports } from './graphql-transports.ts';
import { correlationIdOf, setSecurityHeaders } from './headers.ts';
import { HttpError } from './http-error.ts';
import type { HttpOptions } from './options.ts';
import { createPeers } from './peer.ts';
import { replyError } from './reply.ts';
import { createRoutes } from './routes.ts';
import { limitStrangers } from './strangers.ts';
import { createRefuse, refusedUpgrade } from './upgrades.ts';

export interface HttpServer {
  /** Resolves with the URL once the server listens. */
  listen(): Promise<string>;
  /** The port that it listens on. */
  port(): number;
  /** Stops accepting, asks streams to reconnect, waits for requests in flight up to `graceMs`. */
  close(graceMs?: number): Promise<void>;
  /** Connections open now, and executions of events so far. */
  counts(): ConnectionCounts;
}

const serverOptions = {
  keepAliveTimeout: 65_000,
  requestTimeout: 30_000,
  // A stranger who sends half a head, byte by byte, is gone soon.
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  // Clients that offer HTTP/2 in passing are answered in HTTP/1.1.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

export const createHttpServer = async (options: HttpOptions): Promise<HttpServer> => {
  const { clock, ids, log } = options;
  const origins = options.cors?.origins ?? [];
  const peers = createPeers({ publicUrl: options.publicUrl, trustedProxies: options.trustedProxies ?? [], origins });
  const answerCors = createCors(origins, peers.isNamedOrigin);
  const basePath = options.publicUrl === null ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
  const server = createServer(serverOptions);
  const strangers = limitStrangers(server, options.limits.strangers);
  const slices = options.slices ?? createSlices(clock);
  const callers = createCallers({ ...options, peers, slices, onKnown: strangers.known });
  const refuseUpgrade = createRefuse(peers, log);
  const graphql = await createGraphQLTransports(options, { callers, peers, slices, refuseUpgrade });
  const unanswered = new Set<ServerResponse>();
  const answers = createInProgress();
  let closing = false;
  const route = createRoutes(options, {
    ...{ basePath, callers, peers, slices },
    answerGraphQL: graphql.answer,
    isClosing: () => closing,
  });
  const accessed = createAccessLog({ log, metrics: options.metrics?.requests ?? noRequestMetrics, basePath });

  /** Waits for a slice where this turn's is over. */
  const sliceOf = (request: IncomingMessage, client: string): Promise<void> | undefined => {
    const name = callers.nameOf(request, client);
    return slices.begin(name) ? undefined : slices.next(name);
  };

  server.on('request', async (request, response) => {
    const correlationId = correlationIdOf(request, ids);
    response.setHeader('x-correlation-id', correlationId);
    setSecurityHeaders(response);
    if (closing) response.setHeader('connection', 'close');
    unanswered.add(response);
    const startedMs = clock.monotonicMs();
    const { client } = peers.peerOf(request);
    let refused: { code: string; why?: string } | null = null;
    /** The rest of a refused request may still come behind its answer. */
    let refusedMs: number | null = null;
    response.once('close', () => {
      unanswered.delete(response);
      const ms = Math.round(((refusedMs ?? clock.monotonicMs()) - startedMs) * 10) / 10;
      accessed({ request, response, correlationId, client, ms, refused });
    });
    try {
      await sliceOf(request, client);
      if (answerCors(request, response)) return;
      const answer = async () => {
        await route(request, response, addressOf(request), correlationId);
        describeStatus(response.statusCode);
      };
      await answers.run(() => (options.instrumentation ? options.instrumentation.request(request, correlationId, answer) : answer()));
    } catch (error) {
      refused = error instanceof HttpError ? { code: error.code, why: error.message } : { code: 'INTERNAL_SERVER_ERROR' };
      replyError(response, error, correlationId, log);
      refusedMs = clock.monotonicMs();
    } finally {
      if (!request.complete) strangers.answered(request);
    }
  });

  server.on('upgrade', async (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    await sliceOf(request, peers.peerOf(request).client);
    if (closing) return refuseUpgrade(request, stream, '503 Service Unavailable', 'the server is closing');
    const refused = refusedUpgrade(request, peers, basePath);
    if (refused !== null) return refuseUpgrade(request, stream, ...refused);
    graphql.upgrade(request, stream, head);
  });

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port, options.host, () => {
          server.off('error', reject);
          const { port } = server.address() as AddressInfo;
          const host = options.host.includes(':') ? `[${options.host}]` : options.host;
          resolve(options.publicUrl?.replace(/\/$/, '') ?? `http://${host}:${port}`);
        });
      }),
    port: () => (server.address() as AddressInfo).port,
    close: async (graceMs = 5000) => {
      if (closing) return;
      closing = true;
      // A connection that is kept alive behind its answer would hold up the end.
      for (const response of unanswered) if (!response.headersSent) response.setHeader('connection', 'close');
      const grace = Promise.withResolvers<void>();
      const cancel = clock.after(graceMs, () => {
        graphql.terminate();
        server.closeAllConnections();
        grace.resolve();
      });
      await graphql.closeStreams();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      // Also what a client asked for that has gone since.
      await Promise.race([answers.drained(), grace.promise]);
      cancel();
      await graphql.close();
    },
    counts: graphql.counts,
  };
};
