/** Makes everything and joins it up; the only file that sees all sides. */
import { createHash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import { createSource } from './config/create-source.ts';
import type { Configuration } from './config/load.ts';
import { type ControlSettings, defaultControlSettings } from './domain/control/context.ts';
import { createDomain } from './domain/create-domain.ts';
import { shareLastContact } from './domain/observe/last-contact.ts';
import { renewRows } from './domain/observe/renew-rows.ts';
import { createObservers } from './domain/observe/source-observers.ts';
import type { Clock } from './domain/ports/clock.ts';
import type { Log } from './domain/ports/log.ts';
import type { VendorSource } from './domain/ports/vendor.ts';
import { createSchema } from './graphql/schema.ts';
import type { ApiKey } from './http/auth/index.ts';
import { type Infrastructure, openInfrastructure } from './infrastructure.ts';
import { randomIds, systemClock, watchWallClock } from './lib/clock.ts';
import { createMetrics } from './observability/metrics.ts';
import { createServing } from './serve.ts';
import { startHouseKeeping } from './storage/house-keeping.ts';
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

const controlSettings = ({ control }: Configuration): ControlSettings => ({
  ...defaultControlSettings,
  clockSkewMs: control.clockSkewSeconds * 1000,
  idempotencyKeepMs: control.idempotencyHours * 3_600_000,
});

/** Starts what goes on beside requests and commands. Returns the functions that stop it. */
const startWatches = (
  { store, clock, log, liveState, isAlone, sourceNames }: Infrastructure,
  { configuration, position }: { configuration: Configuration; position(): number },
): (() => Promise<void> | void)[] => {
  const warnOfClock = (byMs: number) => {
    const seconds = Math.round(Math.abs(byMs) / 100) / 10;
    log.warn(`the clock of this machine was set ${byMs < 0 ? 'back' : 'forward'} by ${seconds} s; keep it right with a time service`);
    if (byMs < 0) liveState.clampTo(clock.now());
  };
  const sharing = { sources: sourceNames, state: store.vendorState, liveState, reached: position, clock, log };
  return [
    startHouseKeeping({ store, clock, log }, configuration.store),
    watchWallClock(clock, warnOfClock),
    watchDatabaseClock({ store, clock, log }),
    ...(isAlone ? [] : [shareLastContact(sharing)]),
  ];
};

/** Resolves once everything listens. */
export const startTapegraph = async (
  configuration: Configuration,
  { log: plainLog, pagesDirectory, isDemo = false, clock = systemClock, logLinesDropped = () => 0 }: StartOptions,
): Promise<Tapegraph> => {
  const schemaReady: Promise<GraphQLSchema> = createSchema(vendorModules);
  const infrastructure = await openInfrastructure(configuration, { clock, ids: randomIds, log: plainLog });
  const { store, bus, log, liveState, isAlone, serverId, serverName, tracing } = infrastructure;

  const sources = new Map<string, VendorSource>();
  const metrics = createMetrics({ clock, sources, liveState, store, logLinesDropped });
  const domain = createDomain({
    ...infrastructure,
    sources,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    settings: controlSettings(configuration),
    pollEveryMs: isAlone ? null : pollEveryMs,
    onEvents: metrics.applyEvents,
  });
  const { eventFeed } = domain;

  const parts = { ...infrastructure, configuration, sources, domain, metrics };
  for (const one of configuration.sources) {
    const source = one.settings.name;
    sources.set(source, createSource(one, createVendorContext(source, parts)));
  }
  await renewRows(store, sources.values());
  const serving = await createServing({ ...parts, schema: await schemaReady, serverName, observerLeaseMs, pagesDirectory, isDemo });
  const { http, health } = serving;

  await eventFeed.catchUp();
  const url = await serving.listen();
  const observers = createObservers({ sources, leases: store.leases, clock, log, holder: serverId, leaseMs: observerLeaseMs });
  observers.start();
  metrics.addServer({ counts: http.counts, healthSinceMs: health.sinceMs });
  const watches = startWatches(infrastructure, { configuration, position: eventFeed.position });
  await domain.start();

  return {
    url,
    replaceKeys: serving.replaceKeys,
    close: async (graceMs = 5000) => {
      const unwatched = watches.map((stop) => stop());
      health.stop();
      const endMs = clock.monotonicMs() + graceMs;
      await http.close(graceMs);
      // Also commands whose client has gone; a command that a vendor does not answer in time is resolved from what it shows later.
      await domain.stop(Math.max(500, endMs - clock.monotonicMs()));
      await observers.stop();
      eventFeed.close();
      await Promise.all([...sources.values()].map((source) => source.close()));
      await Promise.all(unwatched);
      await bus.close();
      await store.close();
      await tracing?.close();
    },
  };
};
