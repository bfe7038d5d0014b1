/** Every fault of a connection against the observer of every vendor: it goes on, says that it cannot see, and sees again without help. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { type Fault, faults } from '../../src/vendors/kit/testing/fault-server.ts';
import { timeoutSecondsOf } from './fault-run.ts';
import { startVendor, type VendorUnderTest, vendorTypes } from './vendors-under-test.ts';

const mostMs = 60_000;

const until = async (what: string, holds: () => boolean): Promise<void> => {
  const startedAt = performance.now();
  while (!holds()) {
    assert.ok(performance.now() - startedAt < mostMs, `${what}, but not within ${mostMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Returns true where a request that was sent after `sinceMs` proved contact with the source. */
const hasContactSince = ({ context }: VendorUnderTest, sinceMs: number): boolean =>
  context.batches.some(({ contact, asOfMs }) => contact && asOfMs > sinceMs);

/** Where a vendor's document gives an answer this meaning: Uptivity's tracker, while it holds nobody, is not found. */
const isAnswer = (type: string, fault: Fault): boolean => type === 'uptivity' && fault === 'status 404';

const observeThrough = async (fault: Fault, vendor: VendorUnderTest): Promise<void> => {
  const { source, transport, context } = vendor;
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  let over = false;
  void running.finally(() => {
    over = true;
  });
  try {
    await until(`${fault}: it was in contact`, () => hasContactSince(vendor, 0));
    await transport.set(fault);
    if (isAnswer(source.vendorType, fault)) await until(`${fault}: is believed`, () => context.batches.at(-1)?.observations.length === 0);
    else await until(`${fault}: shows in the health`, () => source.health().status !== 'UP');
    assert.equal(over, false, `${fault}: the observer goes on`);
    await transport.set(null);
    const sinceMs = context.clock.now();
    await until(`${fault}: it was in contact again`, () => hasContactSince(vendor, sinceMs));
    await until(`${fault}: it is well again`, () => source.health().status === 'UP');
  } finally {
    stop.abort();
    await running;
  }
  assert.deepEqual(getEventListeners(stop.signal, 'abort'), [], `${fault} leaves a listener`);
  const bugs = context.logged.filter(({ level }) => level === 'error');
  assert.deepEqual(bugs, [], `${fault} is a bug to the observer`);
};

for (const type of vendorTypes) {
  describe(type, () => {
    test('is observed through every fault', async (t) => {
      await Promise.all(
        faults.map(async (fault) => {
          const vendor = await startVendor(type, { settings: { timeoutSeconds: timeoutSecondsOf(fault) } });
          t.after(vendor.close);
          await observeThrough(fault, vendor);
        }),
      );
    });
  });
}
