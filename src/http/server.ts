import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hasScope, type Principal, reaches } from '../domain/model/principal.ts';
import { createExecution } from '../graphql/execution.ts';
import { createSlices } from '../lib/slices.ts';
import { noRequestMetrics } from '../observability/request-metrics.ts';
import { noInstrumentation } from '../observability/request-scope.ts';
import { describeStatus } from '../observability/span-attributes.ts';
import { createAccessLog } from './access-log.ts';
import { addressOf, localPath, redirectIntoFolder } from './addresses.ts';
import { createApolloHandler } from './apollo.ts';
import { createCallbackHandler } from './callbacks.ts';
import { createCallers } from './callers.ts';
import { createConsumers } from './consumers.ts';
import { createCors } from './cors.ts';
import { createEventStreamHandler } from './event-streams.ts';
import { createFailures } from './failures.ts';
import { createGraphQLRoute } from './graphql-route.ts';
import { correlationIdOf, setSecurityHeaders } from './headers.ts';
import { createHooks } from './hooks.ts';
import { HttpError } from './http-error.ts';
import type { HttpOptions } from './options.ts';
import { createPages, wantsPage } from './pages.ts';
import { createPeers } from './peer.ts';
import { admitPersisted, createPersistedQueries } from './persisted-queries.ts';
import { reply, replyError, replyJson, requireMethod } from './reply.ts';
import { createSocketHandler } from './sockets.ts';
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

type ConnectionCounts = {
  sockets: number;
  eventStreams: number;
  callbacks: number;
  eventExecutions: number;
};

const serverOptions = {
  keepAliveTimeout: 65_000,
  requestTimeout: 30_000,
  // A stranger who sends half a head, byte by byte, is gone soon.
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  // Clients that offer HTTP/2 in passing are answered in HTTP/1.1.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

/** Leaves out the lines about sources out of the reader's reach. */
const withinReach = (metrics: string, reader: Principal | null): string =>
  reader === null || reader.sources === null
    ? metrics
    : metrics
        .split('\n')
        .filter((line) => {
          const source = /[{,]source="([^"]*)"/.exec(line)?.[1];
          return source === undefined || reaches(reader, source);
        })
        .join('\n');

export const createHttpServer = async (options: HttpOptions): Promise<HttpServer> => {
  const { schema, limits, clock, ids, log } = options;
  const metrics = options.metrics?.requests ?? noRequestMetrics;
  const noteRefused = options.noteRefused ?? (() => undefined);
  const instrumentation = options.instrumentation?.requestScope ?? noInstrumentation;
  const peers = createPeers({
    publicUrl: options.publicUrl,
    trustedProxies: options.trustedProxies ?? [],
    origins: options.cors?.origins ?? [],
  });
  const answerCors = createCors(options.cors?.origins ?? [], peers.isNamedOrigin);
  const basePath = options.publicUrl === null ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
  const execution = createExecution({
    ...options,
    trustedDocuments: options.trustedDocuments,
    instrumentEvent: instrumentation,
    metrics,
  });
  const slices = options.slices ?? createSlices(clock.monotonicMs);
  const callers = createCallers({
    authenticate: options.authenticate,
    peers,
    limits,
    clock,
    slices,
    onKnown: (request) => strangers.known(request),
    log,
  });
  const persisted = createPersistedQueries();
  const admit = admitPersisted(execution, persisted);
  const consumers = createConsumers(limits, clock);
  const trustedOnly = options.trustedDocuments !== undefined;
  const apollo = await createApolloHandler({
    schema,
    execution,
    createContext: options.createContext,
    batching: limits.batch > 1,
    introspection: options.introspection,
    persisted: trustedOnly ? null : persisted,
    plugins: options.apolloPlugins,
    metrics,
    noteRefused,
    clock,
    slices,
    log,
  });
  const refuseUpgrade = createRefuse(peers, log);
  const socketOptions = { schema, execution, admit, callers, consumers, limits, instrumentation, metrics, refuseUpgrade, clock, ids, log };
  const sockets = createSocketHandler(socketOptions);
  const eventStreams = createEventStreamHandler({ execution, admit, callers, consumers, limits, clock });
  const callbacks = createCallbackHandler({ execution, admit, callers, hosts: options.callbackHosts, limits, clock, log });
  const answerGraphQL = createGraphQLRoute({
    ...{ execution, admit, callers, limits, apollo, eventStreams, callbacks, trustedOnly },
    isNamedOrigin: peers.isNamedOrigin,
  });
  const failures = createFailures(options.audit ?? (async () => undefined), clock, slices);
  const answerHook = createHooks({ webhooks: options.webhooks, bodyBytes: limits.hookBodyBytes, failures });
  const pages = createPages(options.pagesDirectory, options.isDemo);
  const unanswered = new Set<ServerResponse>();
  let closing = false;

  const answerPage = async (request: IncomingMessage, response: ServerResponse, name: string) => {
    // A request that sends something means another address than a page's.
    if (name === 'index.html') requireMethod(request, 'GET', 'HEAD');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads || !(await pages.serve(request, response, name)))
      throw new HttpError(404, 'NOT_FOUND', 'There is nothing at this address; GraphQL is at /graphql.');
  };

  const route = async (request: IncomingMessage, response: ServerResponse, url: URL, correlationId: string): Promise<void> => {
    if (basePath !== '' && url.pathname === basePath) return redirectIntoFolder(request, response, url);
    url.pathname = localPath(url.pathname, basePath);
    const { pathname } = url;
    if (pathname === '/graphql') {
      if (options.playground && wantsPage(request) && !url.searchParams.has('query'))
        return answerPage(request, response, 'playground.html');
      return answerGraphQL(request, response, url, correlationId);
    }
    if (pathname.startsWith('/hooks/')) return answerHook(request, response, url, peers.peerOf(request).client);
    if (pathname.startsWith('/media/') && options.media !== undefined) {
      requireMethod(request, 'GET', 'HEAD');
      // The signed link is the permission, for pages of any site that was given one.
      response.setHeader('cross-origin-resource-policy', 'cross-origin');
      return options.media.serve(request, response, pathname.slice('/media/'.length), peers.peerOf(request).client);
    }
    if (pathname === '/health/live') {
      requireMethod(request, 'GET', 'HEAD');
      return replyJson(response, 200, { status: 'ok' });
    }
    if (pathname === '/health/ready') {
      requireMethod(request, 'GET', 'HEAD');
      const { ok, checks } = closing ? { ok: false, checks: { server: 'closing' } } : await options.ready();
      return replyJson(response, ok ? 200 : 503, { status: ok ? 'ok' : 'unavailable', checks });
    }
    if (pathname === '/metrics' && options.metrics !== undefined) {
      requireMethod(request, 'GET', 'HEAD');
      const reader = peers.peerOf(request).loopback ? null : await callers.identify(request);
      if (reader !== null && !hasScope(reader, 'metrics:read')) {
        noteRefused(reader, { lacks: 'scope', what: pathname, correlationId });
        throw new HttpError(403, 'FORBIDDEN', 'Metrics need the scope metrics:read.');
      }
      const text = withinReach(await options.metrics.text(), reader);
      return reply(response, 200, options.metrics.contentType, text, { 'cache-control': 'no-store' });
    }
    return answerPage(request, response, pathname === '/' ? 'index.html' : pathname.slice(1));
  };

  const accessed = createAccessLog({ log, metrics, basePath });

  const server = createServer(serverOptions, async (request, response) => {
    const correlationId = correlationIdOf(request, ids);
    response.setHeader('x-correlation-id', correlationId);
    setSecurityHeaders(response);
    if (closing) response.setHeader('connection', 'close');
    unanswered.add(response);
    const startedMs = clock.monotonicMs();
    const { client } = peers.peerOf(request);
    let refused: { code: string; why?: string } | null = null;
    response.once('close', () => {
      unanswered.delete(response);
      const ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
      accessed({ request, response, correlationId, client, ms, refused });
    });
    try {
      if (answerCors(request, response)) return;
      const answer = async () => {
        await route(request, response, addressOf(request), correlationId);
        describeStatus(response.statusCode);
      };
      await (options.instrumentation ? options.instrumentation.request(request, correlationId, answer) : answer());
    } catch (error) {
      refused = error instanceof HttpError ? { code: error.code, why: error.message } : { code: 'INTERNAL_SERVER_ERROR' };
      replyError(response, error, correlationId, log);
    }
  });

  const strangers = limitStrangers(server, limits.strangers);

  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    if (closing) return refuseUpgrade(request, stream, '503 Service Unavailable', 'the server is closing');
    const refused = refusedUpgrade(request, peers, basePath);
    if (refused !== null) return refuseUpgrade(request, stream, ...refused);
    sockets.upgrade(request, stream, head);
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
      const cancel = clock.after(graceMs, () => {
        sockets.terminate();
        server.closeAllConnections();
        callbacks.abandon();
      });
      sockets.close();
      eventStreams.close();
      await callbacks.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      cancel();
      await apollo.close();
    },
    counts: () => ({
      sockets: sockets.open,
      eventStreams: eventStreams.open,
      callbacks: callbacks.open,
      eventExecutions: execution.eventExecutions,
    }),
  };
};
