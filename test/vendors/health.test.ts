import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthNotes } from '../../src/vendors/kit/health.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';

const start = () => {
  const clock = createManualClock();
  const notes = createHealthNotes('hq', clock);
  const shown = () => {
    const { status, lastError } = notes.health('CLOSED', null);
    return [status, lastError];
  };
  return { clock, notes, shown };
};
const hour = 3_600_000;

test('a failure that nothing followed is shown however long ago it was', async () => {
  for (const about of ['List', undefined]) {
    const { clock, notes, shown } = start();
    notes.outcome('hq: it failed.', about);
    await clock.advance(hour);
    assert.deepEqual(shown(), ['DOWN', 'hq: it failed.'], 'there was never contact');
    notes.contact();
    assert.deepEqual(shown(), ['DEGRADED', 'hq: it failed.']);
    notes.outcome(null, 'Other');
    assert.deepEqual(shown(), ['UP', null]);
  }
});

test('a failed read is shown until the same works, for a quarter of an hour at most', async () => {
  const { clock, notes, shown } = start();
  notes.contact();
  notes.outcome('hq: List failed.', 'List');
  notes.outcome(null, 'Other');
  assert.deepEqual(shown(), ['DEGRADED', 'hq: List failed.']);
  notes.outcome(null, 'List');
  assert.deepEqual(shown(), ['UP', null]);
  notes.outcome('hq: List failed.', 'List');
  notes.outcome(null, 'Other');
  await clock.advance(15 * 60_000 + 1);
  assert.deepEqual(shown(), ['UP', null]);
});

test('what is no longer needed is cleared with the failures of the reads about it', () => {
  const { notes, shown } = start();
  notes.contact();
  notes.outcome('hq: QueueAgents was answered with HTTP 503.', 'agents of queues');
  notes.outcome(null, 'Agents');
  notes.note(null, 'agents of queues');
  assert.deepEqual(shown(), ['UP', null]);
});
