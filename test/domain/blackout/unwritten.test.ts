/** A deadline that comes while nothing can be written: the stop is sent first, and written when there is room. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { defaultControlSettings } from '../../../src/domain/control/context.ts';
import { epochMs } from '../../../src/domain/model/instant.ts';
import { agent1, alice, createDomainHarness } from '../support/domain-harness.ts';

const openSite = async (context: TestContext, support: 'NATIVE' | 'EMULATED') => {
  const disk = { isFull: false, failsCommits: false, fillsWhenSent: false };
  const onReceived = () => {
    disk.isFull ||= disk.fillsWhenSent;
  };
  const one = await createDomainHarness({ support, onReceived });
  context.after(() => one.close());
  const refuse = async () => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  };
  one.server.kill();
  const server = await one.boot({
    over: (store) => ({
      ...store,
      transaction: (work) =>
        disk.isFull
          ? refuse()
          : store.transaction(async (operations) => {
              const result = await work(operations);
              return disk.failsCommits ? refuse() : result;
            }),
      leases: { ...store.leases, acquire: (...lease) => (disk.isFull ? refuse() : store.leases.acquire(...lease)) },
    }),
  });
  const { recorder } = one;
  recorder.call('1', 'call-1');
  recorder.record('1');
  await server.show();
  await one.finish(server.control.startBlackout({ agent: agent1, maxDuration: 10_000 }, alice, 'c'));
  await server.show();
  const stops = () => recorder.sent('STOP_BLACKOUT') + recorder.sent('START_RECORDING');
  const row = async () => (await one.blackouts())[0]!;
  return { one, server, recorder, disk, stops, row };
};

const { sweepMs } = defaultControlSettings;

const notWritable = {
  code: 'CONFLICT',
  retryable: true,
  message:
    "The server's database cannot be used now, and it is not known whether the request was carried out. Repeat it, with the same idempotencyKey if it had one, when the server is ready again.",
};

describe('a deadline while the disk is full', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`of an ${support} blackout is sent to the vendor at once, once, and written and reported when there is room`, async (context) => {
      const { one, recorder, disk, stops, row, server } = await openSite(context, support);
      disk.isFull = true;
      await one.pass(10_000);
      assert.equal(stops(), 1);
      assert.equal(recorder.isMasked('1'), false);
      const sentAt = one.clock.now();
      const errors = () => one.log.lines.filter(({ level }) => level === 'error').length;
      await one.pass(30_000);
      assert.equal(stops(), 1, 'the vendor has taken it');
      assert.ok(errors() <= 40, `${errors()} errors in 35 s`);
      assert.equal((await row()).state, 'ACTIVE', 'nothing can be written');
      disk.isFull = false;
      await one.pass(2_000);
      await server.show();
      await one.pass(4_000);
      const ended = await row();
      assert.deepEqual([ended.state, ended.endedBy], ['ENDED', 'DEADLINE']);
      assert.ok(Math.abs(epochMs(ended.endedAt!) - sentAt) <= 1_000, 'ended when the vendor took the stop');
      assert.equal(stops(), 1);
      const reported = (await one.store.audit.rows(0, 100)).filter(({ action }) => action === 'blackout.stop.sent-unwritten');
      assert.equal(reported.length, 1);
      assert.equal(epochMs((reported[0]!.subject as { sentAt: string }).sentAt), epochMs(ended.endedAt!));
      await one.pass(sweepMs);
      assert.deepEqual([...server.held.retries.keys(), ...server.held.unwrittenStops.keys()], [], 'nothing is held of what is over');
    });
  }

  it('is tried again where the vendor refuses, and a start is not refused for a blackout that the vendor has ended', async (context) => {
    const { one, recorder, disk, stops, server } = await openSite(context, 'NATIVE');
    disk.isFull = true;
    recorder.failNext('STOP_BLACKOUT', 'refused', 'down');
    await one.pass(14_000);
    assert.equal(stops(), 3);
    assert.equal(recorder.isMasked('1'), false);
    disk.isFull = false;
    await one.finish(server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c'), 10);
    assert.equal(recorder.isMasked('1'), true);
  });

  it('stays sent where a start over it cannot be committed', async (context) => {
    const { one, recorder, disk, stops, row, server } = await openSite(context, 'NATIVE');
    disk.isFull = true;
    await one.pass(10_000);
    assert.equal(stops(), 1);
    disk.isFull = false;
    disk.failsCommits = true;
    await assert.rejects(one.finish(server.control.startBlackout({ agent: agent1 }, alice, 'c')), notWritable);
    disk.failsCommits = false;
    await one.pass(5_000);
    await server.show();
    const { state, endedBy } = await row();
    assert.deepEqual([state, endedBy, stops(), recorder.isMasked('1')], ['ENDED', 'DEADLINE', 1, false]);
  });

  it('starts no recording of an agent whose call is over by now', async (context) => {
    const { one, recorder, disk } = await openSite(context, 'EMULATED');
    disk.isFull = true;
    recorder.hangUp('1');
    await one.pass(12_000);
    assert.equal(recorder.sent('START_RECORDING'), 0);
  });
});

describe('an operator’s stop while the disk is full', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`of an ${support} blackout is sent to the vendor at once, once, and written as the operator’s when there is room`, async (context) => {
      const { one, recorder, disk, stops, row, server } = await openSite(context, support);
      disk.isFull = true;
      const stop = () => one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
      await assert.rejects(stop, { code: 'CONFLICT', retryable: true, message: /has taken the stop/ });
      const sentAt = one.clock.now();
      assert.equal(recorder.isMasked('1'), false);
      await assert.rejects(stop, { code: 'CONFLICT' });
      await one.pass(3_000);
      assert.equal(stops(), 1, 'the vendor has taken it');
      assert.equal((await row()).state, 'ACTIVE', 'nothing can be written');
      disk.isFull = false;
      await one.pass(2_000);
      await server.show();
      await one.pass(4_000);
      const ended = await row();
      assert.deepEqual([ended.state, ended.endedBy], ['ENDED', 'OPERATOR']);
      assert.ok(Math.abs(epochMs(ended.endedAt!) - sentAt) <= 1_000, 'ended when the vendor took the stop');
      assert.equal(stops(), 1);
      const reported = (await one.store.audit.rows(0, 100)).filter(({ action }) => action === 'blackout.stop.sent-unwritten');
      assert.deepEqual(
        reported.map(({ actor }) => actor),
        [alice.name],
      );
    });
  }

  it('is reported as a failure where the vendor refuses, and as no blackout where there is none', async (context) => {
    const { one, recorder, disk, stops, server } = await openSite(context, 'NATIVE');
    disk.isFull = true;
    recorder.failNext('STOP_BLACKOUT', 'refused');
    const stop = () => one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
    await assert.rejects(stop, notWritable);
    assert.equal(recorder.isMasked('1'), true);
    await assert.rejects(stop, { code: 'CONFLICT' });
    assert.equal(stops(), 2);
  });
});

describe('a start whose outcome cannot be written down', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`of an ${support} blackout is not reported as not done, and is in force once there is room`, async (context) => {
      const { one, recorder, disk, row, server } = await openSite(context, support);
      await one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
      await server.show();
      assert.equal((await row()).state, 'ENDED');
      disk.fillsWhenSent = true;
      const start = () => one.finish(server.control.startBlackout({ agent: agent1, idempotencyKey: 'key' }, alice, 'c'), 10);
      await assert.rejects(start, notWritable);
      assert.equal(recorder.isMasked('1'), true, 'the vendor has taken it');
      Object.assign(disk, { isFull: false, fillsWhenSent: false });
      await one.pass(5_000);
      await server.show();
      const { blackout } = await start();
      assert.deepEqual([blackout.state, recorder.isMasked('1')], ['ACTIVE', true]);
    });
  }
});
