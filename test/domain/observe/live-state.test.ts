import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { LiveEvent, Recording } from '../../../src/domain/model/entities.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { reduce } from '../../../src/domain/observe/reduce.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

const nobody = { agent: () => null, call: () => null, recording: () => null, liveAt: () => ({ calls: [], recordings: [] }) };
const at = '2026-01-05T09:00:00.000Z';

const recordingOf = (more: Partial<Recording> & { externalId: string }): Recording =>
  reduce('hq', [{ type: 'recording', recording: { state: 'RECORDING', agent: '1', call: 'a', ...more } }], 0, nobody).recordings[0]!.after;

const eventOf = (id: number, entityType: LiveEvent['entityType'], state: { externalId: string }): LiveEvent => ({
  id,
  at,
  entityType,
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
      const liveState = createLiveState();
      for (const event of order) liveState.apply([event]);
      assert.deepEqual(
        [liveState.agent({ source: 'hq', externalId: '0' })!.name, liveState.agent({ source: 'hq', externalId: '1' })!.name],
        ['6', '5'],
      );
      assert.equal(liveState.position(), 6);
      const shows = liveState.appliedAbove(3);
      assert.ok(events.slice(3).every(shows));
      assert.ok(!shows(eventOf(7, 'agent', { externalId: '0' })));
    }),
  );
});

it('recordings of a call that goes on are kept until an event may have changed them', () => {
  const liveState = createLiveState();
  const call = { source: 'hq', externalId: 'a' };
  const [first, second] = [recordingOf({ externalId: '1' }), recordingOf({ externalId: '2', state: 'STOPPED' })];
  const keep = (position = liveState.position()) => liveState.keepRecordingsOfCall(call, [first, second], position);
  const kept = () => liveState.recordingsOfCall(call)?.map(({ externalId }) => externalId) ?? null;
  keep();
  assert.equal(kept(), null, 'the call is not known to go on');
  liveState.apply([eventOf(1, 'call', { externalId: 'a', state: 'ACTIVE' } as never), eventOf(2, 'recording', first)]);
  keep(1);
  assert.equal(kept(), null, 'an event came after they were read');
  keep();
  assert.deepEqual(kept(), ['1', '2']);
  liveState.apply([eventOf(3, 'recording', recordingOf({ externalId: '9', call: 'b' }))]);
  assert.deepEqual(kept(), ['1', '2'], 'of another call');
  liveState.apply([eventOf(4, 'recording', { ...second, vendorState: 'kept' } as never)]);
  assert.equal(kept(), null, 'one of them changed that is over');
  keep();
  liveState.apply([eventOf(5, 'recording', { ...second, call: 'b' } as never)]);
  assert.equal(kept(), null, 'one of them moved to another call');
  keep();
  liveState.apply([eventOf(6, 'call', { externalId: 'a', state: 'ENDED' } as never)]);
  assert.equal(kept(), null, 'the call is over');
});

it("an agent's open blackout is the one that starts first", () => {
  const liveState = createLiveState();
  const blackout = (id: number, key: string, agent: string, startsAt: string, state = 'ACTIVE') =>
    eventOf(id, 'blackout', { externalId: key, id: key, agent, startsAt, state } as never);
  const found = (externalId: string) => liveState.blackout({ source: 'hq', externalId })?.id ?? null;
  liveState.apply([blackout(1, 'late', '1', '2026-01-05T10:00:00.000Z'), blackout(2, 'early', '1', at), blackout(3, 'other', '2', at)]);
  assert.deepEqual([found('1'), found('2'), found('3')], ['early', 'other', null]);
  liveState.apply([blackout(4, 'early', '1', at, 'ENDED')]);
  assert.deepEqual([found('1'), liveState.openBlackouts().map(({ id }) => id)], ['late', ['late', 'other']]);
});

it('a recording is found by its former id and by agent, until it is over', () => {
  const liveState = createLiveState();
  liveState.apply([eventOf(1, 'recording', recordingOf({ externalId: 'made' }))]);
  liveState.apply([eventOf(2, 'recording', recordingOf({ externalId: 'final', formerId: 'made' }))]);
  const agent = { source: 'hq', externalId: '1' };
  assert.deepEqual(
    liveState.liveRecordings(agent).map(({ externalId }) => externalId),
    ['final'],
  );
  assert.equal(liveState.recording({ source: 'hq', externalId: 'made' })!.externalId, 'final');
  liveState.apply([eventOf(3, 'recording', recordingOf({ externalId: 'final', formerId: 'made', state: 'STOPPED' }))]);
  assert.deepEqual(
    [liveState.liveRecordings(agent), liveState.recording({ source: 'hq', externalId: 'made' }), liveState.liveRecordingsOf('hq')],
    [[], null, []],
  );
});

it('is filled from the store as it was left', async () => {
  const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
  const { agents, calls } = reduce(
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
  const liveState = createLiveState();
  await liveState.load(store, ['hq']);
  assert.equal(liveState.agent({ source: 'hq', externalId: '1' })!.observedAt, at);
  assert.deepEqual(
    liveState.liveCallsOf('hq').map(({ externalId }) => externalId),
    ['a'],
  );
  assert.deepEqual(
    liveState.liveRecordingsOf('hq').map(({ externalId }) => externalId),
    ['r'],
  );
  assert.equal(liveState.lastContactMs('hq'), 0, 'what is remembered was not contact');
  const other = createLiveState();
  await other.load(store, ['branch']);
  assert.deepEqual(other.agentsOf('hq'), []);
  await store.close();
});
