import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak.ts';

test('a minute of load and random faults leaves everything in its place', async (t) => {
  const report = await soak({ ms: 60_000, seed: 7 });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.requests > 500 && report.faults >= 10 && report.recordings > 20 && report.blackouts > 5, JSON.stringify(report));
});
