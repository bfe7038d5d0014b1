/** A vendor that starts anew: what is under way then, what comes while it is away, and that nobody has to help afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, meet } from './meet.ts';
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
  test(`${type} restarts: what is under way is told as lost, and afterwards every operation answers as before`, async (t) => {
    const vendor = await startVendor(type);
    t.after(vendor.close);
    const before = await settledCodesOf(vendor);
    for (let restart = 0; restart < 2; restart += 1) {
      await vendor.door.set('stall');
      const underWay: Promise<void>[] = [];
      // One kind after the other, for a read may send several requests at once.
      for (const kind of ['command', 'media', 'read'] as const) {
        const operations = vendor.operations.filter((operation) => operation.kind === kind);
        const metBefore = vendor.door.met();
        underWay.push(...operations.map((operation) => meet(type, 'a restart while it answers', operation)));
        while (vendor.door.met() < metBefore + operations.length) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await vendor.door.set('refused');
      vendor.forget();
      await Promise.all(underWay);
      await Promise.all(vendor.operations.map((operation) => meet(type, 'refused', operation)));
      await vendor.door.set(null);
      assert.deepEqual(await codesOf(vendor), before);
      assert.equal(vendor.source.health().status, 'UP');
    }
  });

  test(`${type} has forgotten the connections that are kept open: reads do not notice, and a command is told as lost at worst`, async (t) => {
    const vendor = await startVendor(type);
    t.after(vendor.close);
    const before = await settledCodesOf(vendor);
    await Promise.all(vendor.operations.map(codeOf));
    const kept = vendor.door.open();
    assert.ok(kept > 0, 'connections are kept open');
    const metBefore = vendor.door.met();
    vendor.door.stale();
    for (const operation of vendor.operations) {
      await (before[operation.name] === 'OK' ? meet(type, 'stale connections', operation) : codeOf(operation));
    }
    assert.ok(vendor.door.met() > metBefore, 'a stale connection was used');
    for (let left = kept; left > 0 && JSON.stringify(await codesOf(vendor)) !== JSON.stringify(before); left -= 1);
    assert.deepEqual(await codesOf(vendor), before);
  });
}
