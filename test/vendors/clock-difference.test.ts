/** How far a vendor's clock is off is measured, and all its times are corrected by that. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockProblem, createVendorClock, epochMsByMagnitude } from '../../src/vendors/kit/clock-difference.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { arrange, blankAgent, never } from './huawei/gateway.ts';

const hour = 3_600_000;
/** By how much the vendor's clock is ahead. */
const aheads = [-10_000, 10_000, hour, -hour, 8 * hour, 0];

describe('the difference', () => {
  for (const ahead of aheads) {
    test(`of a clock that is ${ahead} ms ahead is measured by events to a moment, and by Date to a second or so`, async () => {
      const clock = createManualClock();
      const byEvents = createVendorClock(clock);
      const byDates = createVendorClock(clock);
      for (let turn = 0; turn < 8; turn += 1) {
        const takenMs = 20 + turn * 3;
        byEvents.noteEvent(clock.now() + ahead - takenMs, clock.now());
        byDates.noteDate(new Date(clock.now() + ahead).toUTCString());
        await clock.advance(1_300);
      }
      assert.ok(Math.abs(byEvents.differenceMs()! + ahead) <= 50, String(byEvents.differenceMs()));
      assert.ok(Math.abs(byDates.differenceMs()! + ahead) <= 1_000, String(byDates.differenceMs()));
      assert.ok(Math.abs(byEvents.toOurs(clock.now() + ahead) - clock.now()) <= 50);
      assert.ok(Math.abs(byEvents.toVendors(clock.now()) - clock.now() - ahead) <= 50);
      assert.equal(clockProblem('hq', byEvents.differenceMs()) !== null, ahead !== 0);
    });
  }

  for (const aheadMs of aheads) {
    test(`of a clock that is ${aheadMs} ms ahead is not measured by an event that waited, unless a later one says the same`, async () => {
      const clock = createManualClock();
      const vendor = createVendorClock(clock);
      for (let turn = 0; turn < 10; turn += 1) {
        vendor.noteDate(new Date(clock.now() + aheadMs).toUTCString());
        await clock.advance(1_037);
      }
      const byDatesMs = vendor.differenceMs();
      const note = (waitedMs: number) => vendor.noteEvent(clock.now() + aheadMs - waitedMs, clock.now(), true);
      for (const waitedMs of [60_000, 30_000, 10_400, 2_500]) {
        note(waitedMs);
        assert.equal(vendor.differenceMs(), byDatesMs);
        await clock.advance(1_000);
      }
      note(20_000);
      await clock.advance(2_000);
      note(20_100);
      assert.equal(vendor.differenceMs(), 20_100 - aheadMs);
      note(20);
      assert.ok(Math.abs(vendor.differenceMs()! + aheadMs) <= 50);
    });
  }

  test('is not measured by events of one moment that are delivered one by one', async () => {
    const clock = createManualClock();
    const vendor = createVendorClock(clock);
    const cameMs = clock.now();
    await clock.advance(700);
    for (let turn = 0; turn < 20; turn += 1) {
      vendor.noteEvent(cameMs, clock.now(), true);
      await clock.advance(300);
    }
    assert.equal(vendor.differenceMs(), null);
  });

  test('follows a clock that is set', async () => {
    const clock = createManualClock();
    const vendor = createVendorClock(clock);
    for (const ahead of [10_000, 10_000, 0, 0, 0, 0, 0]) {
      vendor.noteEvent(clock.now() + ahead, clock.now());
      await clock.advance(1_000);
    }
    assert.equal(vendor.differenceMs(), 0);
  });

  test('stays as it is within what a measurement errs, so that times that are reported again do not move', async () => {
    const clock = createManualClock();
    const byEvents = createVendorClock(clock);
    const byDates = createVendorClock(clock);
    const reported: (number | null)[][] = [];
    for (let turn = 0; turn < 400; turn += 1) {
      byEvents.noteEvent(clock.now() + 10_000 - ((turn * 37) % 90), clock.now());
      byDates.noteDate(new Date(clock.now() + 10_000).toUTCString());
      reported.push([byEvents.differenceMs(), byDates.differenceMs()]);
      await clock.advance(1_037);
    }
    assert.equal(new Set(reported.map(([first]) => first)).size, 1);
    assert.equal(new Set(reported.map(([, second]) => second)).size, 1);
    assert.ok(Math.abs(reported[0]![0]! + 10_000) <= byEvents.errorMs());
    assert.ok(Math.abs(reported[0]![1]! + 10_000) <= byDates.errorMs());
  });

  test('is kept while nothing measures it', async () => {
    const clock = createManualClock();
    const vendor = createVendorClock(clock);
    vendor.noteEvent(clock.now() + 10_000, clock.now());
    await clock.advance(hour);
    assert.equal(vendor.differenceMs(), -10_000);
  });

  test('that is days is reported, and nothing is corrected by it', () => {
    const clock = createManualClock();
    const vendor = createVendorClock(clock);
    vendor.noteEvent(clock.now() + 48 * hour, clock.now());
    assert.equal(vendor.toOurs(5), 5);
    assert.match(clockProblem('hq', vendor.differenceMs())!, /too far to be corrected/);
  });

  test('seconds are distinguished from milliseconds by magnitude', () => {
    assert.equal(epochMsByMagnitude(1_669_951_418), 1_669_951_418_000);
    assert.equal(epochMsByMagnitude(1_669_951_418_123), 1_669_951_418_123);
  });
});

for (const ahead of aheads) {
  test(`Huawei: a gateway whose clock is ${ahead} ms ahead tells times that are ours`, async (context) => {
    const { simulator, source, clock, pass, context: server } = await arrange(context, { gatewayAheadMs: ahead });
    await pass(15_000, 1_000);
    const { callId } = simulator.contactCenter.ring('291');
    await pass(300);
    simulator.contactCenter.talk('291', callId);
    const startedMs = clock.now();
    await pass(5_000, 500);
    simulator.contactCenter.release('291', callId);
    const endedMs = clock.now();
    await pass(3_000, 500);
    const recordings = server.observations().flatMap((one) => (one.type === 'recording' ? [one.recording] : []));
    const last = recordings.findLast(({ endedAt }) => endedAt != null)!;
    assert.ok(Math.abs(Date.parse(last.startedAt!) - startedMs) <= 300, `started ${last.startedAt}`);
    assert.ok(Math.abs(Date.parse(last.endedAt!) - endedMs) <= 300, `ended ${last.endedAt}`);
    const { clockDifferenceMs, status } = source.health();
    assert.ok(Math.abs((clockDifferenceMs ?? 0) + ahead) <= 300, String(clockDifferenceMs));
    assert.equal(status, Math.abs(ahead) > 5_000 ? 'DEGRADED' : 'UP');
  });
}

for (const ahead of aheads) {
  test(`Huawei: a gateway whose clock is ${ahead} ms ahead tells true times of what waited while nobody listened`, async (context) => {
    const {
      simulator,
      source,
      clock,
      watch,
      pass,
      during,
      context: server,
    } = await arrange(context, { gatewayAheadMs: ahead, watch: false });
    await during(source.control!.SIGN_IN_AGENT!({ operation: 'SIGN_IN_AGENT', agent: blankAgent('291') }, never));
    const { callId } = simulator.contactCenter.ring('291');
    await clock.advance(300);
    simulator.contactCenter.talk('291', callId);
    const startedMs = clock.now();
    await clock.advance(5_000);
    simulator.contactCenter.release('291', callId);
    const endedMs = clock.now();
    await clock.advance(10_400);
    watch();
    await pass(5_000);
    const recordings = server.observations().flatMap((one) => (one.type === 'recording' ? [one.recording] : []));
    const last = recordings.findLast(({ endedAt }) => endedAt != null)!;
    // By Date alone: to a second or so.
    assert.ok(Math.abs(Date.parse(last.startedAt!) - startedMs) <= 2_000, `started ${last.startedAt}`);
    assert.ok(Math.abs(Date.parse(last.endedAt!) - endedMs) <= 2_000, `ended ${last.endedAt}`);
  });
}
