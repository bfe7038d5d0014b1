/** What operators watch, in Prometheus' form. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { epochMs } from './domain/instant.ts';
import type { LiveEvent } from './domain/nouns.ts';
import type { Tracker } from './domain/observe/tracker.ts';
import type { Clock, Store, VendorSource } from './domain/ports.ts';

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
  measureVendorCall(source: string, operation: string, outcome: string, ms: number): void;
  /** Counts what the event log tells. */
  takeIn(events: readonly LiveEvent[]): void;
  /** Figures that are read when they are asked for. */
  watch(sources: ReadonlyMap<string, VendorSource>, tracker: Tracker, store: Store, counts: () => Record<string, number>): void;
}

const statusValue = { UP: 2, DEGRADED: 1, DOWN: 0 } as const;
const circuitValue = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

export const createMetrics = (clock: Clock): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'tapegraph_' });
  const vendorSeconds = new Histogram({
    name: 'tapegraph_vendor_call_seconds',
    help: 'Time of vendor calls, by source, operation and outcome.',
    labelNames: ['source', 'operation', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const eventLag = new Histogram({
    name: 'tapegraph_event_lag_seconds',
    help: 'From the commit of an event to its arrival at this server.',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 5],
    registers,
  });
  const events = new Counter({
    name: 'tapegraph_events_total',
    help: 'Events taken in, by noun.',
    labelNames: ['source', 'noun'],
    registers,
  });
  const warnings = new Counter({
    name: 'tapegraph_blackout_warnings_total',
    help: 'Warnings about blackouts: DEADLINE_NEAR, UNCONFIRMED, STOP_FAILING.',
    labelNames: ['source', 'warning'],
    registers,
  });
  const confirmSeconds = new Histogram({
    name: 'tapegraph_blackout_confirm_seconds',
    help: 'From the request of a blackout to its confirmation.',
    labelNames: ['source'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const confirmed = new Set<string>();

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    measureVendorCall: (source, operation, outcome, ms) => vendorSeconds.observe({ source, operation, outcome }, ms / 1000),
    takeIn: (taken) => {
      for (const event of taken) {
        events.inc({ source: event.source, noun: event.noun });
        eventLag.observe(Math.max(0, clock.now() - epochMs(event.at)) / 1000);
        if (event.noun !== 'blackout') continue;
        const blackout = event.state as { id: string; confirmation: string; requestedAt: string; state: string };
        if (event.warning !== null) warnings.inc({ source: event.source, warning: event.warning });
        if (blackout.confirmation === 'CONFIRMED' && !confirmed.has(blackout.id)) {
          confirmed.add(blackout.id);
          confirmSeconds.observe({ source: event.source }, Math.max(0, epochMs(event.at) - epochMs(blackout.requestedAt)) / 1000);
        }
        if (blackout.state === 'ENDED' || blackout.state === 'FAILED') confirmed.delete(blackout.id);
      }
    },
    watch: (sources, tracker, store, counts) => {
      const gauge = (
        name: string,
        help: string,
        labelNames: string[],
        collect: (set: (labels: Record<string, string>, value: number) => void) => void | Promise<void>,
      ) =>
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          async collect() {
            this.reset();
            await collect((labels, value) => this.set(labels, value));
          },
        });
      gauge('tapegraph_blackouts_open', 'Blackouts open, by state and confirmation.', ['source', 'state', 'confirmation'], (set) => {
        const open = new Map<string, { labels: Record<string, string>; count: number }>();
        for (const { source, state, confirmation } of tracker.openBlackouts()) {
          const key = `${source} ${state} ${confirmation}`;
          const entry = open.get(key) ?? { labels: { source, state, confirmation }, count: 0 };
          open.set(key, { ...entry, count: entry.count + 1 });
        }
        for (const { labels, count } of open.values()) set(labels, count);
      });
      gauge('tapegraph_blackouts_over_deadline', 'Blackouts open past their deadline.', ['source'], (set) => {
        for (const name of sources.keys()) {
          set({ source: name }, tracker.openBlackouts().filter((one) => one.source === name && epochMs(one.deadline) < clock.now()).length);
        }
      });
      gauge('tapegraph_blackouts_stop_failing', 'Blackouts whose end the vendor does not take.', ['source'], (set) => {
        for (const name of sources.keys()) {
          set(
            { source: name },
            tracker.openBlackouts().filter((one) => one.source === name && one.warnings.includes('STOP_FAILING')).length,
          );
        }
      });
      gauge('tapegraph_source_status', '2 up, 1 degraded, 0 down.', ['source'], (set) => {
        for (const source of sources.values()) set({ source: source.name }, statusValue[source.health().status]);
      });
      gauge('tapegraph_source_circuit', '0 closed, 1 half-open, 2 open.', ['source'], (set) => {
        for (const source of sources.values()) set({ source: source.name }, circuitValue[source.health().circuit]);
      });
      gauge('tapegraph_source_silence_seconds', 'Since the source was last heard from.', ['source'], (set) => {
        for (const name of sources.keys()) {
          const heard = tracker.heardAtMs(name);
          if (heard > 0) set({ source: name }, (clock.now() - heard) / 1000);
        }
      });
      gauge('tapegraph_dead_letters', 'Pushes that could not be read and were kept.', ['source'], async (set) => {
        for (const name of sources.keys()) set({ source: name }, await store.deadLetters.count(name));
      });
      gauge('tapegraph_connections', 'Connections open, by kind.', ['kind'], (set) => {
        for (const [kind, count] of Object.entries(counts())) set({ kind }, count);
      });
    },
  };
};
