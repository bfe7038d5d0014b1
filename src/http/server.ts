import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInProgress } from '../lib/in-progress.ts';
import { createSlices } from '../lib/slices.ts';
import { noRequestMetrics } from '../observability/request-metrics.ts';
import { createAccessLog } from './access-log.ts';
import { createCallers } from './callers.ts';
import { createCors } from './cors.ts';
import { type ConnectionCounts, createGraphQLTransports } from './graphql-transports.ts';
import { createInOrder } from './in-order.ts';
import type { HttpOptions } from './options.ts';
import { createPeers } from './peer.ts';
import { answerRequest, type RequestContext, sliceOf } from './requests.ts';
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
  const basePath = options.publicUrl === null ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
  const server = createServer(serverOptions);
  const strangers = limitStrangers(server, options.limits.strangers);
  const slices = options.slices ?? createSlices(clock);
  const callers = createCallers({ ...options, peers, slices, onKnown: strangers.known });
  const refuseUpgrade = createRefuse(peers, log);
  const graphql = await createGraphQLTransports(options, { callers, peers, slices, refuseUpgrade });
  let closing = false;
  const isClosing = () => closing;
  const unanswered = new Set<ServerResponse>();
  const answers = createInProgress();
  const context: RequestContext = {
    ...{ callers, peers, slices, strangers, unanswered, answers, isClosing, clock, ids, log },
    route: createRoutes(options, { basePath, callers, peers, slices, answerGraphQL: graphql.answer, isClosing }),
    answerCors: createCors(origins, peers.isNamedOrigin),
    accessed: createAccessLog({ log, metrics: options.metrics?.requests ?? noRequestMetrics, basePath }),
    instrumentation: options.instrumentation,
  };
  const inOrder = createInOrder((request, response) => void answerRequest(context, request, response));
  server.on('request', inOrder.handle);

  server.on('upgrade', async (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    // The answers to the requests before it would come between its messages.
    if (inOrder.isAnswering(request.socket)) return stream.destroy();
    await sliceOf(context, request, peers.peerOf(request).client);
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
