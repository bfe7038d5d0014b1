/** A vendor that starts anew: what is under way then, what comes while it is away, and that nobody has to help afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, expectOutcome } from './fault-run.ts';
import { prepare, startVendor, type VendorUnderTest, vendorTypes } from './vendors-under-test.ts';

const codesOf = async ({ operations }: VendorUnderTest): Promise<Record<string, string>> => {
  const codes: Record<string, string> = {};
  for (const operation of operations) codes[operation.name] = await codeOf(operation);
  return codes;
};

/** Once to bring everything about, and once more for what is then answered every time. */
const settledCodesOf = async (vendor: VendorUnderTest): Promise<Record<string, string>> => {
  await prepare(vendor);
  await codesOf(vendor);
  return codesOf(vendor);
};

for (const type of vendorTypes) {
  test(`${type} restarts: what is under way is reported as lost, and afterwards every operation answers as before`, async (t) => {
    const vendor = await startVendor(type);
    t.after(vendor.close);
    const before = await settledCodesOf(vendor);
    for (let restart = 0; restart < 2; restart += 1) {
      await vendor.transport.set('stall');
      const underWay: Promise<void>[] = [];
      // One kind after the other, for a read may send several requests at once.
      for (const kind of ['command', 'media', 'read'] as const) {
        const operations = vendor.operations.filter((operation) => operation.kind === kind);
        const metBefore = vendor.transport.met();
        underWay.push(...operations.map((operation) => expectOutcome(type, 'a restart while it answers', operation)));
        let over = false;
        void Promise.allSettled(underWay).then(() => {
          over = true;
        });
        while (!over && vendor.transport.met() < metBefore + operations.length) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await vendor.transport.set('refused');
      vendor.forget();
      await Promise.all(underWay);
      await Promise.all(vendor.operations.map((operation) => expectOutcome(type, 'refused', operation)));
      await vendor.transport.set(null);
      assert.deepEqual(await codesOf(vendor), before);
      assert.equal(vendor.source.health().status, 'UP');
    }
  });

  test(`${type} has forgotten the connections that are kept open: reads do not notice, and a command is reported as lost at worst`, async (t) => {
    const vendor = await startVendor(type);
    t.after(vendor.close);
    const before = await settledCodesOf(vendor);
    await Promise.all(vendor.operations.map(codeOf));
    const kept = vendor.transport.open();
    assert.ok(kept > 0, 'connections are kept open');
    const metBefore = vendor.transport.met();
    vendor.transport.stale();
    for (const operation of vendor.operations) {
      await (before[operation.name] === 'OK' ? expectOutcome(type, 'stale connections', operation) : codeOf(operation));
    }
    assert.ok(vendor.transport.met() > metBefore, 'a stale connection was used');
    for (let left = kept; left > 0 && JSON.stringify(await codesOf(vendor)) !== JSON.stringify(before); left -= 1);
    assert.deepEqual(await codesOf(vendor), before);
  });
}
