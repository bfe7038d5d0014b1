/** Makes everything and joins it up; the only file that sees all sides. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { GraphQLSchema } from 'graphql';
import { createSource } from './config/create-source.ts';
import type { Configuration } from './config/load.ts';
import { defaultControlSettings } from './domain/control/context.ts';
import { createDomain } from './domain/create-domain.ts';
import { shareLastContact } from './domain/observe/last-contact.ts';
import { createLiveState } from './domain/observe/live-state.ts';
import { renewRows } from './domain/observe/renew-rows.ts';
import { createObservers } from './domain/observe/source-observers.ts';
import type { Clock } from './domain/ports/clock.ts';
import type { Log } from './domain/ports/log.ts';
import type { VendorSource } from './domain/ports/vendor.ts';
import { openBus } from './events/index.ts';
import { createSchema } from './graphql/schema.ts';
import type { ApiKey } from './http/auth/index.ts';
import { randomIds, systemClock, watchWallClock } from './lib/clock.ts';
import { correlatedLog } from './observability/correlation.ts';
import { wantsTracing } from './observability/instrumentation.ts';
import { createMetrics } from './observability/metrics.ts';
import { createServing } from './serve.ts';
import { startHouseKeeping } from './storage/house-keeping.ts';
import { openStore } from './storage/index.ts';
import { watchDatabaseClock } from './storage/watch-database-clock.ts';
import { createVendorContext } from './vendor-context.ts';
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

  const parts = { configuration, clock, ids, log, store, bus, liveState, sources, domain, metrics, tracing };
  for (const one of configuration.sources) {
    const source = one.settings.name;
    sources.set(source, createSource(one, createVendorContext(source, parts)));
  }
  await renewRows(store, sources.values());
  const serving = await createServing({
    ...parts,
    schema: await schemaReady,
    serverName: name,
    observerLeaseMs,
    pagesDirectory,
    isDemo,
  });
  const { http, health } = serving;

  await eventFeed.catchUp();
  const url = await serving.listen();
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

  const stopComparing = watchDatabaseClock({ store, clock, log });
  const stopHouseKeeping = startHouseKeeping({ store, clock, log }, storeSettings);

  return {
    url,
    replaceKeys: serving.replaceKeys,
    close: async (graceMs = 5000) => {
      const houseKept = stopHouseKeeping();
      stopWatching();
      stopComparing();
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
