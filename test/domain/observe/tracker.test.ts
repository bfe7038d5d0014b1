import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { randomIds } from '../../../src/clock.ts';
import type { LiveEvent, Recording } from '../../../src/domain/nouns.ts';
import { fold } from '../../../src/domain/observe/fold.ts';
import { createTracker } from '../../../src/domain/observe/tracker.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const nobody = { agent: () => null, call: () => null, recording: () => null, liveAt: () => ({ calls: [], recordings: [] }) };
const at = '2026-01-05T09:00:00.000Z';

const recordingOf = (more: Partial<Recording> & { externalId: string }): Recording =>
  fold('hq', [{ type: 'recording', recording: { state: 'RECORDING', agent: '1', call: 'a', ...more } }], 0, nobody).recordings[0]!.after;

const eventOf = (id: number, noun: LiveEvent['noun'], state: { externalId: string }): LiveEvent => ({
  id,
  at,
  noun,
  source: 'hq',
  key: state.externalId,
  previous: null,
  warning: null,
  state: { source: 'hq', ...state },
});

it('events in any order, twice, leave the last of each row', () => {
  const events = [1, 2, 3, 4, 5, 6].map((id) => eventOf(id, 'agent', { externalId: String(id % 2), name: String(id) } as never));
  fc.assert(
    fc.property(fc.shuffledSubarray([...events, ...events], { minLength: 12 }), (order) => {
      const tracker = createTracker();
      for (const event of order) tracker.apply([event]);
      assert.deepEqual(
        [tracker.agent({ source: 'hq', externalId: '0' })!.name, tracker.agent({ source: 'hq', externalId: '1' })!.name],
        ['6', '5'],
      );
      assert.equal(tracker.position(), 6);
      const shows = tracker.appliedAbove(3);
      assert.ok(events.slice(3).every(shows));
      assert.ok(!shows(eventOf(7, 'agent', { externalId: '0' })));
    }),
  );
});

it('a recording is found by its former id and by agent and call, until it is over', () => {
  const tracker = createTracker();
  tracker.apply([eventOf(1, 'recording', recordingOf({ externalId: 'made' }))]);
  tracker.apply([eventOf(2, 'recording', recordingOf({ externalId: 'final', formerId: 'made' }))]);
  const agent = { source: 'hq', externalId: '1' };
  assert.deepEqual(
    tracker.liveRecordings(agent).map(({ externalId }) => externalId),
    ['final'],
  );
  assert.deepEqual(
    tracker.liveRecordingsOfCall({ source: 'hq', externalId: 'a' }).map(({ externalId }) => externalId),
    ['final'],
  );
  assert.equal(tracker.recording({ source: 'hq', externalId: 'made' })!.externalId, 'final');
  tracker.apply([eventOf(3, 'recording', recordingOf({ externalId: 'final', formerId: 'made', state: 'STOPPED' }))]);
  assert.deepEqual(
    [tracker.liveRecordings(agent), tracker.recording({ source: 'hq', externalId: 'made' }), tracker.liveRecordingsOf('hq')],
    [[], null, []],
  );
});

it('is filled from the store as it was left', async () => {
  const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
  const { agents, calls } = fold(
    'hq',
    [
      { type: 'agent', agent: { externalId: '1', status: 'ON_CALL', activeCall: 'a' } },
      { type: 'call', call: { externalId: 'a', state: 'ACTIVE' } },
      { type: 'call', call: { externalId: 'b', state: 'ENDED' } },
    ],
    Date.parse(at),
    nobody,
  );
  await store.agents.put(agents.map(({ after }) => after));
  await store.calls.put(calls.map(({ after }) => after));
  await store.recordings.put([recordingOf({ externalId: 'r' }), recordingOf({ externalId: 's', state: 'AVAILABLE' })]);
  const tracker = createTracker();
  await tracker.load(store, ['hq']);
  assert.equal(tracker.agent({ source: 'hq', externalId: '1' })!.observedAt, at);
  assert.deepEqual(
    tracker.liveCallsOf('hq').map(({ externalId }) => externalId),
    ['a'],
  );
  assert.deepEqual(
    tracker.liveRecordingsOf('hq').map(({ externalId }) => externalId),
    ['r'],
  );
  assert.equal(tracker.heardAtMs('hq'), 0, 'what is remembered was not heard');
  const other = createTracker();
  await other.load(store, ['branch']);
  assert.deepEqual(other.agentsOf('hq'), []);
  await store.close();
});
