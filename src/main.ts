/** Makes everything and joins it up; the only file that sees all sides. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { GraphQLSchema } from 'graphql';
import { createSource } from './config/create-source.ts';
import type { Configuration } from './config/load.ts';
import { readTrustedDocuments } from './config/trusted-documents.ts';
import { defaultControlSettings } from './domain/control/context.ts';
import { createDomain } from './domain/create-domain.ts';
import { instant } from './domain/model/instant.ts';
import { storedLetter } from './domain/observe/dead-letters.ts';
import { knownToVendor } from './domain/observe/known-to-vendor.ts';
import { shareLastContact } from './domain/observe/last-contact.ts';
import { createLiveState } from './domain/observe/live-state.ts';
import { renewRows } from './domain/observe/renew-rows.ts';
import { createObservers } from './domain/observe/source-observers.ts';
import type { Clock } from './domain/ports/clock.ts';
import type { Log } from './domain/ports/log.ts';
import type { VendorContext, VendorSource, Webhook } from './domain/ports/vendor.ts';
import { openBus } from './events/index.ts';
import { createGraphContext, type GraphServices } from './graphql/context.ts';
import { createSchema } from './graphql/schema.ts';
import { type ApiKey, createAuthenticate } from './http/auth/index.ts';
import { createMedia } from './http/media/index.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { randomIds, systemClock, watchWallClock } from './lib/clock.ts';
import { correlatedLog, isPush } from './observability/correlation.ts';
import { watchHealth } from './observability/health-watch.ts';
import { createInstrumentation, wantsTracing } from './observability/instrumentation.ts';
import { createMetrics } from './observability/metrics.ts';
import { createReadiness } from './observability/readiness.ts';
import { traceResolvers } from './observability/trace-resolvers.ts';
import { startHouseKeeping } from './storage/house-keeping.ts';
import { openStore } from './storage/index.ts';
import { vendorModules } from './vendors/registry.ts';

export interface Tapegraph {
  /** Where it listens. */
  url: string;
  /** Takes new API keys without a restart; absent where there are none. */
  replaceKeys?: ((keys: readonly ApiKey[]) => void) | undefined;
  /** Drains connections, finishes what is going on, hands over leases. */
  close(graceMs?: number): Promise<void>;
}

interface StartOptions {
  log: Log;
  pagesDirectory: string;
  /** True if the recorders are simulated, which the pages then say. */
  isDemo?: boolean;
  clock?: Clock;
  /** How many lines of the log nobody read. */
  logLinesDropped?: (() => number) | undefined;
}

/** With the second between two askings, another server observes within six. */
const observerLeaseMs = 5000;
const pollEveryMs = 1000;

/** Resolves once everything listens. */
export const startTapegraph = async (
  configuration: Configuration,
  { log: plainLog, pagesDirectory, isDemo = false, clock = systemClock, logLinesDropped = () => 0 }: StartOptions,
): Promise<Tapegraph> => {
  const ids = randomIds;
  const log = correlatedLog(plainLog);
  const tracing = wantsTracing(configuration.tracing, process.env)
    ? (await import('./observability/tracing.ts')).startTracing(configuration.tracing, log)
    : null;
  const { server, store: storeSettings } = configuration;
  const isAlone = configuration.bus.url.startsWith('memory:');
  const name = isAlone ? 'single' : (server.name ?? `${hostname()}-${process.pid}`);
  // Two servers may be given the same name; one that is alone takes its own leases up again at once.
  const serverId = isAlone ? name : `${name}-${randomUUID().slice(0, 8)}`;

  const schemaReady: Promise<GraphQLSchema> = createSchema(vendorModules);
  const store = await openStore(storeSettings.url, { clock, ids });
  const bus = await openBus(configuration.bus.url, {
    clock,
    log,
    serverId,
    storeId: await store.id(),
    exchange: configuration.bus.exchange,
    installation: server.installation,
  });
  const names = configuration.sources.map(({ settings }) => settings.name);
  const liveState = createLiveState();
  await liveState.load(store, names);
  // Corrects what an earlier run wrote with a clock that was ahead.
  liveState.clampTo(clock.now());

  const sources = new Map<string, VendorSource>();
  const metrics = createMetrics({ clock, sources, liveState, store, logLinesDropped });
  const domain = createDomain({
    store,
    bus,
    clock,
    ids,
    log,
    sources,
    liveState,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    settings: {
      ...defaultControlSettings,
      clockSkewMs: configuration.control.clockSkewSeconds * 1000,
      idempotencyKeepMs: configuration.control.idempotencyHours * 3_600_000,
    },
    pollEveryMs: isAlone ? null : pollEveryMs,
    onEvents: metrics.applyEvents,
  });
  const { eventFeed } = domain;

  const publicUrl = { value: server.publicUrl?.replace(/\/$/, '') ?? '' };
  const contextOf = (source: string): VendorContext => ({
    clock,
    log,
    observe: (batch) => {
      if (isPush()) metrics.vendors.measurePush(source, batch);
      return domain.observe(source, batch);
    },
    state: store.vendorState(source),
    deadLetter: (letter) => {
      const { reason, body } = storedLetter(letter);
      return store.deadLetters.add(source, instant(clock.now()), reason, body);
    },
    known: knownToVendor(source, { store, liveState }),
    measure: (operation, outcome, ms) => {
      metrics.vendors.measureCall(source, operation, outcome, ms);
      if (outcome !== 'OK') log.info('a vendor call failed', { source, operation, outcome, ms: Math.round(ms) });
    },
    meter: {
      ...metrics.vendors.meter(source),
      span: (operation, work) => (tracing ? tracing.span(`vendor ${operation}`, { 'tapegraph.source': source }, work, 'client') : work()),
    },
    outageEnded: (sinceMs) => domain.onOutageEnded(source, sinceMs),
  });
  for (const one of configuration.sources) sources.set(one.settings.name, createSource(one, contextOf(one.settings.name)));
  await renewRows(store, sources.values());
  const webhooks = new Map<string, Webhook>(
    [...sources.values()].flatMap((source) =>
      source.webhook ? [[source.name, metrics.vendors.timed(source.name, source.webhook)] as const] : [],
    ),
  );

  const media = createMedia({
    sources,
    store,
    liveState,
    clock,
    ids,
    slices: domain.read.slices,
    log,
    settings: configuration.media,
    publicUrl: () => publicUrl.value,
    observe: domain.observe,
  });
  const health = watchHealth({ sources, clock, log });
  const services: GraphServices = {
    sources,
    read: domain.read,
    control: domain.control,
    asCommand: domain.asCommand,
    log,
    maxPageSize: configuration.limits.pageSize,
    linkMedia: media.link,
    measureBatch: metrics.measureBatch,
    healthSinceMs: health.sinceMs,
  };
  const schema = await schemaReady;
  if (tracing) traceResolvers(schema, tracing);
  const authentication = await createAuthenticate(configuration.auth, { clock, log });
  const http: HttpServer = await createHttpServer({
    host: server.host,
    port: server.port,
    publicUrl: server.publicUrl ?? null,
    playground: server.playground ?? configuration.loopbackOnly,
    introspection: server.introspection ?? configuration.loopbackOnly,
    limits: configuration.limits,
    trustedProxies: server.trustedProxies,
    cors: { origins: server.corsOrigins },
    authenticate: authentication.authenticate,
    schema,
    instrumentation: createInstrumentation(tracing),
    createContext: createGraphContext(services),
    webhooks,
    media,
    ready: createReadiness({ store, bus, server: name, leaseMs: observerLeaseMs }),
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

  await eventFeed.catchUp();
  const url = await http.listen();
  publicUrl.value ||= url;
  const observers = createObservers({ sources, leases: store.leases, clock, log, holder: serverId, leaseMs: observerLeaseMs });
  observers.start();
  metrics.addServer({ counts: http.counts, healthSinceMs: health.sinceMs });
  const stopSharing = isAlone
    ? () => {}
    : shareLastContact({ sources: names, state: store.vendorState, liveState, reached: eventFeed.position, clock, log });
  await domain.start();

  const stopWatching = watchWallClock(clock, (byMs) => {
    const seconds = Math.round(Math.abs(byMs) / 100) / 10;
    log.warn(`the clock of this machine was set ${byMs < 0 ? 'back' : 'forward'} by ${seconds} s; keep it right with a time service`);
    if (byMs < 0) liveState.clampTo(clock.now());
  });

  const stopHouseKeeping = startHouseKeeping({ store, clock, log }, storeSettings);

  return {
    url,
    replaceKeys: authentication.replaceKeys,
    close: async (graceMs = 5000) => {
      const houseKept = stopHouseKeeping();
      stopWatching();
      stopSharing();
      health.stop();
      const endMs = clock.monotonicMs() + graceMs;
      await http.close(graceMs);
      // Also commands whose client has gone; a command that a vendor does not answer in time is resolved from what it shows later.
      await domain.stop(Math.max(500, endMs - clock.monotonicMs()));
      await observers.stop();
      eventFeed.close();
      await Promise.all([...sources.values()].map((source) => source.close()));
      await houseKept;
      await bus.close();
      await store.close();
      await tracing?.close();
    },
  };
};
