/** Vendors whose clock is an hour or a day from ours. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { parseDuration } from '../../src/lib/duration.ts';
import { startPair } from '../support/tapegraph.ts';
import { codeOf, expectOneOf } from './fault-run.ts';
import { clocksApart } from './outcomes.ts';
import { prepare, startVendor, type VendorUnderTest, vendorTypes } from './vendors-under-test.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const skews = [
  ['an hour ahead', hourMs],
  ['an hour behind', -hourMs],
  ['a day ahead', dayMs],
  ['a day behind', -dayMs],
] as const;

/** In one order, since operations of one agent build upon one another. */
const codesOf = async ({ operations }: VendorUnderTest, except: (kind: string) => boolean): Promise<Record<string, string>> => {
  const codes: Record<string, string> = {};
  for (const operation of operations) if (!except(operation.kind)) codes[operation.name] = await codeOf(operation);
  return codes;
};

for (const type of vendorTypes) {
  describe(type, () => {
    for (const [what, aheadMs] of skews) {
      test(`answers as ever with its clock ${what}, or says that the clocks differ`, async (t) => {
        const punctual = await startVendor(type);
        const skewed = await startVendor(type, { aheadMs });
        t.after(punctual.close);
        t.after(skewed.close);
        for (const vendor of [punctual, skewed]) await prepare(vendor);
        const costs = clocksApart[type] ?? {};
        const isCost = (kind: string) => Object.hasOwn(costs, kind);
        assert.deepEqual(await codesOf(skewed, isCost), await codesOf(punctual, isCost));
        for (const operation of skewed.operations) {
          const allowed = costs[operation.kind];
          if (allowed) await expectOneOf(allowed, `${type} ${operation.name}, its clock ${what}`, operation);
        }
        const { status, lastError } = skewed.source.health();
        const reported =
          /^UP null$|^DEGRADED .*(correct the clock of this machine|the vendor's clock is \d+ s (behind|ahead of) this server's)/;
        assert.match(`${status} ${lastError}`, reported);
        // A clock that an answer shows to be an hour off is always reported.
        if (type === 'miralix' && Math.abs(aheadMs) === hourMs) assert.equal(status, 'DEGRADED');
      });
    }
  });
}

const blackout = (operation: 'startBlackout' | 'stopBlackout') => `mutation {
  ${operation}(input: { agent: { key: { source: "hq", identifier: ID, value: "2" } } }) {
    __typename
    ... on BlackoutSuccess { blackout { state startsAt endedAt } }
    ... on Problem { code message }
  }
}`;

const inCall = `{
  agent(ref: { key: { source: "hq", identifier: ID, value: "2" } }) {
    activeCall {
      startedAt
      recordings { kind state startedAt blackouts { startsAt offset blackout { state } } }
    }
  }
  sources { health { status clockDifference } }
}`;
const startLater = `mutation ($at: DateTime!) {
  startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: "1" } }, startAt: $at }) {
    ... on BlackoutSuccess { blackout { state startsAt } }
    ... on Problem { code message }
  }
}`;
/** A Date has whole seconds, and the recorder writes whole seconds too. */
const roughlyMs = 3_000;

for (const aheadMs of [10_000, -10_000, hourMs, -hourMs, 8 * hourMs]) {
  test(`a call, its recording and its blackouts have our times while the recorder is ${aheadMs / 1000} s ahead`, async (t) => {
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const { ask, simulator } = await startPair(t, { clock, agents: 2 });
    const isNear = (time: string | number, wantedMs: number, name: string) =>
      assert.ok(Math.abs((typeof time === 'number' ? time : Date.parse(time)) - wantedMs) <= roughlyMs, `${name}: ${time}`);
    simulator.contactCenter.takeCall(simulator.agent(2));
    const from = Date.now();
    await ask(blackout('startBlackout'));
    assert.equal(simulator.isMasked(2), true);
    const { agent, sources } = (await ask(inCall)).data;
    isNear(agent.activeCall.startedAt, from, 'the call');
    const recording = agent.activeCall.recordings.find(({ kind }: { kind: string }) => kind === 'AUDIO');
    assert.equal(recording.state, 'RECORDING');
    isNear(recording.startedAt, from, 'the recording');
    const [interval, ...more] = recording.blackouts;
    assert.deepEqual([interval.blackout.state, more], ['ACTIVE', []]);
    isNear(interval.startsAt, from, 'the blackout');
    assert.ok(parseDuration(interval.offset)! >= 0 && parseDuration(interval.offset)! <= roughlyMs, interval.offset);
    const [{ health }] = sources;
    assert.equal(health.status, 'DEGRADED');
    isNear(parseDuration(health.clockDifference)!, -aheadMs, 'the difference');

    const at = new Date(Date.now() + 60_000).toISOString();
    const later = (await ask(startLater, { at })).data.startBlackout;
    assert.deepEqual(later, { blackout: { state: 'SCHEDULED', startsAt: at } });
    const [masked] = simulator.maskedIntervals(1);
    isNear(masked!.fromMs, Date.parse(at) + aheadMs, 'the start that the recorder holds');
  });
}

for (const [what, aheadMs] of skews) {
  test(`a blackout begins and ends by our clock while the recorder’s is ${what}`, async (t) => {
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const { ask, simulator } = await startPair(t, { clock, agents: 2 });
    const from = Date.now();
    const started = (await ask(blackout('startBlackout'))).data.startBlackout;
    assert.equal(started.__typename, 'BlackoutSuccess', JSON.stringify(started));
    const stopped = (await ask(blackout('stopBlackout'))).data.stopBlackout;
    assert.equal(stopped.__typename, 'BlackoutSuccess', JSON.stringify(stopped));
    assert.equal(simulator.callsMade('POST /api/Blackout/StartForAgent'), 1);
    assert.equal(simulator.callsMade('POST /api/Blackout/StopForAgent'), 1);
    for (const time of [
      started.blackout.startsAt,
      stopped.blackout.startsAt,
      ...(stopped.blackout.endedAt ? [stopped.blackout.endedAt] : []),
    ]) {
      const ms = Date.parse(time);
      assert.ok(ms >= from - 1000 && ms <= Date.now() + 1000, `${time} is not of our clock`);
    }
  });

  test(`a wait until a moment of the vendor’s clock is as long as it means, while that is ${what}`, async (t) => {
    const server = createServer((_, response) => {
      const vendorMs = Date.now() + aheadMs;
      response.sendDate = false;
      response.setHeader('date', new Date(vendorMs).toUTCString());
      response.setHeader('retry-after', new Date(vendorMs + 20_000).toUTCString());
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const vendor = await startVendor('uptivity', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    t.after(vendor.close);
    const error = await vendor.operations[0]!.run(new AbortController().signal).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ExpectedError);
    assert.equal(error.retryAfterSeconds, 20);
  });
}
