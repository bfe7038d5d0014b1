/** Tests that a blackout reports what was recorded: lost masks, video, other agents' recordings, stops that did not succeed, and races. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { epochMs, instant } from '../../../src/domain/model/instant.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import type { VendorAnswer } from '../../../src/domain/ports/vendor.ts';
import { closedAfter } from '../../support/closed-after.ts';
import { createTestDatabase } from '../../support/services.ts';
import { agent1, alice, bob, createDomainHarness, type DomainHarness, type DomainHarnessOptions } from '../support/domain-harness.ts';

const harness = closedAfter(createDomainHarness);

const problem = (code: string) => (error: unknown) => {
  assert.ok(error instanceof ExpectedError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

const only = async (one: DomainHarness): Promise<Blackout> => {
  const rows = await one.blackouts();
  assert.equal(rows.length, 1);
  return rows[0]!;
};
const warned = (row: Blackout) => row.warnings.map(({ warning }) => warning);
const ledger = async (one: DomainHarness) => (await one.commands()).map(({ operation, status }) => `${operation} ${status}`).sort();

const recorded = async (options: DomainHarnessOptions = {}) => {
  const one = await harness({ support: 'EMULATED', reads: false, ...options });
  one.recorder.call('1', 'call-1');
  one.recorder.record('1');
  await one.server.show();
  return one;
};

describe('renewBlackout', () => {
  it('sends the start again and moves the deadline, never beyond the longest from now', async () => {
    const one = await harness();
    const { server, recorder, clock } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1, maxDuration: 10_000 }, alice, 'c');
    for (const [maxDuration, expected] of [
      [30_000, 30_000],
      [undefined, 60_000],
      [600_000, 60_000],
      [5_000, 5_000],
    ] as const) {
      await clock.advance(4_000);
      const sent = recorder.sent('START_BLACKOUT');
      const renewed = await server.control.renewBlackout({ agent: agent1, ...(maxDuration ? { maxDuration } : {}) }, alice, 'c');
      assert.deepEqual(
        [renewed.blackout.id, renewed.blackout.state, renewed.blackout.startsAt],
        [blackout.id, 'ACTIVE', blackout.startsAt],
      );
      assert.equal(epochMs(renewed.blackout.deadline) - clock.now(), expected);
      assert.deepEqual([renewed.command.operation, renewed.command.status], ['RENEW_BLACKOUT', 'ACCEPTED']);
      assert.equal(recorder.sent('START_BLACKOUT'), sent + 1);
    }
    await one.pass(5_000);
    const row = await only(one);
    assert.deepEqual([row.state, row.endedBy], ['ENDED', 'DEADLINE']);
    assert.equal(recorder.isMasked('1'), false);
  });

  it('is replayed under one key, absent as null, and refused for another request', async () => {
    const one = await harness();
    const { server, recorder, clock } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    const first = await server.control.renewBlackout({ agent: agent1, idempotencyKey: 'k' }, alice, 'c');
    await clock.advance(1_000);
    const sent = recorder.received.length;
    const other = await one.boot();
    const again = await other.control.renewBlackout({ agent: agent1, maxDuration: null, idempotencyKey: 'k' }, alice, 'c');
    assert.deepEqual([again.replayed, again.command.id, again.blackout.deadline], [true, first.command.id, first.blackout.deadline]);
    assert.equal(recorder.received.length, sent);
    await assert.rejects(
      server.control.renewBlackout({ agent: agent1, maxDuration: 9_000, idempotencyKey: 'k' }, alice, 'c'),
      problem('IDEMPOTENCY_MISMATCH'),
    );
  });

  it('of an emulated one looks and stops what runs', async () => {
    const one = await recorded({ reads: true });
    const { server, recorder } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    assert.equal((await only(one)).confirmation, 'CONFIRMED');
    recorder.record('1');
    await server.control.renewBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(recorder.isRecording('1'), false);
    assert.equal(recorder.sent('STOP_RECORDING'), 2);
  });

  it('is refused where nothing is in force', async () => {
    const one = await harness();
    await assert.rejects(one.server.control.renewBlackout({ agent: agent1 }, alice, 'c'), problem('NOT_BLACKED_OUT'));
    await one.server.control.startBlackout({ agent: agent1, offset: 20_000 }, alice, 'c');
    await assert.rejects(one.server.control.renewBlackout({ agent: agent1 }, alice, 'c'), problem('NOT_BLACKED_OUT'));
  });

  it('that the vendor refuses leaves the blackout and its deadline as they were', async () => {
    const one = await harness();
    const { server, recorder, clock } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
    await clock.advance(2_000);
    recorder.faults.push('refused');
    await assert.rejects(server.control.renewBlackout({ agent: agent1 }, alice, 'c'), problem('VENDOR_REJECTED'));
    const row = await only(one);
    assert.deepEqual([row.state, row.deadline], ['ACTIVE', blackout.deadline]);
  });
});

describe('a stop that the vendor holds', () => {
  const again: Record<string, (one: DomainHarness) => Promise<unknown>> = {
    'a renewal': ({ server }) => server.control.renewBlackout({ agent: agent1 }, alice, 'c'),
    'an outage': async (one) => {
      one.recorder.restart();
      one.server.observe.onOutageEnded('hq', one.clock.now());
      await one.pass(0);
    },
  };
  for (const [name, sendAgain] of Object.entries(again)) {
    it(`is sent again at its time where ${name} may have made the vendor forget it`, async () => {
      const one = await harness();
      const { server, recorder } = one;
      await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      await one.pass(1_000);
      await server.control.stopBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
      await one.pass(1_000);
      await sendAgain(one);
      await one.pass(8_999);
      assert.ok(recorder.isMasked('1'));
      await one.pass(1);
      const row = await only(one);
      assert.deepEqual([row.state, row.endedBy, recorder.isMasked('1')], ['ENDED', 'SCHEDULE', false]);
      assert.equal(recorder.sent('STOP_BLACKOUT'), 2);
    });
  }
});

describe('a mask that may be lost', () => {
  const outages = {
    'that the kit saw': async ({ server, clock }: DomainHarness) => {
      const sinceMs = clock.now();
      await clock.advance(3_000);
      server.observe.onOutageEnded('hq', sinceMs);
      return sinceMs;
    },
    'of an empty list after a filled one': async ({ server, clock }: DomainHarness) => {
      await server.show();
      const sinceMs = clock.now();
      await clock.advance(3_000);
      await server.observe.observe('hq', { observations: [], asOfMs: clock.now(), complete: true });
      await server.show();
      return sinceMs;
    },
  };
  for (const [name, happen] of Object.entries(outages)) {
    it(`is sent again at once after an outage ${name}, with a warning and what was maskable`, async () => {
      const one = await harness();
      const { server, recorder, clock } = one;
      recorder.call('1', 'call-1');
      recorder.record('1');
      await server.show();
      const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      await clock.advance(1_000);
      const sinceMs = await happen(one);
      await one.pass(0);
      const atMs = clock.now();
      assert.equal(recorder.sent('START_BLACKOUT'), 2);
      const row = await only(one);
      assert.deepEqual([row.id, row.state, row.confirmation], [blackout.id, 'ACTIVE', 'ACCEPTED']);
      assert.deepEqual(warned(row), ['MASK_LOST', 'EXPOSED']);
      assert.deepEqual(row.exposures, [{ recording: 'rec-1', startsAt: instant(sinceMs), endsAt: instant(atMs) }]);
      assert.deepEqual(await ledger(one), ['START_BLACKOUT ACCEPTED', 'START_BLACKOUT ACCEPTED']);
    });
  }

  it('is lost as well while a renewal that nobody took is on its way', async () => {
    const one = await harness();
    const { server, recorder, clock } = one;
    recorder.call('1', 'call-1');
    recorder.record('1');
    await server.show();
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(2_000);
    const sinceMs = clock.now();
    recorder.break('unconnected');
    await assert.rejects(server.control.renewBlackout({ agent: agent1 }, alice, 'c'), problem('VENDOR_UNAVAILABLE'));
    await one.pass(500);
    assert.equal((await only(one)).confirmation, 'PENDING');
    recorder.break(null);
    server.observe.onOutageEnded('hq', sinceMs);
    await one.pass(0);
    const row = await only(one);
    assert.deepEqual([row.confirmation, warned(row)], ['ACCEPTED', ['MASK_LOST', 'EXPOSED']]);
    assert.deepEqual(row.exposures, [{ recording: 'rec-1', startsAt: instant(sinceMs), endsAt: instant(clock.now()) }]);
  });

  it('is not refused a start of its own', async () => {
    const one = await harness();
    const { server, recorder } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await assert.rejects(server.control.startBlackout({ agent: agent1 }, alice, 'c'), problem('ALREADY_BLACKED_OUT'));
    server.observe.onOutageEnded('hq', one.clock.now());
    await one.pass(0);
    const again = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([again.blackout.id, recorder.sent('START_BLACKOUT')], [blackout.id, 3]);
  });

  it('that no answer has acknowledged yet is not refused a start either', async () => {
    const one = await harness();
    const { server, recorder } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    recorder.break('down');
    server.observe.onOutageEnded('hq', one.clock.now());
    await one.pass(5_000);
    assert.equal((await only(one)).confirmation, 'PENDING');
    recorder.break(null);
    const sent = recorder.sent('START_BLACKOUT');
    const again = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([again.blackout.id, again.blackout.state, again.blackout.confirmation], [blackout.id, 'ACTIVE', 'ACCEPTED']);
    assert.equal(recorder.sent('START_BLACKOUT'), sent + 1);
  });

  it('that could be confirmed and is not is sent again on request; a confirmed one is refused', async () => {
    const one = await harness({ confirmable: true });
    const { server, recorder, clock } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    for (const passedMs of [0, 5_000]) {
      await one.pass(passedMs);
      const again = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      assert.deepEqual([again.blackout.id, again.blackout.state], [blackout.id, 'ACTIVE']);
    }
    assert.ok(warned(await only(one)).includes('UNCONFIRMED'));
    assert.equal(recorder.sent('START_BLACKOUT'), 3);
    await server.observe.observe('hq', {
      observations: [{ type: 'blackout', agent: '1', active: true, at: instant(clock.now()) }],
      asOfMs: clock.now(),
    });
    assert.equal((await only(one)).confirmation, 'CONFIRMED');
    await assert.rejects(server.control.startBlackout({ agent: agent1 }, alice, 'c'), problem('ALREADY_BLACKED_OUT'));
    assert.equal(recorder.sent('START_BLACKOUT'), 3);
  });

  it('is confirmed by what the answer to its start shows, although a slow store accepts it last', async () => {
    let isAccepting = false;
    const shows = async (): Promise<VendorAnswer> => {
      isAccepting = true;
      return { observations: [{ type: 'blackout', agent: '1', active: true, at: instant(one.clock.now()) }] };
    };
    const one = await harness({ source: { blackouts: { support: 'NATIVE', confirmable: true, start: shows, stop: async () => ({}) } } });
    one.server.kill();
    const { control } = await one.boot({
      over: (store) => ({
        ...store,
        transaction: async (work) => {
          const isLate = isAccepting;
          isAccepting = false;
          for (let turn = 0; isLate && turn < 100; turn += 1) await new Promise(setImmediate);
          return store.transaction(work);
        },
      }),
    });
    await control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.equal((await only(one)).confirmation, 'CONFIRMED');
  });

  it('that cannot be sent again is tried until it can', async () => {
    const one = await harness();
    const { server, recorder } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    recorder.break('down');
    server.observe.onOutageEnded('hq', one.clock.now());
    await one.pass(5_000);
    const row = await only(one);
    assert.deepEqual([row.state, row.confirmation], ['ACTIVE', 'PENDING']);
    recorder.break(null);
    await one.pass(8_000);
    assert.equal((await only(one)).confirmation, 'ACCEPTED');
  });
});

describe('evidence', () => {
  it('of video keeps a blackout from being CONFIRMED: the voice is stopped, the video stays an open exposure', async () => {
    const one = await recorded();
    const { server, recorder, clock } = one;
    recorder.record('1', 'VIDEO');
    await server.show();
    const startedMs = clock.now();
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    for (let second = 0; second < 8; second += 1) {
      await one.pass(1_000);
      await server.show();
      const row = await only(one);
      assert.equal(row.confirmation, 'ACCEPTED');
      assert.deepEqual(
        row.exposures.filter(({ recording }) => recording === 'rec-2'),
        [{ recording: 'rec-2', startsAt: instant(startedMs), endsAt: null }],
      );
    }
    assert.ok(warned(await only(one)).includes('EXPOSED'));
    assert.equal(recorder.isRecording('1'), false);
    assert.equal(recorder.sent('STOP_RECORDING'), 1);
  });

  it('of an agent of whom nothing runs is written once when it is requested, and once when it is accepted', async () => {
    const one = await harness({ support: 'EMULATED', reads: false });
    one.recorder.call('1', 'call-1');
    await one.server.show();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    const entries = (await one.store.audit.rows(0, 100)).filter(({ action }) => action.startsWith('blackout.'));
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject.from, subject.to]),
      [
        ['blackout.requested', null, 'SCHEDULED'],
        ['blackout.changed', 'SCHEDULED', 'ACTIVE'],
      ],
    );
  });

  it('of a recorded video call alone sends nothing and is never CONFIRMED', async () => {
    const one = await harness({ support: 'EMULATED', reads: false });
    const { server, recorder } = one;
    recorder.call('1', 'call-1');
    recorder.record('1', 'VIDEO');
    await server.show();
    const { blackout, command } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([blackout.confirmation, command.status, blackout.exposures.length], ['ACCEPTED', 'ACCEPTED', 1]);
    for (let second = 0; second < 10; second += 1) {
      await one.pass(1_000);
      await server.show();
    }
    const row = await only(one);
    assert.deepEqual([row.confirmation, row.exposures[0]!.endsAt, warned(row).includes('EXPOSED')], ['ACCEPTED', null, true]);
    assert.equal(recorder.received.length, 0);
    recorder.hangUp('1');
    await server.show();
    await one.pass(4_000);
    const quiet = await only(one);
    assert.equal(quiet.confirmation, 'CONFIRMED');
    assert.notEqual(quiet.exposures[0]!.endsAt, null);
  });

  for (const kind of ['VIDEO', 'SCREEN'] as const) {
    it(`stops the voice where the vendor has been silent and only a ${kind.toLowerCase()} recording, which it cannot stop, is known`, async () => {
      const one = await harness({ support: 'EMULATED', reads: false, lacks: ['STOP_SCREEN_RECORDING', 'START_SCREEN_RECORDING'] });
      const { server, recorder } = one;
      recorder.call('1', 'call-1');
      recorder.record('1', kind);
      await server.show();
      await one.pass(60_000);
      recorder.record('1');
      const { command } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      assert.equal(command.status, 'ACCEPTED');
      assert.deepEqual([recorder.sent('STOP_RECORDING'), recorder.isRecording('1')], [1, false]);
    });
  }

  it('of a duplicate counts as well: both are stopped, and only the original is started again', async () => {
    const one = await recorded();
    const { server, recorder } = one;
    recorder.record('1', 'AUDIO', true);
    await server.show();
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    assert.equal((await only(one)).confirmation, 'CONFIRMED');
    assert.deepEqual(
      recorder.tapes.map(({ running }) => running),
      [false, false],
    );
    assert.deepEqual([recorder.sent('STOP_RECORDING'), recorder.sent('STOP_DUPLICATE_RECORDING')], [1, 1]);
    await one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
    assert.deepEqual([recorder.sent('START_RECORDING'), recorder.sent('START_DUPLICATE_RECORDING')], [1, 0]);
  });

  it('of a recording that went on while no server could start a scheduled blackout is an exposure', async () => {
    const one = await recorded();
    const { server, recorder, clock } = one;
    const [tape] = recorder.tapes;
    await server.control.startBlackout({ agent: agent1, offset: 2_000, maxDuration: 20_000 }, alice, 'c');
    const startsAt = instant(clock.now() + 2_000);
    server.kill();
    await clock.advance(5_000);
    recorder.stopTape(tape!);
    const endedAt = instant(clock.now());
    await clock.advance(1_000);
    const next = await one.boot({ start: false });
    const { externalId, startedAt } = (await one.store.recordings.byKeys([{ source: 'hq', externalId: tape!.id }]))[0]!;
    const recording = { externalId, agent: '1', state: 'STOPPED' as const, startedAt, endedAt };
    await next.observe.observe('hq', { observations: [{ type: 'recording', recording }], asOfMs: clock.now() });
    await next.control.start();
    await one.pass(0);
    const row = await only(one);
    assert.deepEqual([row.state, warned(row)], ['ACTIVE', ['EXPOSED']]);
    assert.deepEqual(row.exposures, [{ recording: tape!.id, startsAt, endsAt: endedAt }]);
  });

  it('of a recording that began and ended while no server ran is an exposure, also where another one runs by then', async () => {
    const one = await recorded();
    const { server, recorder, clock } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    server.kill();
    await clock.advance(1_000);
    const unseen = recorder.record('1');
    await clock.advance(5_000);
    recorder.stopTape(unseen);
    await clock.advance(1_000);
    const running = recorder.record('1');
    const next = await one.boot();
    const [from, to] = [unseen.segments[0]!.from, unseen.segments[0]!.to!].map(instant);
    const reported = { externalId: unseen.id, kind: 'AUDIO' as const, agent: '1', call: 'call-1', state: 'STOPPED' as const };
    await next.observe.observe('hq', {
      observations: [
        { type: 'recording', recording: { ...reported, startedAt: from!, endedAt: to! } },
        ...recorder.agentSnapshots().flatMap(({ observations }) => observations),
      ],
      asOfMs: clock.now(),
      complete: true,
    });
    await one.pass(0);
    const exposed = (await only(one)).exposures.filter(({ recording }) => recording !== running.id);
    assert.deepEqual(exposed, [{ recording: unseen.id, startsAt: from, endsAt: to }]);
  });

  it('names what another agent in the same call records', async () => {
    const one = await recorded();
    const { server, recorder, clock } = one;
    recorder.call('2', 'call-1');
    recorder.record('2');
    await server.show();
    const startedMs = clock.now();
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await clock.advance(100);
    await server.show();
    const open = await only(one);
    assert.deepEqual(open.exposures, [{ recording: 'rec-2', startsAt: instant(startedMs), endsAt: null }]);
    assert.ok(warned(open).includes('EXPOSED'));
    await clock.advance(2_000);
    recorder.hangUp('2');
    await server.show();
    assert.deepEqual((await only(one)).exposures, [{ recording: 'rec-2', startsAt: instant(startedMs), endsAt: instant(clock.now()) }]);
  });

  it('is "not recording" to the stop of what is believed to run', async () => {
    const one = await recorded();
    one.recorder.hangUp('1');
    const { blackout, command } = await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(one.recorder.sent('STOP_RECORDING'), 1);
    const row = await only(one);
    assert.deepEqual([row.id, row.state, row.confirmation, row.interrupted], [blackout.id, 'ACTIVE', 'CONFIRMED', []]);
    assert.equal(command.status, 'CONFIRMED');
  });

  it('is looked for before anything is started again', async () => {
    const one = await recorded({ reads: true });
    const { server, recorder } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    // The recorder restarts and forgets the call, of which no event tells.
    recorder.hangUp('1');
    const { blackout, command } = await one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
    assert.deepEqual([blackout.state, blackout.endedBy, command.status], ['ENDED', 'OPERATOR', 'CONFIRMED']);
    assert.equal(recorder.sent('START_RECORDING'), 0);
    assert.deepEqual(warned(await only(one)), []);
  });
});

describe('a stop of an emulated blackout', () => {
  const stoppingLater = async () => {
    const one = await recorded();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    one.recorder.failNext('START_RECORDING', ...Array<'failsLater'>(5).fill('failsLater'));
    await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    const tellFailures = async () => {
      await one.server.observe.observe('hq', { observations: one.recorder.takeFailures(), asOfMs: one.clock.now() });
      await one.pass(0);
    };
    return { ...one, tellFailures };
  };

  it('that was accepted and then failed tells so in its command, and is not sent faster for it', async () => {
    const one = await stoppingLater();
    await one.tellFailures();
    const [stop] = (await one.commands()).filter(({ operation }) => operation === 'STOP_BLACKOUT');
    assert.deepEqual(
      [stop!.status, stop!.completedAt, stop!.problem?.code, stop!.problem?.message],
      ['ACCEPTED', null, 'VENDOR_REJECTED', 'hq: START_RECORDING was accepted and then failed.'],
    );
    assert.deepEqual([(await only(one)).state, warned(await only(one))], ['STOPPING', ['STOP_FAILING']]);
    for (let turn = 0; turn < 20; turn += 1) {
      await one.tellFailures();
      await one.pass(100);
    }
    assert.equal(one.recorder.sent('START_RECORDING'), 2);
    for (let turn = 0; turn < 5; turn += 1) {
      await one.tellFailures();
      await one.pass(3_000);
    }
    await one.server.show();
    const ended = (await one.commands()).find(({ id }) => id === stop!.id)!;
    assert.deepEqual([(await only(one)).state, ended.status, ended.problem], ['ENDED', 'CONFIRMED', null]);
  });

  it('is not reported to fail because the agent leaves the call meanwhile', async () => {
    const one = await stoppingLater();
    one.recorder.takeFailures();
    one.recorder.hangUp('1');
    await one.server.show();
    await one.pass(10_000);
    const row = await only(one);
    assert.deepEqual([row.state, warned(row)], ['ENDED', []]);
  });
});

describe('an emulated blackout at a source that cannot stop screen recordings', () => {
  const lacks = ['STOP_SCREEN_RECORDING'] as const;
  const screens = ({ recorder }: DomainHarness) => recorder.received.filter(({ operation }) => operation.includes('SCREEN')).length;

  it('masks the voice, and leaves the screen as an open exposure', async () => {
    const one = await recorded({ lacks });
    const { server, recorder } = one;
    recorder.record('1', 'SCREEN');
    await server.show();
    const { blackout, command } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([recorder.isRecording('1'), command.status], [false, 'ACCEPTED']);
    await one.pass(100);
    await server.show();
    await one.pass(10_000);
    const masked = await only(one);
    assert.deepEqual([masked.state, masked.confirmation], ['ACTIVE', 'ACCEPTED']);
    assert.deepEqual(masked.exposures, [{ recording: 'rec-2', startsAt: blackout.startsAt, endsAt: null }]);
    assert.ok(warned(masked).includes('EXPOSED'));
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    const ended = await only(one);
    assert.equal(ended.state, 'ENDED');
    assert.deepEqual(ended.exposures, [{ recording: 'rec-2', startsAt: blackout.startsAt, endsAt: ended.stopsAt }]);
    assert.deepEqual([recorder.isRecording('1'), screens(one)], [true, 0]);
  });

  it('tells of a screen that begins meanwhile, and sends nothing for it', async () => {
    const one = await recorded({ lacks });
    const { server, recorder, clock } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    await one.pass(2_000);
    const begunAt = instant(clock.now());
    recorder.record('1', 'SCREEN');
    for (let second = 0; second < 10; second += 1) {
      await server.show();
      await one.pass(1_000);
    }
    const row = await only(one);
    assert.deepEqual(row.exposures, [{ recording: 'rec-2', startsAt: begunAt, endsAt: null }]);
    assert.deepEqual([row.state, row.confirmation, warned(row).includes('EXPOSED')], ['ACTIVE', 'ACCEPTED', true]);
    assert.deepEqual([recorder.sent('STOP_RECORDING'), screens(one)], [1, 0]);
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    assert.deepEqual([(await only(one)).state, recorder.isRecording('1'), screens(one)], ['ENDED', true, 0]);
  });
});

describe('a screen recording that does not start again after an emulated blackout', () => {
  for (const fault of ['refused', 'failsLater'] as const) {
    it(`since its start is ${fault === 'refused' ? 'refused' : 'accepted and fails later'} keeps the blackout STOPPING, and is reported`, async () => {
      const one = await recorded();
      const { server, recorder } = one;
      recorder.record('1', 'SCREEN');
      await server.show();
      await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      await server.show();
      recorder.failNext('START_SCREEN_RECORDING', fault, fault);
      await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
      await server.observe.observe('hq', { observations: recorder.takeFailures(), asOfMs: one.clock.now() });
      await server.show();
      const row = await only(one);
      const stop = async () => (await one.commands()).find(({ operation }) => operation === 'STOP_BLACKOUT')!;
      assert.deepEqual([row.state, warned(row), (await stop()).problem?.code], ['STOPPING', ['STOP_FAILING'], 'VENDOR_REJECTED']);
      assert.equal(recorder.isRecording('1'), true, 'the voice is recorded again meanwhile');
      for (let second = 0; second < 10; second += 1) {
        await one.pass(1_000);
        await server.show();
      }
      assert.deepEqual([(await only(one)).state, (await stop()).status, (await stop()).problem], ['ENDED', 'CONFIRMED', null]);
      assert.deepEqual(
        recorder.tapes.map(({ running, segments }) => [running, segments.length]),
        [
          [true, 2],
          [true, 2],
        ],
      );
    });
  }
});

describe('what an emulated blackout stopped goes on after it', () => {
  it('also where only the "not recording" to a second stop showed that the first had landed', async () => {
    const one = await recorded();
    const { server, recorder } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(10_000);
    assert.ok(recorder.sent('STOP_RECORDING') > 1);
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(recorder.isRecording('1'), true);
  });

  it('also where nobody answered the stop that landed', async () => {
    const one = await recorded();
    const { server, recorder } = one;
    recorder.failNext('STOP_RECORDING', 'deaf');
    await one.finish(server.control.startBlackout({ agent: agent1 }, alice, 'c'));
    assert.deepEqual([recorder.sent('STOP_RECORDING'), (await only(one)).state], [2, 'ACTIVE']);
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(recorder.isRecording('1'), true);
  });
});

describe('a blackout that is stopped before its start', () => {
  const stopping = async () => {
    const one = await harness();
    const { server, recorder } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1, offset: 16_000, maxDuration: 20_000 }, alice, 'c');
    await one.pass(6_000);
    recorder.failNext('STOP_BLACKOUT', 'gone');
    assert.equal((await server.control.stopBlackout({ agent: agent1 }, alice, 'c')).blackout.state, 'STOPPING');
    return { one, startsAt: blackout.startsAt };
  };

  it('does not start, where the stop lands only later', async () => {
    const { one, startsAt } = await stopping();
    await one.pass(2_000);
    const row = await only(one);
    assert.deepEqual([row.state, row.startsAt], ['ENDED', startsAt]);
    await one.pass(10_000);
    assert.equal(one.recorder.isMasked('1'), false);
  });

  it('is in force from now on where it is started over, and the start that the vendor holds does not outlive it', async () => {
    const { one } = await stopping();
    const { server, recorder, clock } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1, maxDuration: 5_000 }, alice, 'c');
    assert.deepEqual([blackout.state, blackout.startsAt], ['ACTIVE', instant(clock.now())]);
    assert.ok(recorder.isMasked('1'));
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(recorder.isMasked('1'), false);
    await one.pass(12_000);
    assert.deepEqual([(await only(one)).state, recorder.isMasked('1')], ['ENDED', false]);
  });
});

describe('a blackout that begins before its time', () => {
  for (const offset of [null, 7_000]) {
    it(`ends for good at a stop ${offset ? 'that the vendor holds' : 'for now'}, before the start that the vendor holds`, async () => {
      const one = await harness();
      const { server, recorder } = one;
      await server.control.startBlackout({ agent: agent1, offset: 15_000, maxDuration: 30_000 }, alice, 'c');
      await server.control.startBlackout({ agent: agent1, maxDuration: 40_000 }, alice, 'c');
      assert.ok(recorder.isMasked('1'));
      await server.control.stopBlackout({ agent: agent1, offset }, alice, 'c');
      await one.pass(10_000);
      const row = await only(one);
      assert.deepEqual([row.state, row.endedBy, recorder.isMasked('1')], ['ENDED', offset ? 'SCHEDULE' : 'OPERATOR', false]);
      await one.pass(10_000);
      assert.equal(recorder.isMasked('1'), false);
    });
  }
});

describe('an offset counts from the receipt of the request', () => {
  it('also where the start has waited for a stop that nobody answered', async () => {
    const one = await harness();
    const { server, recorder } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    recorder.failNext('STOP_BLACKOUT', 'deaf');
    const stop = server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(10_000);
    const again = server.control.startBlackout({ agent: agent1, offset: 5_000 }, alice, 'c');
    await one.finish(Promise.all([stop, again]));
    assert.equal((await only(one)).state, 'ACTIVE');
    assert.ok(recorder.isMasked('1'));
  });

  it('also where the stop has waited for a start', async () => {
    const one = await harness();
    const { server, recorder } = one;
    const receiptMs = one.clock.now();
    recorder.failNext('START_BLACKOUT', 'lost');
    const start = server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(10_000);
    const stop = server.control.stopBlackout({ agent: agent1, offset: 40_000 }, alice, 'c');
    await one.finish(Promise.all([start, stop]));
    assert.deepEqual(
      recorder.blackouts('1').map(({ stopMs }) => stopMs - receiptMs),
      [50_000],
    );
  });
});

describe('a start over a stop that did not land', () => {
  for (const fault of ['down', 'gone'] as const) {
    it(`for ${fault} is sent, and the same native blackout is ACTIVE again`, async () => {
      const one = await harness();
      const { server, recorder } = one;
      recorder.call('1', 'call-1');
      await server.show();
      const { blackout } = await server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
      recorder.failNext('STOP_BLACKOUT', fault);
      const stopped = await server.control.stopBlackout({ agent: agent1 }, bob, 'c');
      assert.equal(stopped.blackout.state, 'STOPPING');
      recorder.hangUp('1');
      recorder.call('1', 'call-2');
      await server.show();
      const again = await server.control.startBlackout({ agent: agent1, maxDuration: 30_000 }, alice, 'c');
      assert.deepEqual([again.blackout.id, again.blackout.state, again.blackout.confirmation], [blackout.id, 'ACTIVE', 'ACCEPTED']);
      assert.deepEqual([again.blackout.stopsAt, again.blackout.endedBy], [null, null]);
      assert.equal(epochMs(again.blackout.deadline), one.clock.now() + 30_000);
      assert.equal(recorder.sent('START_BLACKOUT'), 2);
      await one.pass(10_000);
      assert.ok(recorder.isMasked('1'), 'the stop is called off');
      assert.equal(recorder.sent('STOP_BLACKOUT'), 1);
      assert.deepEqual(await ledger(one), ['START_BLACKOUT ACCEPTED', 'START_BLACKOUT ACCEPTED', 'STOP_BLACKOUT FAILED']);
      const [calledOff] = (await one.commands()).filter(({ operation }) => operation === 'STOP_BLACKOUT');
      assert.equal(calledOff!.problem!.code, 'CONFLICT');
    });

    it(`for ${fault} is sent, and the same emulated blackout is ACTIVE again`, async () => {
      const one = await recorded();
      const { server, recorder } = one;
      const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      await server.show();
      recorder.failNext('START_RECORDING', fault);
      const stopped = await server.control.stopBlackout({ agent: agent1 }, bob, 'c');
      assert.equal(stopped.blackout.state, 'STOPPING');
      recorder.hangUp('1');
      recorder.call('1', 'call-2');
      await server.show();
      const again = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      assert.deepEqual([again.blackout.id, again.blackout.state], [blackout.id, 'ACTIVE']);
      assert.equal((await only(one)).confirmation, 'CONFIRMED');
      recorder.record('1');
      await server.show();
      await one.pass(0);
      assert.equal(recorder.isRecording('1'), false);
      assert.equal((await one.commands()).find(({ operation }) => operation === 'STOP_BLACKOUT')!.status, 'FAILED');
    });
  }
});

describe('two servers that both believe to act alone', () => {
  /** Believes to hold every lease; `openOf` is what it reads of the agent's open blackout. */
  const alone =
    (openOf?: (read: () => Promise<Blackout | null>) => Promise<Blackout | null>) =>
    (store: Store): Store => ({
      ...store,
      leases: { acquire: async () => true, release: async () => undefined },
      transaction: (work) =>
        store.transaction((operations) =>
          work({
            ...operations,
            holdsLease: async () => true,
            blackouts: {
              ...operations.blackouts,
              openOf: (agent) => {
                const read = () => operations.blackouts.openOf(agent);
                return openOf ? openOf(read) : read();
              },
            },
          }),
        ),
    });

  const start = ({ control }: DomainHarness['server'], who = alice) => control.startBlackout({ agent: agent1 }, who, 'c');

  const expectOne = async (one: DomainHarness, outcomes: readonly PromiseSettledResult<unknown>[]) => {
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const { reason } = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    problem('CONFLICT')(reason);
    assert.equal(reason.retryable, true);
    assert.equal((await only(one)).state, 'ACTIVE');
    assert.equal(one.recorder.sent('START_BLACKOUT'), 1);
    assert.deepEqual(await ledger(one), ['START_BLACKOUT ACCEPTED']);
  };

  const engines = { SQLite: async () => null, PostgreSQL: createTestDatabase };
  for (const [name, open] of Object.entries(engines)) {
    it(`end with one blackout and one CONFLICT on ${name}`, async (test) => {
      const database = await open();
      const one = await createDomainHarness(database ? { storeUrl: database.url } : {});
      test.after(async () => {
        await one.close();
        await database?.drop();
      });
      one.server.kill();
      const first = await one.boot({ over: alone(), start: false });
      // Reads nothing, as before the other one's commit.
      const second = await one.boot({ over: alone(async () => null), start: false });
      const began = start(first);
      await began;
      await expectOne(one, await Promise.allSettled([began, start(second, bob)]));
    });
  }

  it('end so on PostgreSQL where both have looked before either has written', async (test) => {
    const database = await createTestDatabase();
    const one = await createDomainHarness({ storeUrl: database.url });
    test.after(async () => {
      await one.close();
      await database.drop();
    });
    let looked = 0;
    const { promise: both, resolve } = Promise.withResolvers<void>();
    const afterBoth = async (read: () => Promise<Blackout | null>) => {
      const row = await read();
      looked += 1;
      if (looked === 2) resolve();
      await both;
      return row;
    };
    one.server.kill();
    const booted = { over: alone(afterBoth), start: false };
    const servers = [await one.boot(booted), await one.boot(booted)];
    await expectOne(one, await Promise.allSettled(servers.map((server, index) => start(server, index === 0 ? alice : bob))));
  });
});
