/** Every way in which GraphQL is asked here: POST and GET, server-sent events and multipart, callbacks, WebSockets. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createExecution } from '../graphql/execution.ts';
import type { Slices } from '../lib/slices.ts';
import { noRequestMetrics } from '../observability/request-metrics.ts';
import { noInstrumentation } from '../observability/request-scope.ts';
import { createApolloHandler } from './apollo.ts';
import { createCallbackHandler } from './callbacks.ts';
import type { Callers } from './callers.ts';
import { createConsumers } from './consumers.ts';
import { createEventStreamHandler } from './event-streams.ts';
import { answerGraphQL } from './graphql-route.ts';
import type { HttpOptions } from './options.ts';
import type { Peers } from './peer.ts';
import { admitPersisted, createPersistedQueries } from './persisted-queries.ts';
import type { Routed } from './routed.ts';
import { createSocketHandler } from './sockets.ts';
import type { Refuse } from './upgrades.ts';

export type ConnectionCounts = {
  sockets: number;
  eventStreams: number;
  callbacks: number;
  eventExecutions: number;
};

interface GraphQLTransports {
  /** Answers `/graphql`. */
  answer(routed: Routed): Promise<void>;
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Connections open now, and executions of events so far. */
  counts(): ConnectionCounts;
  /** Asks streams to reconnect; resolves once every callback has been told. */
  closeStreams(): Promise<void>;
  /** Drops what `closeStreams` waits for. */
  terminate(): void;
  /** Called when no request is in flight any more. */
  close(): Promise<void>;
}

export const createGraphQLTransports = async (
  options: HttpOptions,
  context: { callers: Callers; peers: Peers; slices: Slices; refuseUpgrade: Refuse },
): Promise<GraphQLTransports> => {
  const { limits, clock } = options;
  const instrumentation = options.instrumentation?.requestScope ?? noInstrumentation;
  const metrics = options.metrics?.requests ?? noRequestMetrics;
  const execution = createExecution({ ...options, slices: context.slices, instrumentEvent: instrumentation, metrics });
  const persisted = createPersistedQueries();
  const consumers = createConsumers(limits, clock);
  const trustedOnly = options.trustedDocuments !== undefined;
  const apollo = await createApolloHandler({
    ...options,
    execution,
    callers: context.callers,
    consumers,
    persisted: trustedOnly ? null : persisted,
    plugins: options.apolloPlugins,
    metrics,
    noteRefused: options.noteRefused ?? (() => undefined),
    slices: context.slices,
  });
  const shared = {
    ...options,
    ...context,
    execution,
    admit: admitPersisted(execution, persisted),
    consumers,
  };
  const sockets = createSocketHandler({ ...shared, instrumentation, metrics });
  const eventStreams = createEventStreamHandler(shared);
  const callbacks = createCallbackHandler({ ...shared, hosts: options.callbackHosts });
  const routeContext = { ...shared, apollo, eventStreams, callbacks, trustedOnly, isNamedOrigin: context.peers.isNamedOrigin };
  return {
    answer: (routed) => answerGraphQL(routeContext, routed),
    upgrade: sockets.upgrade,
    counts: () => ({
      sockets: sockets.open,
      eventStreams: eventStreams.open,
      callbacks: callbacks.open,
      eventExecutions: execution.eventExecutions,
    }),
    closeStreams: () => {
      sockets.close();
      eventStreams.close();
      return callbacks.close();
    },
    terminate: () => {
      sockets.terminate();
      callbacks.abandon();
    },
    close: apollo.close,
  };
};
