/** Serves clients: HTTP with its schema, its callers' rights, webhooks, media and pages. */
import type { GraphQLSchema } from 'graphql';
import type { Configuration } from './config/load.ts';
import { readTrustedDocuments } from './config/trusted-documents.ts';
import type { Bus } from './domain/ports/bus.ts';
import type { Ids } from './domain/ports/clock.ts';
import type { VendorSource } from './domain/ports/vendor.ts';
import type { Webhook } from './domain/ports/webhook.ts';
import { createGraphContext, type GraphServices } from './graphql/context.ts';
import { createAuthenticate } from './http/auth/index.ts';
import { createHttpServer } from './http/server.ts';
import { createMediaContext } from './media/context.ts';
import { watchHealth } from './observability/health-watch.ts';
import { createInstrumentation } from './observability/instrumentation.ts';
import { createReadiness } from './observability/readiness.ts';
import { traceResolvers } from './observability/trace-resolvers.ts';
import type { VendorServices } from './vendor-context.ts';

interface Services extends VendorServices {
  configuration: Configuration;
  ids: Ids;
  bus: Bus;
  sources: ReadonlyMap<string, VendorSource>;
  schema: GraphQLSchema;
  serverName: string;
  observerLeaseMs: number;
  pagesDirectory: string;
  isDemo: boolean;
}

const webhooksOf = ({ sources, metrics }: Services): ReadonlyMap<string, Webhook> =>
  new Map(
    [...sources.values()].flatMap((source) =>
      source.webhook ? [[source.name, metrics.vendors.timed(source.name, source.webhook)] as const] : [],
    ),
  );

export const createServing = async (parts: Services) => {
  const { configuration, clock, ids, log, store, bus, liveState, sources, domain, metrics, tracing } = parts;
  const { schema, serverName, observerLeaseMs, pagesDirectory, isDemo } = parts;
  const { server, limits } = configuration;
  let publicUrl = server.publicUrl?.replace(/\/$/, '') ?? '';

  const media = createMediaContext({
    sources,
    store,
    liveState,
    clock,
    ids,
    settings: configuration.media,
    publicUrl: () => publicUrl,
    observe: domain.observe,
  });
  const health = watchHealth({ sources, clock, log });
  const services: GraphServices = {
    sources,
    read: domain.read,
    control: domain.control,
    asCommand: domain.asCommand,
    log,
    maxPageSize: limits.pageSize,
    media,
    measureBatch: metrics.measureBatch,
    healthSinceMs: health.sinceMs,
  };
  if (tracing) traceResolvers(schema, tracing);
  const authentication = await createAuthenticate(configuration.auth, { clock, log });
  const http = await createHttpServer({
    host: server.host,
    port: server.port,
    publicUrl: server.publicUrl ?? null,
    playground: server.playground ?? configuration.loopbackOnly,
    introspection: server.introspection ?? configuration.loopbackOnly,
    limits,
    trustedProxies: server.trustedProxies,
    cors: { origins: server.corsOrigins },
    authenticate: authentication.authenticate,
    schema,
    instrumentation: createInstrumentation(tracing),
    createContext: createGraphContext(services),
    webhooks: webhooksOf(parts),
    media,
    ready: createReadiness({ store, bus, server: serverName, leaseMs: observerLeaseMs }),
    metrics,
    pagesDirectory,
    isDemo,
    log,
    clock,
    slices: domain.read.slices,
    ids,
    callbackHosts: server.callbackHosts,
    audit: (entries) => store.audit.append(entries),
    trustedDocuments: server.trustedDocuments === undefined ? undefined : readTrustedDocuments(server.trustedDocuments),
    noteRefused: domain.control.noteRefused,
  });

  return {
    http,
    health,
    replaceKeys: authentication.replaceKeys,
    listen: async () => {
      const url = await http.listen();
      publicUrl ||= url;
      return url;
    },
  };
};
