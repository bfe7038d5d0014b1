/** Metrics of blackouts: over-long, unconfirmed and unending ones show in them. */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { Blackout } from '../domain/model/entities.ts';
import type { LiveEvent } from '../domain/model/events.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { Clock } from '../domain/ports/clock.ts';
import { addGauge } from './gauge.ts';

interface BlackoutMetrics {
  applyEvent(event: LiveEvent<'blackout'>): void;
}

export const createBlackoutMetrics = (
  registry: Registry,
  clock: Clock,
  sources: () => Iterable<string>,
  open: () => readonly Blackout[],
): BlackoutMetrics => {
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
  addGauge(
    registry,
    'tapegraph_blackouts_open',
    'Open blackouts by state and confirmation.',
    ['source', 'state', 'confirmation'],
    (set) => {
      const counts = new Map<string, { labels: Record<string, string>; count: number }>();
      for (const { source, state, confirmation } of open()) {
        const key = `${source} ${state} ${confirmation}`;
        const entry = counts.get(key) ?? { labels: { source, state, confirmation }, count: 0 };
        counts.set(key, { ...entry, count: entry.count + 1 });
      }
      for (const { labels, count } of counts.values()) set(labels, count);
    },
  );
  const countOpen = (name: string, help: string, counts: (blackout: Blackout) => boolean) =>
    addGauge(registry, name, help, ['source'], (set) => {
      for (const source of sources()) set({ source }, open().filter((one) => one.source === source && counts(one)).length);
    });
  countOpen(
    'tapegraph_blackouts_unconfirmed',
    'Open blackouts that were not confirmed in time.',
    ({ warnings: given, confirmation }) => given.some(({ warning }) => warning === 'UNCONFIRMED') && confirmation !== 'CONFIRMED',
  );
  countOpen('tapegraph_blackouts_over_deadline', 'Open blackouts after their deadline.', ({ deadline }) => epochMs(deadline) < clock.now());
  countOpen(
    'tapegraph_blackouts_stop_failing',
    'Blackouts that the vendor does not stop.',
    ({ state, warnings: given }) => state === 'STOPPING' && given.some(({ warning }) => warning === 'STOP_FAILING'),
  );

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
