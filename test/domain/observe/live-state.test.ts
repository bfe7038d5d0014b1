import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { emptyAgent, emptyCall } from '../../../src/domain/model/empty-rows.ts';
import type { Agent, Call, Recording } from '../../../src/domain/model/entities.ts';
import type { BlackoutState } from '../../../src/domain/model/enums.ts';
import type { LiveEvent } from '../../../src/domain/model/events.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { reduce } from '../../../src/domain/observe/reduce.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { blackout } from '../../storage/stores.ts';

const nobody = { agent: () => null, call: () => null, recording: () => null, liveAt: () => ({ calls: [], recordings: [] }) };
const at = '2026-01-05T09:00:00.000Z';

const recordingOf = (more: Partial<Recording> & { externalId: string }): Recording =>
  reduce(nobody, 'hq', {
    observations: [{ type: 'recording', recording: { state: 'RECORDING', agent: '1', call: 'a', ...more } }],
    asOfMs: 0,
  }).recordings[0]!.after;

const head = (id: number, key: string) => ({ id, at, source: 'hq', key, previous: null, warning: null });
const agentEvent = (id: number, state: Partial<Agent> & { externalId: string }): LiveEvent => ({
  ...head(id, state.externalId),
  entityType: 'agent',
  state: { ...emptyAgent({ source: 'hq', externalId: state.externalId }), ...state },
});
const callEvent = (id: number, state: Partial<Call> & { externalId: string }): LiveEvent => ({
  ...head(id, state.externalId),
  entityType: 'call',
  state: { ...emptyCall({ source: 'hq', externalId: state.externalId }), ...state },
});
const recordingEvent = (id: number, state: Recording): LiveEvent => ({ ...head(id, state.externalId), entityType: 'recording', state });

it('events in any order, twice, leave the last of each row', () => {
  const events = [1, 2, 3, 4, 5, 6].map((id) => agentEvent(id, { externalId: String(id % 2), name: String(id) }));
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
      assert.ok(!shows(agentEvent(7, { externalId: '0' })));
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
  liveState.apply([callEvent(1, { externalId: 'a', state: 'ACTIVE' }), recordingEvent(2, first)]);
  keep(1);
  assert.equal(kept(), null, 'an event came after they were read');
  keep();
  assert.deepEqual(kept(), ['1', '2']);
  liveState.apply([recordingEvent(3, recordingOf({ externalId: '9', call: 'b' }))]);
  assert.deepEqual(kept(), ['1', '2'], 'of another call');
  liveState.apply([recordingEvent(4, { ...second, vendorState: 'kept' })]);
  assert.equal(kept(), null, 'one of them changed that is over');
  keep();
  liveState.apply([recordingEvent(5, { ...second, call: 'b' })]);
  assert.equal(kept(), null, 'one of them moved to another call');
  keep();
  liveState.apply([callEvent(6, { externalId: 'a', state: 'ENDED' })]);
  assert.equal(kept(), null, 'the call is over');
});

it("an agent's open blackout is found until it is over, and the end of one before does not hide it", () => {
  const liveState = createLiveState();
  const event = (id: number, key: string, agent: string, state: BlackoutState): LiveEvent => ({
    ...head(id, key),
    entityType: 'blackout',
    state: blackout(key, { agent, startsAt: at, state }),
  });
  const found = (externalId: string) => liveState.blackout({ source: 'hq', externalId })?.id ?? null;
  liveState.apply([event(1, 'first', '1', 'ACTIVE'), event(2, 'other', '2', 'SCHEDULED')]);
  assert.deepEqual([found('1'), found('2'), found('3')], ['first', 'other', null]);
  liveState.apply([event(4, 'second', '1', 'ACTIVE'), event(3, 'first', '1', 'ENDED')]);
  assert.deepEqual(
    [
      found('1'),
      liveState
        .openBlackouts()
        .map(({ id }) => id)
        .sort(),
    ],
    ['second', ['other', 'second']],
  );
  liveState.apply([event(5, 'second', '1', 'ENDED')]);
  assert.deepEqual([found('1'), liveState.openBlackouts().map(({ id }) => id)], [null, ['other']]);
});

it('a recording is found by its former id and by agent, until it is over', () => {
  const liveState = createLiveState();
  liveState.apply([recordingEvent(1, recordingOf({ externalId: 'made' }))]);
  liveState.apply([recordingEvent(2, recordingOf({ externalId: 'final', formerId: 'made' }))]);
  const agent = { source: 'hq', externalId: '1' };
  assert.deepEqual(
    liveState.liveRecordings(agent).map(({ externalId }) => externalId),
    ['final'],
  );
  assert.equal(liveState.recording({ source: 'hq', externalId: 'made' })!.externalId, 'final');
  liveState.apply([recordingEvent(3, recordingOf({ externalId: 'final', formerId: 'made', state: 'STOPPED' }))]);
  assert.deepEqual(
    [liveState.liveRecordings(agent), liveState.recording({ source: 'hq', externalId: 'made' }), liveState.liveRecordingsOf('hq')],
    [[], null, []],
  );
});

it('is filled from the store as it was left', async () => {
  const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
  const { agents, calls } = reduce(nobody, 'hq', {
    observations: [
      { type: 'agent', agent: { externalId: '1', status: 'ON_CALL', activeCall: 'a' } },
      { type: 'call', call: { externalId: 'a', state: 'ACTIVE' } },
      { type: 'call', call: { externalId: 'b', state: 'ENDED' } },
    ],
    asOfMs: Date.parse(at),
  });
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
