/** The metrics of the server in Prometheus' form; the blackouts first. */

import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import type { LiveEvent } from '../domain/model/events.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { LiveState } from '../domain/observe/live-state.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Store } from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { createBlackoutMetrics } from './blackout-metrics.ts';
import { addGauge } from './gauge.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { createVendorMetrics, type VendorMetrics } from './vendor-metrics.ts';

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
  vendors: VendorMetrics;
  requests: RequestMetrics;
  /** Counts the events of the log. */
  applyEvents(events: readonly LiveEvent[]): void;
  /** Counts the keys that a loader gathered into one read. */
  measureBatch(loader: string, size: number): void;
  /** Adds the figures that only a listening server has; called once. */
  addServer(server: ServerFigures): void;
}

interface ServerFigures {
  /** Connections open now, by kind, and executions of events so far. */
  counts(): { eventExecutions: number } & Record<string, number>;
  /** Since when a source is as healthy as it is, in milliseconds. */
  healthSinceMs(source: string): number;
}

interface MetricsDependencies {
  clock: Clock;
  sources: ReadonlyMap<string, VendorSource>;
  liveState: LiveState;
  store: Store;
  /** How many lines of the log nobody read. */
  logLinesDropped(): number;
}

/** Stock figures of prom-client that end as counters do and are none; each has a namesake by type. */
const misnamed = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** Adds the figures that are read when they are asked for. */
const addOwnFigures = (registry: Registry, { clock, sources, liveState, store, logLinesDropped }: MetricsDependencies): void => {
  const labelNames = ['source'];
  const silence = { name: 'tapegraph_source_silence_seconds', help: 'Seconds since the source last reported anything.', labelNames };
  addGauge(registry, silence, (set) => {
    for (const name of sources.keys()) {
      const contactMs = liveState.lastContactMs(name);
      if (contactMs > 0) set({ source: name }, (clock.now() - contactMs) / 1000);
    }
  });
  const build = {
    name: 'tapegraph_build_info',
    help: 'Version and Node version of the server; always 1.',
    labelNames: ['version', 'node'],
  };
  addGauge(registry, build, (set) => set({ version: packageJson.version, node: process.versions.node }, 1));
  const deadLetters = { name: 'tapegraph_dead_letters', help: 'Vendor messages that could not be read and were kept.', labelNames };
  addGauge(registry, deadLetters, async (set) => {
    for (const name of sources.keys()) set({ source: name }, await store.deadLetters.count(name).catch(() => Number.NaN));
  });
  new Counter({
    name: 'tapegraph_log_lines_dropped_total',
    help: 'Log lines that were dropped because nobody read them.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(logLinesDropped());
    },
  });
};

const addServerFigures = (registry: Registry, sources: MetricsDependencies['sources'], { counts, healthSinceMs }: ServerFigures): void => {
  const healthSince = {
    name: 'tapegraph_source_status_since_timestamp_seconds',
    help: 'When the source became up, degraded or down.',
    labelNames: ['source'],
  };
  addGauge(registry, healthSince, (set) => {
    for (const name of sources.keys()) set({ source: name }, healthSinceMs(name) / 1000);
  });
  addGauge(registry, { name: 'tapegraph_connections', help: 'Connections open, by kind.', labelNames: ['kind'] }, (set) => {
    const { eventExecutions: _, ...kinds } = counts();
    for (const [kind, count] of Object.entries(kinds)) set({ kind }, count);
  });
  const executions = { name: 'tapegraph_event_executions', help: 'Executions of events for subscribers since the start.' };
  addGauge(registry, executions, (set) => set({}, counts().eventExecutions));
};

export const createMetrics = (dependencies: MetricsDependencies): Metrics => {
  const { clock, sources } = dependencies;
  const registry = new Registry();
  const registers = [registry];
  const blackouts = createBlackoutMetrics(registry, dependencies);
  const vendors = createVendorMetrics(registry, dependencies);
  const requests = createRequestMetrics(registry);
  const eventLag = new Histogram({
    name: 'tapegraph_event_lag_seconds',
    help: 'Time from the commit of an event to its arrival at this server.',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 5],
    registers,
  });
  const events = new Counter({
    name: 'tapegraph_events_total',
    help: 'Events applied, by type of entity.',
    labelNames: ['source', 'entity'],
    registers,
  });
  const batches = new Histogram({
    name: 'tapegraph_loader_batch_size',
    help: 'Keys that a loader gathered into one read.',
    labelNames: ['loader'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
    registers,
  });
  addOwnFigures(registry, dependencies);
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    vendors,
    requests,
    applyEvents: (applied) => {
      for (const event of applied) {
        events.inc({ source: event.source, entity: event.entityType });
        eventLag.observe(Math.max(0, clock.now() - epochMs(event.at)) / 1000);
        if (event.entityType === 'blackout') blackouts.applyEvent(event);
      }
    },
    measureBatch: (loader, size) => batches.observe({ loader }, size),
    addServer: (server) => addServerFigures(registry, sources, server),
  };
};
