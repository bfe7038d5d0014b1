import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak.ts';

// Under a load that leaves the machine to the tests that run beside it.
test('five minutes of load and random faults leave everything in its place', { timeout: 600_000 }, async (t) => {
  const report = await soak({ ms: 300_000, seed: 7, workers: 2, pauseMs: 400 });
  t.diagnostic(`note: ${JSON.stringify(report)}`);
  const { requests, faults, recordings, blackouts, events, subscriptions } = report;
  assert.ok(requests > 1000 && faults > 50 && blackouts > 30 && events > 1000 && subscriptions > 100, JSON.stringify(report));
  for (const [source, count] of Object.entries(recordings)) assert.ok(count > 10, `${count} recordings of ${source}`);
});
