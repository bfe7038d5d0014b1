/** How many round trips to a database the caller of a blackout waits for: over a link of half a second, two of them are a second. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openCountedProxy } from '../../support/counted-proxy.ts';
import { createTestDatabase } from '../../support/services.ts';
import { agent1, alice, createDomainHarness } from '../support/domain-harness.ts';

const ids = ['1', '2', '3', '4', '5'];

const prepare = async (t: TestContext, support: 'NATIVE' | 'EMULATED') => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const proxy = await openCountedProxy(t, database.url);
  const received: number[] = [];
  const harness = await createDomainHarness({ support, storeUrl: proxy.url, onReceived: () => received.push(proxy.roundTrips()) });
  t.after(harness.close);
  const { recorder, server, clock } = harness;
  for (const id of ids) {
    recorder.addAgent(id);
    recorder.call(id, `call-${id}`);
    recorder.record(id);
  }
  await server.show();
  /** Round trips until the last of the commands has reached the vendor, and until the last of them is answered. */
  const measure = async (operation: 'startBlackout' | 'stopBlackout', agents: readonly string[]) => {
    received.length = 0;
    const before = proxy.roundTrips();
    const answers = agents.map((value) =>
      server.control[operation]({ agent: { ...agent1, value }, idempotencyKey: `${operation} ${value}` }, alice, 'c'),
    );
    await Promise.all(answers);
    const counted = { sent: Math.max(...received) - before, answered: proxy.roundTrips() - before };
    t.diagnostic(`${operation} for ${agents.length}: ${JSON.stringify(counted)}`);
    await server.show();
    return counted;
  };
  const measureDeadline = async (value: string) => {
    await server.control.startBlackout({ agent: { ...agent1, value }, maxDuration: 20_000 }, alice, 'c');
    await clock.advance(19_000);
    await server.control.idle();
    received.length = 0;
    const before = proxy.roundTrips();
    await clock.advance(1_000);
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const sent = received[0]! - before;
    t.diagnostic(`a deadline: ${sent}`);
    await server.control.idle();
    return sent;
  };
  return {
    measureDeadline,
    start: (...agents: string[]) => measure('startBlackout', agents),
    stop: (...agents: string[]) => measure('stopBlackout', agents),
  };
};

const assertAtMost = (counted: { sent: number; answered: number }, sent: number, answered: number): void =>
  assert.ok(counted.sent <= sent && counted.answered <= answered, `${JSON.stringify(counted)}, at most ${sent} and ${answered}`);

test('a native blackout takes few round trips, and several side by side hardly more', async (t) => {
  const { start, stop, measureDeadline } = await prepare(t, 'NATIVE');
  assertAtMost(await start('1'), 8, 22);
  assertAtMost(await stop('1'), 11, 25);
  const deadline = await measureDeadline('1');
  assert.ok(deadline <= 13, `the stop that is due was sent after ${deadline}`);
  assertAtMost(await start('2', '3', '4', '5'), 16, 38);
  assertAtMost(await stop('2', '3', '4', '5'), 20, 42);
});

test('an emulated blackout takes few round trips, and several of one source are not served one after another', async (t) => {
  const { start, stop } = await prepare(t, 'EMULATED');
  assertAtMost(await start('1'), 8, 27);
  assertAtMost(await stop('1'), 13, 32);
  assertAtMost(await start('2', '3', '4', '5'), 14, 42);
  assertAtMost(await stop('2', '3', '4', '5'), 22, 46);
});
