/** Measures the vendors: their calls, their health, and how old what they push is. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { epochMsOrNull } from '../domain/model/instant.ts';
import type { ObservationBatch } from '../domain/model/observation.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { VendorMeter } from '../domain/ports/vendor-context.ts';
import type { Webhook } from '../domain/ports/webhook.ts';
import { addGauge } from './gauge.ts';

export interface VendorMetrics {
  measureCall(call: { source: string; operation: string; outcome: string; ms: number }): void;
  meter(source: string): Omit<VendorMeter, 'span'>;
  /** Measures how long pushes wait for their answer. */
  timed(source: string, webhook: Webhook): Webhook;
  /** Measures how old the newest thing in a push is. */
  measurePush(source: string, batch: ObservationBatch): void;
}

const statusValue = { UP: 2, DEGRADED: 1, DOWN: 0 } as const;
const circuitValue = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

/** When the newest thing in a batch happened, as the vendor dates it; null where it dates nothing. */
const newestMs = ({ observations }: ObservationBatch): number | null => {
  let newest: number | null = null;
  for (const observation of observations) {
    if (observation.type !== 'call' && observation.type !== 'recording') continue;
    const entityType: { startedAt?: string | null; endedAt?: string | null } =
      observation.type === 'call' ? observation.call : observation.recording;
    const atMs = epochMsOrNull(entityType.endedAt ?? entityType.startedAt ?? null);
    if (atMs !== null) newest = Math.max(newest ?? atMs, atMs);
  }
  return newest;
};

interface VendorMetricsContext {
  clock: Clock;
  sources: ReadonlyMap<string, VendorSource>;
}

export const createVendorMetrics = (registry: Registry, { clock, sources }: VendorMetricsContext): VendorMetrics => {
  const registers = [registry];
  const callSeconds = new Histogram({
    name: 'tapegraph_vendor_call_seconds',
    help: 'Duration of vendor calls with their retries, by source, operation and outcome.',
    labelNames: ['source', 'operation', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const repeats = new Counter({
    name: 'tapegraph_vendor_repeats_total',
    help: 'Retries of reads.',
    labelNames: ['source', 'operation'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'tapegraph_vendor_calls_in_flight',
    help: 'Vendor calls in flight.',
    labelNames: ['source'],
    registers,
  });
  const waiting = new Gauge({
    name: 'tapegraph_vendor_calls_waiting',
    help: 'Vendor calls that wait for a place or a probe.',
    labelNames: ['source'],
    registers,
  });
  const pushSeconds = new Histogram({
    name: 'tapegraph_push_seconds',
    help: 'Time from the receipt of a push to its answer, which is sent after the commit.',
    labelNames: ['source', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const pushLag = new Histogram({
    name: 'tapegraph_push_lag_seconds',
    help: 'Age of the newest entry of a push at its receipt, by the times of the vendor.',
    labelNames: ['source'],
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200],
    registers,
  });
  addGauge(registry, { name: 'tapegraph_source_status', help: '2 up, 1 degraded, 0 down.', labelNames: ['source'] }, (set) => {
    for (const source of sources.values()) set({ source: source.name }, statusValue[source.health().status]);
  });
  addGauge(registry, { name: 'tapegraph_source_circuit', help: '0 closed, 1 half-open, 2 open.', labelNames: ['source'] }, (set) => {
    for (const source of sources.values()) set({ source: source.name }, circuitValue[source.health().circuit]);
  });

  return {
    measureCall: ({ ms, ...labels }) => callSeconds.observe(labels, ms / 1000),
    meter: (source) => ({
      inFlight: (change) => inFlight.inc({ source }, change),
      waiting: (change) => waiting.inc({ source }, change),
      repeated: (operation) => repeats.inc({ source, operation }),
    }),
    timed: (source, webhook) => ({
      ...(webhook.admit ? { admit: (head) => webhook.admit!(head) } : {}),
      handle: async (request) => {
        const end = pushSeconds.startTimer({ source });
        try {
          const answer = await webhook.handle(request);
          end({ status: String(answer.status) });
          return answer;
        } catch (error) {
          end({ status: 'failed' });
          throw error;
        }
      },
    }),
    measurePush: (source, batch) => {
      const atMs = newestMs(batch);
      if (atMs !== null) pushLag.observe({ source }, Math.max(0, clock.now() - atMs) / 1000);
    },
  };
};
