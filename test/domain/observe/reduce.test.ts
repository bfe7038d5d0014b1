/** Reduces late, doubled, partial and reordered observations: the result is the vendor's last word. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Agent, Call, Recording } from '../../../src/domain/model/entities.ts';
import { liveRecordingStates } from '../../../src/domain/model/enums.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { reduce } from '../../../src/domain/observe/reduce.ts';
import { type Known } from '../../../src/domain/observe/reduction.ts';

const startMs = Date.UTC(2026, 0, 5, 9);

/** Rows in memory, as the store would hold them. */
const createRows = () => {
  const agents = new Map<string, Agent>();
  const calls = new Map<string, Call>();
  const recordings = new Map<string, Recording>();
  const known: Known = {
    agent: (id) => agents.get(id) ?? null,
    call: (id) => calls.get(id) ?? null,
    recording: (id) => recordings.get(id) ?? [...recordings.values()].find(({ formerId }) => formerId === id) ?? null,
    liveAt: (agent) => ({
      calls: [],
      recordings: [...recordings.values()]
        .filter((one) => one.agent === agent && liveRecordingStates.includes(one.state))
        .map(({ externalId }) => externalId),
    }),
  };
  return {
    agents,
    calls,
    recordings,
    take: (observations: readonly Observation[], atMs: number) => {
      const result = reduce(known, 'hq', { observations, asOfMs: startMs + atMs });
      for (const { after } of result.agents) agents.set(after.externalId, after);
      for (const id of result.reported) {
        const agent = agents.get(id);
        if (agent && agent.observedAt! < instant(startMs + atMs)) agents.set(id, { ...agent, observedAt: instant(startMs + atMs) });
      }
      for (const { after } of result.calls) calls.set(after.externalId, after);
      for (const { before, after } of result.recordings) {
        if (before && before.externalId !== after.externalId) recordings.delete(before.externalId);
        recordings.set(after.externalId, after);
      }
      return result;
    },
  };
};

/** One agent as a polled vendor shows it. */
const reportedAgent = (agent: string, active: string | null): Observation[] => [
  { type: 'agent', agent: { externalId: agent, status: active === null ? 'IDLE' : 'ON_CALL', activeCall: active, inactiveCalls: [] } },
  ...(active === null
    ? []
    : ([
        { type: 'call', call: { externalId: active, state: 'ACTIVE', vendorState: 'OnCall', endedAt: null, agents: [agent] } },
        {
          type: 'recording',
          recording: { externalId: `rec-${active}-${agent}`, state: 'RECORDING', vendorState: 'Recording', agent, call: active },
        },
      ] satisfies Observation[])),
  { type: 'liveness', agent, calls: active === null ? [] : [active], recordings: active === null ? [] : [`rec-${active}-${agent}`] },
];

describe('a reduction', () => {
  it('of the same again changes nothing', () => {
    const rows = createRows();
    assert.deepEqual(
      rows.take(reportedAgent('1', 'a'), 0).calls.map(({ before, after }) => [before, after.state]),
      [[null, 'ACTIVE']],
    );
    const again = rows.take(reportedAgent('1', 'a'), 1000);
    assert.deepEqual([again.agents, again.calls, again.recordings, again.reported], [[], [], [], ['1']]);
  });

  it('of something new that is shown twice at once is of something new', () => {
    const { agents, calls, recordings } = createRows().take([...reportedAgent('1', 'a'), ...reportedAgent('1', 'a')], 0);
    for (const changes of [agents, calls, recordings])
      assert.deepEqual(
        changes.map(({ before }) => before),
        [null],
      );
    const renamed = createRows().take(
      ['made', 'final'].map((externalId) => ({
        type: 'recording',
        recording: { externalId, formerId: externalId === 'final' ? 'made' : null },
      })),
      0,
    );
    assert.deepEqual(
      renamed.recordings.map(({ before, after }) => [before, after.externalId]),
      [[null, 'final']],
    );
  });

  it('ends what an agent no longer has, at the time of the observation', () => {
    const rows = createRows();
    rows.take(reportedAgent('1', 'a'), 0);
    rows.take(reportedAgent('1', null), 2000);
    assert.deepEqual([rows.calls.get('a')!.state, rows.calls.get('a')!.endedAt], ['ENDED', instant(startMs + 2000)]);
    assert.deepEqual(
      [rows.recordings.get('rec-a-1')!.state, rows.recordings.get('rec-a-1')!.endedAt],
      ['STOPPED', instant(startMs + 2000)],
    );
    assert.equal(rows.agents.get('1')!.statusSince, instant(startMs + 2000));
  });

  it('leaves a call that another agent still holds, and takes one that was only missed back to life', () => {
    const rows = createRows();
    rows.take([...reportedAgent('1', 'a'), ...reportedAgent('2', 'a')], 0);
    rows.take(reportedAgent('1', null), 1000);
    assert.equal(rows.calls.get('a')!.state, 'ACTIVE', 'agent 2 is in it');
    rows.take(reportedAgent('2', null), 2000);
    assert.equal(rows.calls.get('a')!.state, 'ENDED');
    rows.take(reportedAgent('3', 'a'), 3000);
    assert.deepEqual([rows.calls.get('a')!.state, rows.calls.get('a')!.endedAt], ['ACTIVE', null]);
    assert.deepEqual(rows.calls.get('a')!.agents, ['1', '2', '3']);
  });

  it("never takes back the vendor's own end of a call, nor a recording to an earlier state", () => {
    const rows = createRows();
    const call = (state: Call['state'], more: Partial<Call> = {}): Observation => ({
      type: 'call',
      call: { externalId: 'a', state, ...more },
    });
    rows.take([call('ENDED', { vendorState: 'released', endedAt: instant(startMs) })], 0);
    rows.take(
      [call('ACTIVE', { caller: '4000', vendorState: 'talking' }), { type: 'liveness', agent: '1', calls: ['a'], recordings: [] }],
      1000,
    );
    assert.deepEqual(
      [rows.calls.get('a')!.state, rows.calls.get('a')!.vendorState, rows.calls.get('a')!.caller],
      ['ENDED', 'released', '4000'],
    );
    const states = ['STARTING', 'RECORDING', 'STOPPING', 'STOPPED', 'AVAILABLE', 'EXPIRED'] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray([...states], { minLength: 1 }), (order) => {
        const fresh = createRows();
        for (const state of order) fresh.take([{ type: 'recording', recording: { externalId: 'r', state, vendorState: state } }], 0);
        const furthest = states.findLast((state) => order.includes(state))!;
        assert.deepEqual([fresh.recordings.get('r')!.state, fresh.recordings.get('r')!.vendorState], [furthest, furthest]);
      }),
    );
  });

  it('takes a recording that is shown to run again for running, unless the agent was seen since', () => {
    const rows = createRows();
    const shown = (state: 'RECORDING' | 'STOPPED', word: string): Observation[] => [
      { type: 'agent', agent: { externalId: '1', status: 'ON_CALL' } },
      { type: 'recording', recording: { externalId: 'r', agent: '1', state, vendorState: word }, resumed: 'shown' },
      { type: 'liveness', agent: '1', calls: [], recordings: state === 'STOPPED' ? [] : ['r'] },
    ];
    const now = () => [rows.recordings.get('r')!.state, rows.recordings.get('r')!.endedAt];
    rows.take(shown('RECORDING', 'Recording'), 0);
    rows.take(shown('STOPPED', 'Stopped'), 2000);
    assert.deepEqual(now(), ['STOPPED', instant(startMs + 2000)]);
    rows.take(shown('RECORDING', 'Recording'), 1000);
    assert.deepEqual(now(), ['STOPPED', instant(startMs + 2000)], 'an answer that was overtaken');
    rows.take(shown('RECORDING', 'Recording'), 3000);
    assert.deepEqual(now(), ['RECORDING', null]);
  });

  it('gives a recording its final id, and still knows the former', () => {
    const rows = createRows();
    rows.take([{ type: 'recording', recording: { externalId: 'made', state: 'RECORDING', agent: '1', vendorData: { place: 1 } } }], 0);
    rows.take(
      [{ type: 'recording', recording: { externalId: 'final', formerId: 'made', state: 'RECORDING', vendorData: { url: 'u' } } }],
      1,
    );
    assert.deepEqual([...rows.recordings.keys()], ['final']);
    rows.take([{ type: 'recording', recording: { externalId: 'made', state: 'STOPPED' } }], 2);
    const { state, agent, formerId, vendorData } = rows.recordings.get('final')!;
    assert.deepEqual([state, agent, formerId, vendorData], ['STOPPED', '1', 'made', { place: 1, url: 'u' }]);
  });

  it('leaves what was not shown, and empties what was shown as empty', () => {
    const rows = createRows();
    rows.take([{ type: 'agent', agent: { externalId: '1', name: 'Ada', phone: '5001' } }], 0);
    rows.take([{ type: 'agent', agent: { externalId: '1', phone: null, name: undefined as never } }], 1);
    assert.deepEqual([rows.agents.get('1')!.name, rows.agents.get('1')!.phone], ['Ada', null]);
  });
});

describe('observations that come late, twice and in any order', () => {
  /** Where three agents are at each moment; a call may move on, be shared, end and come again. */
  const floor = fc.array(fc.array(fc.constantFrom(null, 'a', 'b', 'c'), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });

  it('come out as the last observation of everyone', () => {
    fc.assert(
      fc.property(
        floor.chain((moments) => {
          const whole = moments.map((_, moment) => ({ moment, agents: [0, 1, 2] }));
          const parts = moments.slice(0, -1).flatMap((_, moment) => [0, 1, 2].map((agent) => ({ moment, agents: [agent] })));
          const deliveries = [...whole, ...whole, ...parts];
          return fc.tuple(fc.constant(moments), fc.shuffledSubarray(deliveries), fc.constant(whole.at(-1)!), fc.nat(20));
        }),
        ([moments, deliveries, last, place]) => {
          const rows = createRows();
          const order = [...deliveries];
          order.splice(Math.min(place, order.length), 0, last);
          for (const { moment, agents } of order) {
            rows.take(
              agents.flatMap((agent) => reportedAgent(String(agent), moments[moment]![agent]!)),
              moment * 1000,
            );
          }
          const end = moments.at(-1)!;
          end.forEach((call, agent) => {
            const { status, activeCall, observedAt } = rows.agents.get(String(agent))!;
            assert.deepEqual([status, activeCall], [call === null ? 'IDLE' : 'ON_CALL', call]);
            assert.equal(observedAt, instant(startMs + (moments.length - 1) * 1000));
          });
          for (const [id, call] of rows.calls) assert.equal(call.state, end.some((one) => one === id) ? 'ACTIVE' : 'ENDED', `call ${id}`);
          for (const [id, { state, agent, call }] of rows.recordings) {
            assert.equal(state, end[Number(agent)] === call ? 'RECORDING' : 'STOPPED', `recording ${id}`);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
