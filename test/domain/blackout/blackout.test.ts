import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { epochMs, instant } from '../../../src/domain/model/instant.ts';
import { closedAfter } from '../../support/closed-after.ts';
import { agent1, alice, bob, createDomainHarness, type DomainHarness, type DomainHarnessOptions } from '../support/domain-harness.ts';

const harness = closedAfter(createDomainHarness);

const problem = (code: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ExpectedError, String(error));
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.message, message);
  return true;
};

const warnings = (one: DomainHarness) => one.events.filter(({ warning }) => warning !== null).map(({ warning }) => warning);
const states = (one: DomainHarness) =>
  one.events.filter(({ entityType }) => entityType === 'blackout').map(({ previous, state }) => `${previous}>${(state as Blackout).state}`);
const only = async (one: DomainHarness): Promise<Blackout> => {
  const rows = await one.blackouts();
  assert.equal(rows.length, 1);
  return rows[0]!;
};

describe('a native blackout', () => {
  it('is ACTIVE and ACCEPTED once the vendor said yes, and ENDED by its operator', async () => {
    const one = await harness();
    const { server, recorder } = one;
    const started = await server.control.startBlackout({ agent: agent1, reason: 'CARD_PAYMENT', note: 'order 77' }, alice, 'c1');
    assert.equal(started.command.status, 'ACCEPTED');
    assert.equal(started.blackout.state, 'ACTIVE');
    assert.equal(started.blackout.confirmation, 'ACCEPTED');
    assert.equal(started.blackout.support, 'NATIVE');
    assert.equal(started.blackout.reason, 'CARD_PAYMENT');
    assert.equal(epochMs(started.blackout.deadline) - epochMs(started.blackout.startsAt), 60_000);
    assert.ok(recorder.isMasked('1'));
    const stopped = await server.control.stopBlackout({ agent: agent1 }, bob, 'c2');
    assert.equal(stopped.blackout.state, 'ENDED');
    assert.equal(stopped.blackout.endedBy, 'OPERATOR');
    assert.equal(stopped.command.status, 'ACCEPTED');
    assert.equal(recorder.isMasked('1'), false);
    assert.deepEqual(states(one), ['null>SCHEDULED', 'SCHEDULED>ACTIVE', 'ACTIVE>STOPPING', 'STOPPING>ENDED']);
    const { command } = recorder.received[0]!;
    assert.deepEqual([command.at, command.offsetSeconds], [undefined, undefined]);
  });

  it('passes its times through', async () => {
    const { server, recorder, clock } = await harness();
    const start = instant(clock.now() + 20_000);
    await server.control.startBlackout({ agent: agent1, startAt: start, offset: 5_000 }, alice, 'c');
    await server.control.startBlackout({ agent: { ...agent1, value: '2' }, offset: 5_000 }, alice, 'c');
    assert.deepEqual(
      recorder.received.map(({ command }) => [command.at, command.offsetSeconds]),
      [
        [start, undefined],
        [undefined, 5],
      ],
    );
  });

  it('that lies ahead begins and ends by itself', async () => {
    const one = await harness();
    const { server, recorder, pass } = one;
    await server.control.startBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    assert.equal((await only(one)).state, 'SCHEDULED');
    assert.equal((await only(one)).confirmation, 'ACCEPTED');
    await pass(10_000);
    assert.equal((await only(one)).state, 'ACTIVE');
    assert.ok(recorder.isMasked('1'));
    const { blackout, command } = await server.control.stopBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    assert.equal(blackout.state, 'ACTIVE');
    assert.equal(command.status, 'ACCEPTED');
    await pass(10_000);
    const row = await only(one);
    assert.deepEqual([row.state, row.endedBy], ['ENDED', 'SCHEDULE']);
    assert.equal(recorder.isMasked('1'), false);
    assert.equal(recorder.sent('START_BLACKOUT'), 1);
    assert.equal(recorder.sent('STOP_BLACKOUT'), 1);
  });

  it('stopped before it began never masks', async () => {
    const one = await harness();
    const { server, recorder, pass } = one;
    await server.control.startBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    const { blackout } = await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(blackout.state, 'ENDED');
    await pass(10_000);
    assert.equal(recorder.isMasked('1'), false);
  });

  it('is stopped at its deadline, warned of at half', async () => {
    const one = await harness();
    const { server, recorder, pass } = one;
    await server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
    await pass(9_999);
    assert.deepEqual(warnings(one), []);
    await pass(1);
    assert.deepEqual(warnings(one), ['DEADLINE_NEAR']);
    await pass(9_999);
    assert.ok(recorder.isMasked('1'));
    await pass(1);
    const row = await only(one);
    assert.deepEqual([row.state, row.endedBy], ['ENDED', 'DEADLINE']);
    assert.equal(recorder.isMasked('1'), false);
    assert.deepEqual(warnings(one), ['DEADLINE_NEAR']);
    const [stop] = (await one.commands()).filter(({ operation }) => operation === 'STOP_BLACKOUT');
    assert.equal(stop!.requestedBy, 'tapegraph');
    assert.equal(stop!.blackout, row.id);
  });

  it('outlives a restart and still meets its deadline', async () => {
    const one = await harness();
    const { server, recorder, pass, boot } = one;
    await server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
    server.kill();
    await one.clock.advance(15_000);
    await boot();
    await pass(5_000);
    assert.equal((await only(one)).endedBy, 'DEADLINE');
    assert.equal(recorder.isMasked('1'), false);
  });

  it('whose deadline passed while nobody ran is stopped at the next start', async () => {
    const one = await harness();
    one.recorder.call('1', 'a');
    await one.server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
    one.server.kill();
    await one.clock.advance(100_000);
    await one.boot();
    await one.pass(1);
    const row = await only(one);
    assert.equal(row.endedBy, 'DEADLINE');
    assert.equal(one.recorder.isMasked('1'), false);
    assert.deepEqual(row.warnings, [], 'a deadline that has passed is not near');
  });

  it('is bound to the agent: transfer, hold, a new call and a sign-out leave it', async () => {
    const one = await harness();
    const { server, recorder } = one;
    recorder.call('1', 'call-1');
    await server.show();
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    recorder.transfer('1', '2');
    await server.show();
    recorder.call('1', 'call-2');
    await server.show();
    recorder.hangUp('1');
    await server.control.run({ action: 'signOutAgent', agent: agent1 }, alice, 'c');
    await server.show();
    assert.equal((await only(one)).state, 'ACTIVE');
    assert.ok(recorder.isMasked('1'));
  });

  it('is one an agent, and the refusal names it', async () => {
    const one = await harness();
    const first = await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await assert.rejects(
      one.server.control.startBlackout({ agent: agent1 }, bob, 'c'),
      problem('ALREADY_BLACKED_OUT', new RegExp(first.blackout.id)),
    );
    await only(one);
    assert.deepEqual((await one.commands()).map(({ status, requestedBy }) => `${requestedBy} ${status}`).sort(), [
      'alice ACCEPTED',
      'bob FAILED',
    ]);
  });

  it('cannot be stopped where there is none', async () => {
    const one = await harness();
    await assert.rejects(one.server.control.stopBlackout({ agent: agent1 }, alice, 'c'), problem('NOT_BLACKED_OUT'));
  });

  it('is UNSUPPORTED where the source has no way to do it', async () => {
    const one = await harness({ support: null });
    await assert.rejects(
      one.server.control.startBlackout({ agent: agent1 }, alice, 'c'),
      problem('UNSUPPORTED', /hq does not support START_BLACKOUT/),
    );
    await assert.rejects(one.server.control.stopBlackout({ agent: agent1 }, alice, 'c'), problem('UNSUPPORTED', /STOP_BLACKOUT/));
  });

  it('refuses times past the skew and a note with a card number, and asks nobody', async () => {
    const one = await harness();
    const { server, recorder } = one;
    await assert.rejects(server.control.startBlackout({ agent: agent1, offset: -31_000 }, alice, 'c'), problem('INVALID_INPUT'));
    await assert.rejects(
      server.control.startBlackout({ agent: agent1, note: '4111 1111 1111 1111' }, alice, 'c'),
      problem('INVALID_INPUT'),
    );
    const { blackout } = await server.control.startBlackout({ agent: agent1, offset: -10_000 }, alice, 'c');
    assert.equal(epochMs(blackout.requestedAt) - epochMs(blackout.startsAt), 10_000);
    assert.equal(recorder.received.length, 1);
  });

  it('replays its first answer, also to two requests at once', async () => {
    const one = await harness();
    const request = { agent: agent1, idempotencyKey: 'k' };
    const [a, b] = await Promise.all([
      one.server.control.startBlackout(request, alice, 'c1'),
      one.server.control.startBlackout(request, alice, 'c2'),
    ]);
    assert.deepEqual([a.replayed, b.replayed].sort(), [false, true]);
    assert.equal(a.blackout.id, b.blackout.id);
    assert.equal(b.command.status, 'ACCEPTED');
    const stop = { agent: agent1, idempotencyKey: 's' };
    await one.server.control.stopBlackout(stop, alice, 'c3');
    assert.equal((await one.server.control.stopBlackout(stop, alice, 'c4')).replayed, true);
    await assert.rejects(one.server.control.stopBlackout({ ...stop, offset: 5_000 }, alice, 'c5'), problem('IDEMPOTENCY_MISMATCH'));
    assert.deepEqual([one.recorder.sent('START_BLACKOUT'), one.recorder.sent('STOP_BLACKOUT')], [1, 1]);
  });

  it('that the vendor refuses is FAILED', async () => {
    const one = await harness();
    one.recorder.faults.push('refused');
    await assert.rejects(one.server.control.startBlackout({ agent: agent1 }, alice, 'c'), problem('VENDOR_REJECTED'));
    assert.equal((await only(one)).state, 'FAILED');
    const again = await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(again.blackout.state, 'ACTIVE');
  });

  it('is repeated towards safety when the answer is lost', async () => {
    const one = await harness();
    one.recorder.faults.push('deaf');
    const { blackout } = await one.finish(one.server.control.startBlackout({ agent: agent1 }, alice, 'c'));
    assert.equal(blackout.state, 'ACTIVE');
    assert.equal(one.recorder.sent('START_BLACKOUT'), 2);
  });

  it('that is given up in doubt is undone, and a new one may take its place', async () => {
    const one = await harness();
    await one.server.show();
    one.recorder.faults.push('deaf', 'down');
    one.recorder.break('down');
    await assert.rejects(
      one.finish(one.server.control.startBlackout({ agent: agent1 }, alice, 'c')),
      problem('VENDOR_UNAVAILABLE', /is being stopped/),
    );
    assert.ok(one.recorder.isMasked('1'));
    await one.pass(10_000);
    assert.equal((await only(one)).state, 'STOPPING');
    one.recorder.break(null);
    await one.pass(60_000);
    assert.equal((await only(one)).state, 'FAILED');
    assert.equal(one.recorder.isMasked('1'), false);

    one.recorder.faults.push('down', 'down');
    one.recorder.faults.push('down');
    await assert.rejects(one.server.control.startBlackout({ agent: agent1 }, alice, 'c'), problem('VENDOR_UNAVAILABLE'));
    one.recorder.faults.length = 0;
    const { blackout } = await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(blackout.state, 'ACTIVE');
    await one.pass(30_000);
    assert.ok(one.recorder.isMasked('1'));
    assert.equal((await one.blackouts()).find(({ id }) => id === blackout.id)!.state, 'ACTIVE');
  });

  it('that takes the place of one in doubt is in doubt itself, also where nothing of it was sent', async () => {
    const one = await harness();
    await one.server.show();
    one.recorder.faults.push('deaf');
    one.recorder.break('down');
    await assert.rejects(one.finish(one.server.control.startBlackout({ agent: agent1 }, alice, 'c')), problem('VENDOR_UNAVAILABLE'));
    assert.ok(one.recorder.isMasked('1'));
    one.recorder.break('unconnected');
    await assert.rejects(
      one.server.control.startBlackout({ agent: agent1 }, alice, 'c'),
      problem('VENDOR_UNAVAILABLE', /is still being stopped/),
    );
    assert.deepEqual(
      (await one.blackouts()).map(({ state }) => state),
      ['STOPPING'],
    );
    one.recorder.break(null);
    await one.pass(60_000);
    assert.deepEqual(
      (await one.blackouts()).map(({ state }) => state),
      ['FAILED'],
    );
    assert.equal(one.recorder.isMasked('1'), false);
  });

  it('that lies ahead waits until one in doubt is undone', async () => {
    const one = await harness();
    await one.server.show();
    one.recorder.faults.push('deaf');
    one.recorder.break('down');
    await assert.rejects(one.finish(one.server.control.startBlackout({ agent: agent1 }, alice, 'c')), problem('VENDOR_UNAVAILABLE'));
    const later = { agent: agent1, offset: 20_000 };
    await assert.rejects(one.server.control.startBlackout(later, alice, 'c'), problem('ALREADY_BLACKED_OUT', /in state STOPPING/));
    one.recorder.break(null);
    await one.pass(60_000);
    assert.equal(one.recorder.isMasked('1'), false);
    await one.server.control.startBlackout(later, alice, 'c');
    assert.equal(one.recorder.isMasked('1'), false);
    await one.pass(21_000);
    assert.ok(one.recorder.isMasked('1'));
  });

  it('whose server died with it on its way, and which the vendor then refuses, is undone', async () => {
    const one = await harness();
    await one.server.show();
    one.recorder.faults.push('deaf');
    void one.server.control.startBlackout({ agent: agent1 }, alice, 'c').catch(() => undefined);
    while (!one.recorder.isMasked('1')) await one.pass(10);
    one.server.kill();
    one.recorder.faults.push('refused');
    await one.boot();
    await one.pass(60_000);
    assert.equal((await only(one)).state, 'FAILED');
    assert.equal(one.recorder.isMasked('1'), false);
  });

  it('that cannot have reached the vendor is FAILED at once', async () => {
    const one = await harness();
    await one.server.show();
    one.recorder.break('unconnected');
    await assert.rejects(one.server.control.startBlackout({ agent: agent1 }, alice, 'c'), problem('VENDOR_UNAVAILABLE'));
    assert.equal((await only(one)).state, 'FAILED');
  });

  for (const fault of ['down', 'refused', 'lost'] as const) {
    it(`whose stop is ${fault} is STOPPING, warns, and is tried until it lands`, async () => {
      const one = await harness();
      const { server, recorder, finish, pass } = one;
      await server.control.startBlackout({ agent: agent1 }, alice, 'c');
      recorder.break(fault);
      const { blackout, command } = await finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
      assert.equal(blackout.state, 'STOPPING');
      assert.equal(command.status, 'PENDING');
      assert.ok(warnings(one).includes('STOP_FAILING'));
      await pass(20_000);
      const tries = recorder.sent('STOP_BLACKOUT');
      assert.ok(tries >= 2, `tried ${tries} times`);
      recorder.break(null);
      await pass(90_000);
      const row = await only(one);
      assert.deepEqual([row.state, row.endedBy], ['ENDED', 'OPERATOR']);
      assert.equal(recorder.isMasked('1'), false);
      assert.equal((await one.commands()).find(({ id }) => id === command.id)!.status, 'ACCEPTED');
      assert.equal(warnings(one).filter((warning) => warning === 'STOP_FAILING').length, 1);
    });
  }

  it('whose vendor shows it is CONFIRMED, and one that another actor stops or starts is taken in', async () => {
    const one = await harness({ confirmable: true });
    const { server, clock, pass } = one;
    const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    const show = (active: boolean) =>
      server.observe.observe('hq', {
        observations: [{ type: 'blackout', agent: '1', active, at: instant(clock.now()) }],
        asOfMs: clock.now(),
      });
    await clock.advance(500);
    await show(true);
    assert.equal((await only(one)).confirmation, 'CONFIRMED');
    await clock.advance(500);
    await show(false);
    const ended = await only(one);
    assert.deepEqual([ended.id, ended.state, ended.endedBy], [blackout.id, 'ENDED', 'VENDOR']);
    assert.equal(ended.endedAt, instant(clock.now()));
    assert.equal(one.recorder.sent('STOP_BLACKOUT'), 0);

    await clock.advance(500);
    await show(true);
    const [theirs] = await one.blackouts();
    assert.deepEqual([theirs!.state, theirs!.confirmation, theirs!.requestedBy], ['ACTIVE', 'CONFIRMED', 'vendor']);
    await pass(60_000);
    assert.equal((await one.blackouts())[0]!.endedBy, 'DEADLINE');
    assert.equal(one.recorder.sent('STOP_BLACKOUT'), 1);
  });

  it('that could be confirmed and is not warns', async () => {
    const one = await harness({ confirmable: true });
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(2_999);
    assert.deepEqual(warnings(one), []);
    await one.pass(1);
    assert.deepEqual(warnings(one), ['UNCONFIRMED']);
  });

  it('is acted on by one of several servers', async () => {
    const one = await harness();
    await one.boot();
    await one.boot();
    await one.server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
    await one.pass(20_000);
    await one.pass(20_000);
    assert.equal((await only(one)).state, 'ENDED');
    assert.equal(one.recorder.sent('STOP_BLACKOUT'), 1);
    assert.deepEqual(warnings(one), ['DEADLINE_NEAR']);
  });

  it('is answered once its lease is given back, or cannot be', async () => {
    const one = await harness();
    one.server.kill();
    const steps: string[] = [];
    const server = await one.boot({
      over: (store) => ({
        ...store,
        leases: {
          ...store.leases,
          release: async () => {
            steps.push('release');
            throw new Error('the store is gone');
          },
        },
      }),
    });
    const { blackout } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    steps.push('answer');
    assert.equal(blackout.state, 'ACTIVE');
    assert.deepEqual(steps, ['release', 'answer'], 'should the server die now, another one can act at once');
  });

  it('started twice at once on two servers is one', async () => {
    const one = await harness();
    const other = await one.boot();
    const outcomes = await one.finish(
      Promise.allSettled([
        one.server.control.startBlackout({ agent: agent1 }, alice, 'c'),
        other.control.startBlackout({ agent: agent1 }, bob, 'c'),
      ]),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(one.recorder.sent('START_BLACKOUT'), 1);
    await only(one);
  });
});

describe('an emulated blackout', () => {
  const recording = async (options: DomainHarnessOptions = {}) => {
    const one = await harness({ support: 'EMULATED', reads: false, ...options });
    one.recorder.call('1', 'call-1');
    one.recorder.record('1');
    await one.server.show();
    return one;
  };

  it('stops the recording, is CONFIRMED by events, and goes on in the same file', async () => {
    const one = await recording();
    const { server, recorder, clock } = one;
    const { blackout, command } = await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([blackout.state, blackout.confirmation, command.status], ['ACTIVE', 'ACCEPTED', 'ACCEPTED']);
    assert.equal(recorder.isRecording('1'), false);
    await clock.advance(100);
    await server.show();
    const row = await only(one);
    assert.equal(row.confirmation, 'CONFIRMED');
    assert.deepEqual(row.interrupted, [{ recording: 'rec-1', fileName: 'Y:/1/rec-1.V3' }]);
    assert.equal((await one.commands())[0]!.status, 'CONFIRMED');
    await clock.advance(5_000);
    const stopped = await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([stopped.blackout.state, stopped.command.status], ['STOPPING', 'ACCEPTED']);
    const [, append] = recorder.received;
    assert.deepEqual([append!.operation, append!.command.mode, append!.command.fileName], ['START_RECORDING', 'APPEND', 'Y:/1/rec-1.V3']);
    await clock.advance(100);
    await server.show();
    const ended = await only(one);
    assert.deepEqual([ended.state, ended.endedBy], ['ENDED', 'OPERATOR']);
    assert.equal((await one.commands())[0]!.status, 'CONFIRMED');
    assert.equal(recorder.tapes.length, 1);
    assert.equal(recorder.tapes[0]!.segments.length, 2);
    assert.deepEqual(warnings(one), []);
  });

  it('of an agent that is not recorded is in force at once, and there is nothing to go on with', async () => {
    const one = await harness({ support: 'EMULATED', reads: false });
    await one.server.show();
    const { blackout } = await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual([blackout.state, blackout.confirmation], ['ACTIVE', 'CONFIRMED']);
    const stopped = await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(stopped.blackout.state, 'ENDED');
    assert.equal(one.recorder.received.length, 0);
  });

  it('silences at once what the platform starts, and shows for how long it ran', async () => {
    const one = await recording();
    const { server, recorder, clock, pass } = one;
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await server.show();
    recorder.hangUp('1');
    recorder.recordAutomatically(true);
    await clock.advance(1_000);
    recorder.call('1', 'call-2');
    const beganMs = clock.now();
    await clock.advance(250);
    await server.show();
    assert.notEqual((await only(one)).confirmation, 'CONFIRMED');
    await pass(0);
    assert.equal(recorder.isRecording('1'), false);
    await clock.advance(50);
    await server.show();
    const row = await only(one);
    assert.equal(row.confirmation, 'CONFIRMED');
    assert.deepEqual(row.exposures, [{ recording: 'rec-2', startsAt: instant(beganMs), endsAt: instant(clock.now()) }]);
    assert.equal(recorder.sent('STOP_RECORDING'), 2);
    const own = (await one.commands()).find(({ operation }) => operation === 'STOP_RECORDING')!;
    assert.deepEqual([own.requestedBy, own.blackout, own.status], ['tapegraph', row.id, 'CONFIRMED']);
    await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(recorder.received.at(-1)!.command.fileName, 'Y:/1/rec-2.V3');
  });

  it('does not ring the phone of an agent whose call has ended', async () => {
    const one = await recording();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.server.show();
    one.recorder.hangUp('1');
    await one.server.show();
    const { blackout } = await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(blackout.state, 'ENDED');
    assert.equal(one.recorder.sent('START_RECORDING'), 0);
  });

  it('that lies ahead is sent when its time comes, and cancelled without a word to the vendor', async () => {
    const one = await recording();
    await one.server.control.startBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    assert.equal(one.recorder.received.length, 0);
    await one.pass(10_000);
    await one.server.show();
    assert.equal((await only(one)).state, 'ACTIVE');
    assert.equal(one.recorder.isRecording('1'), false);
    await one.server.control.stopBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    await one.pass(10_000);
    assert.ok(one.recorder.isRecording('1'));
    await one.server.show();
    assert.deepEqual([(await only(one)).state, (await only(one)).endedBy], ['ENDED', 'SCHEDULE']);

    await one.server.control.startBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    const { blackout } = await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.equal(blackout.state, 'ENDED');
    await one.pass(15_000);
    assert.equal(one.recorder.sent('STOP_RECORDING'), 1);
  });

  it('whose start failed by an event is stopped again at once', async () => {
    const one = await recording();
    one.recorder.faults.push('lost');
    const starting = one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.finish(starting);
    assert.equal(one.recorder.isRecording('1'), false, 'the second try landed');
    one.recorder.record('1');
    await one.server.show();
    await one.server.observe.observe('hq', {
      observations: [
        { type: 'commandFailed', agent: '1', operations: ['STOP_RECORDING'], recording: null, message: 'busy', vendorCode: '1' },
      ],
      asOfMs: one.clock.now(),
    });
    await one.pass(0);
    assert.equal(one.recorder.isRecording('1'), false);
  });

  it('whose recording is not seen again is started again, with a warning', async () => {
    const one = await recording();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.server.show();
    await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    one.recorder.tapes[0]!.running = false;
    await one.server.show();
    assert.equal((await only(one)).state, 'STOPPING');
    await one.pass(3_000);
    assert.deepEqual(warnings(one), ['STOP_FAILING']);
    await one.server.show();
    assert.equal((await only(one)).state, 'ENDED');
    assert.ok(one.recorder.isRecording('1'));
  });

  it('masks the screen too', async () => {
    const one = await recording();
    one.recorder.record('1', 'SCREEN');
    await one.server.show();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual(
      one.recorder.tapes.map(({ running }) => running),
      [false, false],
    );
    await one.server.show();
    await one.server.control.stopBlackout({ agent: agent1 }, alice, 'c');
    assert.deepEqual(
      one.recorder.tapes.map(({ running }) => running),
      [true, true],
    );
  });

  for (const [fault, code] of [
    ['refused', 'VENDOR_REJECTED'],
    ['unconnected', 'VENDOR_UNAVAILABLE'],
  ] as const) {
    it(`of which half is masked and half ${fault} is reported as not in force, and what was stopped goes on`, async () => {
      const one = await recording();
      one.recorder.record('1', 'SCREEN');
      await one.server.show();
      one.recorder.failNext('STOP_SCREEN_RECORDING', fault, fault);
      await assert.rejects(
        one.server.control.startBlackout({ agent: agent1 }, alice, 'c'),
        problem(code, /not in force.*is being stopped/),
      );
      await one.pass(0);
      await one.server.show();
      assert.deepEqual(
        one.recorder.tapes.map(({ running }) => running),
        [true, true],
      );
      assert.deepEqual([(await only(one)).state, one.recorder.tapes.length], ['FAILED', 2]);
    });
  }

  it('that lies ahead and of which half is masked and half refused is undone', async () => {
    const one = await recording();
    one.recorder.record('1', 'SCREEN');
    await one.server.show();
    await one.server.control.startBlackout({ agent: agent1, offset: 10_000 }, alice, 'c');
    one.recorder.failNext('STOP_SCREEN_RECORDING', 'refused');
    await one.pass(10_000);
    await one.server.show();
    assert.deepEqual(
      one.recorder.tapes.map(({ running }) => running),
      [true, true],
    );
    assert.equal((await only(one)).state, 'FAILED');
    assert.equal((await one.commands()).find(({ operation }) => operation === 'START_BLACKOUT')!.status, 'FAILED');
  });

  it('keeps an exposure that came and went while the server looked at the row', async () => {
    const one = await recording();
    one.server.kill();
    let looks = Number.NEGATIVE_INFINITY;
    const server = await one.boot({
      over: (store) => ({
        ...store,
        blackouts: {
          ...store.blackouts,
          byIds: async (ids) => {
            const rows = await store.blackouts.byIds(ids);
            looks += 1;
            // The first look is before the lock, the second leads to the warning, the third to the act.
            if (looks === 3) {
              one.recorder.record('1');
              await server.show();
              one.jump(300);
              one.recorder.hangUp('1');
              await server.show();
            }
            return rows;
          },
        },
      }),
    });
    await server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.pass(2_999);
    await server.observe.observe('hq', {
      observations: one.recorder.agentSnapshots().flatMap(({ observations }) => observations),
      asOfMs: one.clock.now() - 3_000,
    });
    looks = 0;
    await one.pass(2);
    assert.ok(looks >= 3);
    assert.deepEqual(
      (await only(one)).exposures.map(({ recording, endsAt }) => [recording, endsAt !== null]),
      [
        // Nobody reported that it had stopped before the server looked.
        ['rec-1', true],
        ['rec-2', true],
      ],
    );
  });

  it('keeps a recording from being started by hand', async () => {
    const one = await recording();
    await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
    await one.server.show();
    await assert.rejects(
      one.server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c'),
      problem('CONFLICT', /has blackout .*; stop the blackout first/),
    );
  });
});
