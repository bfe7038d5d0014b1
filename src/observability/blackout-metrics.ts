/** Metrics of blackouts: over-long, unconfirmed and unending ones show in them. */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { Blackout } from '../domain/model/entities.ts';
import type { LiveEvent } from '../domain/model/events.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { LiveState } from '../domain/observe/live-state.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { addGauge } from './gauge.ts';

interface BlackoutMetrics {
  applyEvent(event: LiveEvent<'blackout'>): void;
}

interface BlackoutMetricsContext {
  clock: Clock;
  /** By name. */
  sources: ReadonlyMap<string, VendorSource>;
  liveState: Pick<LiveState, 'openBlackouts'>;
}

/** Adds the numbers of open blackouts, which are counted when they are asked for. */
const addOpenBlackouts = (registry: Registry, { clock, sources, liveState }: BlackoutMetricsContext): void => {
  const labelNames = ['source', 'state', 'confirmation'];
  addGauge(registry, { name: 'tapegraph_blackouts_open', help: 'Open blackouts by state and confirmation.', labelNames }, (set) => {
    const counts = new Map<string, { labels: Record<string, string>; count: number }>();
    for (const { source, state, confirmation } of liveState.openBlackouts()) {
      const key = `${source} ${state} ${confirmation}`;
      const entry = counts.get(key) ?? { labels: { source, state, confirmation }, count: 0 };
      counts.set(key, { ...entry, count: entry.count + 1 });
    }
    for (const { labels, count } of counts.values()) set(labels, count);
  });
  const countOpen = (name: string, help: string, counts: (blackout: Blackout) => boolean) =>
    addGauge(registry, { name, help, labelNames: ['source'] }, (set) => {
      const open = liveState.openBlackouts().filter(counts);
      for (const source of sources.keys()) set({ source }, open.filter((one) => one.source === source).length);
    });
  countOpen(
    'tapegraph_blackouts_unconfirmed',
    'Open blackouts that were not confirmed in time.',
    ({ warnings, confirmation }) => warnings.some(({ warning }) => warning === 'UNCONFIRMED') && confirmation !== 'CONFIRMED',
  );
  countOpen('tapegraph_blackouts_over_deadline', 'Open blackouts after their deadline.', ({ deadline }) => epochMs(deadline) < clock.now());
  countOpen(
    'tapegraph_blackouts_stop_failing',
    'Blackouts that the vendor does not stop.',
    ({ state, warnings }) => state === 'STOPPING' && warnings.some(({ warning }) => warning === 'STOP_FAILING'),
  );
};

export const createBlackoutMetrics = (registry: Registry, context: BlackoutMetricsContext): BlackoutMetrics => {
  const registers = [registry];
  const confirmSeconds = new Histogram({
    name: 'tapegraph_blackout_confirm_seconds',
    help: 'Time from the request of a blackout to its confirmation.',
    labelNames: ['source'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const warnings = new Counter({
    name: 'tapegraph_blackout_warnings_total',
    help: 'Warnings about blackouts: DEADLINE_NEAR, UNCONFIRMED, STOP_FAILING, EXPOSED, MASK_LOST.',
    labelNames: ['source', 'warning'],
    registers,
  });
  addOpenBlackouts(registry, context);

  const confirmed = new Set<string>();
  return {
    applyEvent: ({ source, at, warning, state: blackout }) => {
      if (warning !== null) warnings.inc({ source, warning });
      if (blackout.confirmation === 'CONFIRMED' && !confirmed.has(blackout.id)) {
        confirmed.add(blackout.id);
        confirmSeconds.observe({ source }, Math.max(0, epochMs(at) - epochMs(blackout.requestedAt)) / 1000);
      }
      if (blackout.state === 'ENDED' || blackout.state === 'FAILED') confirmed.delete(blackout.id);
    },
  };
};
