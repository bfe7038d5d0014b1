/** A server whose clock is not ours: its UTC times are corrected, and no id is made of a corrected time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '../../../src/domain/model/entities.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createFirstIds } from '../../../src/vendors/miralix/first-ids.ts';
import { queueSegment, recordingObservation } from '../../../src/vendors/miralix/segments.ts';
import { recording } from '../../storage/stores.ts';
import { never, startMiralix } from './fixture.ts';

const hour = 3_600_000;
const vendorStart = '2026-01-05T08:00:00.1234567Z';

const item = (fields: Record<string, unknown> = {}) => ({
  QueueId: '301',
  QueueName: 'Support',
  QueueCallId: 47610,
  QueueCallType: 'QueueCall',
  ConversationStartedUtc: vendorStart,
  ConversationEndedUtc: '2026-01-05T08:01:00.7654321Z',
  AgentName: 'Agent 1',
  AgentId: '1',
  RecordingFileName: 'a.mp3',
  Caller: '+4583123456',
  ...fields,
});

const recordingIn = (observations: readonly Observation[]) =>
  observations.flatMap((one) => (one.type === 'recording' ? [one.recording] : []))[0]!;

for (const aheadMs of [10_000, -10_000, hour, 8 * hour]) {
  test(`recordings of a clock that is ${aheadMs} ms ahead are listed with our times`, async (t) => {
    const { simulator, source, clock } = await startMiralix(t, { aheadMs });
    simulator.faults.push({ matches: /recordings/, fault: { kind: 'body', body: JSON.stringify([item()]) } });
    await source.agents!.list(never);
    const first = recordingIn(await source.recordings!.list({ agents: ['1'] }, never));
    assert.ok(Math.abs(Date.parse(first.startedAt!) - (Date.parse(vendorStart) - aheadMs)) <= 1_000, first.startedAt!);
    assert.match(first.startedAt!, /4567Z$/);
    assert.equal(first.durationMs, 60_642);
    assert.equal(first.externalId, '47610/a.mp3');
    const { status, clockDifferenceMs } = source.health();
    assert.equal(status, 'DEGRADED');
    assert.ok(Math.abs(clockDifferenceMs! + aheadMs) <= 1_000, String(clockDifferenceMs));
    await clock.advance(7_300);
    await source.agents!.list(never);
    simulator.faults.push({ matches: /recordings/, fault: { kind: 'body', body: JSON.stringify([item()]) } });
    assert.equal(recordingIn(await source.recordings!.list({ agents: ['1'] }, never)).startedAt, first.startedAt);
  });
}

test('a recording that was stored with a corrected time keeps its id under another name and another correction', async () => {
  const segment = queueSegment(item(), '1', true);
  const shown = recordingObservation(segment, false);
  assert.ok(shown.type === 'recording');
  const stored: Recording = { ...recording(segment.externalId, shown.recording), startedAt: '2026-01-05T07:00:00.123Z' };
  const withFirstIds = createFirstIds({ recordingsOfCalls: async (calls) => calls.map(() => [stored]) });
  const [named] = await withFirstIds([queueSegment(item({ RecordingFileName: 'renamed.mp3' }), '1', true)]);
  assert.equal(named!.externalId, '47610/a.mp3');
  const [other] = await withFirstIds([
    queueSegment(item({ RecordingFileName: 'b.mp3', ConversationStartedUtc: '2026-01-05T07:00:00.123Z' }), '1', true),
  ]);
  assert.equal(other!.externalId, '47610/b.mp3');
});
