import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requireNote } from '../../../src/domain/blackout/note.ts';
import { planOf } from '../../../src/domain/blackout/plan.ts';
import { deadlineMs, effectiveMs } from '../../../src/domain/blackout/times.ts';
import { blackoutChanges, stateAfter, transitions } from '../../../src/domain/blackout/transitions.ts';
import { blackoutIntervals } from '../../../src/domain/model/blackout-intervals.ts';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { type BlackoutState, blackoutStates } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { instant } from '../../../src/domain/model/instant.ts';

const zero = Date.UTC(2026, 0, 5, 9, 0, 0);
const at = (seconds: number) => instant(zero + seconds * 1000);

const blackout = (more: Partial<Blackout> = {}): Blackout => ({
  id: 'b',
  source: 'hq',
  agent: '1',
  state: 'ACTIVE',
  confirmation: 'ACCEPTED',
  support: 'NATIVE',
  reason: 'OTHER',
  note: null,
  requestedBy: 'alice',
  requestedAt: at(0),
  startsAt: at(0),
  stopsAt: null,
  deadline: at(60),
  endedAt: null,
  endedBy: null,
  exposures: [],
  warnings: [],
  interrupted: [],
  version: 0,
  ...more,
});

describe('transitions', () => {
  const table: Record<BlackoutState, string> = {
    SCHEDULED: 'begin>ACTIVE refuse>FAILED cancel>ENDED stop>STOPPING vendorStop>ENDED',
    ACTIVE: 'stop>STOPPING expired>ENDED vendorStop>ENDED',
    STOPPING: 'stopAccepted>ENDED startRolledBack>FAILED vendorStop>ENDED restart>ACTIVE',
    ENDED: '',
    FAILED: '',
  };
  for (const state of blackoutStates) {
    for (const change of blackoutChanges) {
      const next = table[state]
        .split(' ')
        .find((one) => one.startsWith(`${change}>`))
        ?.split('>')[1];
      it(`${state} ${change} ${next ? `becomes ${next}` : 'cannot be'}`, () => {
        if (next) assert.equal(stateAfter(state, change), next);
        else assert.throws(() => stateAfter(state, change), new RegExp(`state ${state} cannot ${change}`));
      });
    }
  }

  it('every state is reached, and every open one can be left', () => {
    const reached = new Set(blackoutStates.flatMap((state) => Object.values(transitions[state])));
    assert.deepEqual([...reached].sort(), ['ACTIVE', 'ENDED', 'FAILED', 'STOPPING']);
    for (const state of ['SCHEDULED', 'ACTIVE', 'STOPPING'] as const) assert.ok(Object.keys(transitions[state]).length > 0);
  });
});

describe('the table of times', () => {
  const names = { at: 'startAt', offset: 'offset' };
  const receipt = { receiptMs: zero, clockSkewMs: 30_000 };
  const rows: [string, string | null, number | null, number][] = [
    ['neither: receipt', null, null, 0],
    ['offset: from receipt', null, 15_000, 15_000],
    ['time: that', at(20), null, 20_000],
    ['both: the time', at(20), 15_000, 20_000],
    ['a negative offset', null, -10_000, -10_000],
    ['a time in the past', at(-10), null, -10_000],
    ['exactly the skew', null, -30_000, -30_000],
  ];
  for (const [name, time, offsetMs, expected] of rows) {
    it(name, () => assert.equal(effectiveMs({ at: time, offsetMs }, receipt, names) - zero, expected));
  }

  it('refuses what lies further in the past than the skew, and says how far', () => {
    assert.throws(() => effectiveMs({ at: null, offsetMs: -30_001 }, receipt, names), /offset is 31 s in the past; at most 30 s/);
    assert.throws(() => effectiveMs({ at: at(-31), offsetMs: 5_000 }, receipt, names), /startAt is 31 s in the past/);
    assert.throws(() => effectiveMs({ at: null, offsetMs: 1e15 }, receipt, names), ExpectedError);
    assert.throws(() => effectiveMs({ at: 'soon', offsetMs: null }, receipt, names), /is not a time/);
  });

  it('puts the deadline at the source’s longest, or at the shorter one requested', () => {
    const deadline = (startsAtMs: number, maxDurationMs: number | null) =>
      deadlineMs({ startsAtMs, receiptMs: zero, maxDurationMs, maxMs: 60_000 });
    assert.equal(deadline(zero, null), zero + 60_000);
    assert.equal(deadline(zero, 20_000), zero + 20_000);
    assert.equal(deadline(zero, 90_000), zero + 60_000);
    assert.throws(() => deadline(zero, 0), /maxDuration/);
    assert.throws(() => deadline(zero, -1), /maxDuration/);
    assert.throws(() => deadline(zero - 20_000, 10_000), /end before its start/);
  });
});

describe('a note', () => {
  for (const note of [
    '4111111111111111',
    'card 4111 1111 1111 1111',
    '4111-1111-1111-1111',
    'a4111111111111111b',
    '4111.1111.1111.1111',
    '４１１１１１１１１１１１１１１１',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    '4111\u200b1111\u2060\u{e0020}1111\u0301 1111',
    '4111, 1111, 1111, 1111',
  ]) {
    it(`is refused: ${note}`, () => {
      assert.throws(
        () => requireNote(note),
        (error: ExpectedError) => error.code === 'INVALID_INPUT' && !error.message.includes(note),
      );
    });
  }
  for (const note of [
    'ticket 12345678901',
    'between 10:15 and 10:20 on 2026-01-05',
    'order 123456 and order 654321',
    'twelve digits 411111111111',
    'a number that fails Luhn 4111111111111112',
  ]) {
    it(`is taken: ${note}`, () => assert.equal(requireNote(note), note));
  }
  it('that is empty is none', () => {
    assert.equal(requireNote(null), null);
    assert.equal(requireNote(' '), null);
  });
});

describe('the plan of a row', () => {
  const traits = { confirmable: true, confirmMs: 3_000, retryAtMs: 0, isUnjudged: false };
  const steps = (row: Blackout, more = {}) =>
    planOf(row, { ...traits, ...more }).map((one) => {
      const detail = one.step === 'end' ? one.by : one.step === 'warn' ? one.warning : '';
      return `${(one.atMs - zero) / 1000} ${one.step} ${detail}`.trim();
    });
  const rows: [string, Partial<Blackout>, string[]][] = [
    [
      'native and ahead: sent at once',
      { state: 'SCHEDULED', confirmation: 'PENDING', startsAt: at(10) },
      ['0 mask', '13 warn UNCONFIRMED', '60 end DEADLINE'],
    ],
    ['native, ahead and taken: begins by itself', { state: 'SCHEDULED', startsAt: at(10) }, ['10 begin', '60 end DEADLINE']],
    [
      'emulated and ahead: sent when its time comes',
      { state: 'SCHEDULED', confirmation: 'PENDING', support: 'EMULATED', startsAt: at(10) },
      ['10 mask', '13 warn UNCONFIRMED', '60 end DEADLINE'],
    ],
    ['in force and not seen', {}, ['3 warn UNCONFIRMED', '45 warn DEADLINE_NEAR', '60 end DEADLINE']],
    ['in force and seen', { confirmation: 'CONFIRMED' }, ['45 warn DEADLINE_NEAR', '60 end DEADLINE']],
    [
      'warned already',
      {
        warnings: [
          { warning: 'DEADLINE_NEAR', at: at(30) },
          { warning: 'UNCONFIRMED', at: at(10) },
        ],
      },
      ['60 end DEADLINE'],
    ],
    ['with a stop ahead', { confirmation: 'CONFIRMED', stopsAt: at(20) }, ['20 end SCHEDULE', '45 warn DEADLINE_NEAR']],
    ['with a stop behind the deadline', { confirmation: 'CONFIRMED', stopsAt: at(90) }, ['45 warn DEADLINE_NEAR', '60 end DEADLINE']],
    [
      'emulated and exposed',
      { support: 'EMULATED', acceptedAt: null },
      ['0 maskAgain', '3 warn UNCONFIRMED', '45 warn DEADLINE_NEAR', '60 end DEADLINE'],
    ],
    [
      'emulated and accepted late',
      { support: 'EMULATED', acceptedAt: at(10) },
      ['13 warn UNCONFIRMED', '13 maskAgain', '45 warn DEADLINE_NEAR', '60 end DEADLINE'],
    ],
    ['stopping', { state: 'STOPPING' }, ['0 unmask']],
    ['over', { state: 'ENDED' }, []],
    ['failed', { state: 'FAILED' }, []],
  ];
  for (const [name, more, expected] of rows) it(name, () => assert.deepEqual(steps(blackout(more)), expected));

  for (const [seconds, near] of [
    [10, 5],
    [20, 10],
    [30, 15],
    [60, 45],
    [75, 60],
    [100, 80],
    [300, 240],
    [3_600, 2_880],
  ] as const)
    it(`of ${seconds} s warns of its deadline after ${near} s: a fifth is left, at least 15 s, at most half`, () =>
      assert.ok(steps(blackout({ confirmation: 'CONFIRMED', deadline: at(seconds) })).includes(`${near} warn DEADLINE_NEAR`)));

  it('waits for its next try', () => assert.deepEqual(steps(blackout({ state: 'STOPPING' }), { retryAtMs: zero + 7_000 }), ['7 unmask']));
  it('compares what runs with it where that was not done, before anything else but its end', () =>
    assert.deepEqual(steps(blackout({ support: 'EMULATED', acceptedAt: null }), { isUnjudged: true }).slice(0, 2), [
      '0 judge',
      '0 maskAgain',
    ]));
  it('warns of nothing that cannot be confirmed', () =>
    assert.deepEqual(steps(blackout(), { confirmable: false }), ['45 warn DEADLINE_NEAR', '60 end DEADLINE']));
});

describe('the intervals of a recording', () => {
  const recording = { startedAt: at(0), endedAt: at(100) };
  const cut = (row: Partial<Blackout>, of: { startedAt: string | null; endedAt: string | null } = recording) =>
    blackoutIntervals(of, [blackout({ state: 'ENDED', ...row })]).map(({ startsAt, endsAt, offsetMs }) => [startsAt, endsAt, offsetMs]);

  it('are cut to the recording', () => {
    assert.deepEqual(cut({ startsAt: at(10), endedAt: at(20) }), [[at(10), at(20), 10_000]]);
    assert.deepEqual(cut({ startsAt: at(-10), endedAt: at(20) }), [[at(0), at(20), 0]]);
    assert.deepEqual(cut({ startsAt: at(90), endedAt: at(200) }), [[at(90), at(100), 90_000]]);
  });
  it('are open while both run', () => {
    assert.deepEqual(cut({ state: 'ACTIVE', startsAt: at(10), endedAt: null }, { startedAt: at(0), endedAt: null }), [
      [at(10), null, 10_000],
    ]);
    assert.deepEqual(cut({ state: 'ACTIVE', startsAt: at(10), endedAt: null }), [[at(10), at(100), 10_000]]);
  });
  it('are none apart from it, of one that failed, and without a start', () => {
    assert.deepEqual(cut({ startsAt: at(100), endedAt: at(120) }), []);
    assert.deepEqual(cut({ startsAt: at(-20), endedAt: at(0) }), []);
    assert.deepEqual(cut({ state: 'FAILED', startsAt: at(10), endedAt: at(20) }), []);
    assert.deepEqual(cut({ startsAt: at(10), endedAt: at(20) }, { startedAt: null, endedAt: null }), []);
  });
  it('come earliest first', () => {
    const many = [
      blackout({ id: 'late', state: 'ENDED', startsAt: at(50), endedAt: at(60) }),
      blackout({ id: 'early', state: 'ENDED', startsAt: at(5), endedAt: at(6) }),
    ];
    assert.deepEqual(
      blackoutIntervals(recording, many).map((one) => one.blackout.id),
      ['early', 'late'],
    );
  });
});
