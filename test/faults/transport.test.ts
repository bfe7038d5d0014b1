/** Every fault of a connection against every operation of every vendor, over real sockets. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { breakages, hangs } from '../../src/vendors/kit/testing/fault-server.ts';
import { expectOutcome, well, wellOf } from './fault-run.ts';
import { hastySeconds, patientSeconds, prepare, startVendor, type VendorOperation, vendorTypes } from './vendors-under-test.ts';

type Breakage = (typeof breakages)[number];

const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
const quiet = () => new Promise((resolve) => setTimeout(resolve, 50));

const tlsFile = (name: string) => new URL(`../vendors/huawei/tls/${name}`, import.meta.url);

/** The port of a server with this certificate. */
const serveTls = async (t: TestContext, certificate: string): Promise<number> => {
  const server = createServer({ key: readFileSync(tlsFile('gateway.key')), cert: readFileSync(tlsFile(certificate)) }, (_, response) =>
    response.end('{}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
};

for (const type of vendorTypes) {
  describe(type, () => {
    const meet = async (t: TestContext, some: readonly Breakage[], timeoutSeconds: number): Promise<void> => {
      const before = resources();
      const vendor = await startVendor(type, { settings: { timeoutSeconds } });
      t.after(vendor.close);
      await prepare(vendor);
      for (const operation of vendor.operations) await well(operation);
      for (const fault of some) {
        await vendor.transport.set(fault);
        const meetWith = async (operation: VendorOperation): Promise<void> => {
          const metBefore = vendor.transport.met();
          await expectOutcome(type, fault, operation);
          if (fault !== 'refused') assert.ok(vendor.transport.met() > metBefore, `${fault} is met by ${operation.name}`);
        };
        // Reads that are made at once may share a request; one after another, each of them makes its own.
        if (hangs.includes(fault)) await Promise.all(vendor.operations.map(meetWith));
        else for (const operation of vendor.operations) await meetWith(operation);
        if (vendor.signOut) await expectOutcome(type, fault, vendor.signOut);
        assert.notEqual(vendor.source.health().status, 'UP', `${fault} shows in the health`);
        await vendor.transport.set(null);
        await prepare(vendor);
        const read = vendor.operations.find(({ kind }) => kind === 'read')!;
        assert.equal(await wellOf(read), 'OK', `well after ${fault}`);
      }
      for (const operation of vendor.operations) await well(operation);
      await vendor.close();
      await quiet();
      assert.equal(vendor.transport.open(), 0, 'connections that stay open');
      const after = resources();
      for (const kind of ['TCPSocketWrap', 'TCPServerWrap', 'Timeout', 'TLSWrap']) {
        assert.ok((after[kind] ?? 0) <= (before[kind] ?? 0) + 1, `${kind}: ${before[kind] ?? 0} before, ${after[kind]} after`);
      }
    };

    test('meets every fault, says what it is, and is well again without help', (t) =>
      meet(
        t,
        breakages.filter((fault) => !hangs.includes(fault)),
        patientSeconds,
      ));

    test('gives up within its deadline where the vendor hangs, says so, and is well again without help', (t) =>
      meet(
        t,
        breakages.filter((fault) => hangs.includes(fault)),
        hastySeconds,
      ));

    test('tells of certificates that are not to be trusted, of a port without TLS and of a host that does not exist', async (t) => {
      const gateway = await serveTls(t, 'gateway.pem');
      const expired = await serveTls(t, 'expired.pem');
      const plain = await startVendor(type);
      t.after(plain.close);
      // Operations that need a session find that of the source that could sign in.
      await prepare(plain);
      const { context } = plain;
      const hosts = type === 'tencent' ? { mediaHosts: ['127.0.0.1', 'recorder.invalid'] } : {};
      const cases: (readonly [Parameters<typeof expectOutcome>[1], string, object])[] = [
        ['unknown certificate', `https://127.0.0.1:${gateway}`, hosts],
        ['no TLS', plain.transport.url.replace('http:', 'https:'), hosts],
        ['unknown host', 'http://recorder.invalid', hosts],
      ];
      // Tencent's own host has a certificate of a public CA, and no other can be named.
      if (type !== 'tencent') {
        cases.push(['expired certificate', `https://127.0.0.1:${expired}`, { caFile: fileURLToPath(tlsFile('expired.pem')) }]);
        cases.push(['certificate of another host', `https://localhost:${gateway}`, { caFile: fileURLToPath(tlsFile('ca.pem')) }]);
      }
      for (const [fault, url, settings] of cases) {
        const vendor = await startVendor(type, { settings: { ...settings }, url, context });
        t.after(vendor.close);
        assert.ok(vendor.operations.some(({ kind }) => kind === 'read') && vendor.operations.some(({ kind }) => kind !== 'read'));
        for (const operation of vendor.operations) await expectOutcome(type, fault, operation);
      }
    });
  });
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

for (const type of vendorTypes) {
  test(`two hundred faults of ${type} leave no memory behind`, async (t) => {
    const vendor = await startVendor(type);
    t.after(vendor.close);
    await prepare(vendor);
    const read = vendor.operations.find(({ kind }) => kind === 'read')!;
    const strike = async (times: number) => {
      await vendor.transport.set('reset mid-body');
      for (let round = 0; round < times; round += 10) await Promise.all(Array.from({ length: 10 }, () => wellOf(read)));
      await vendor.transport.set(null);
      vendor.context.measured.length = 0;
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await strike(50);
    const after = await strike(200);
    assert.ok(after - before < 4 * 1024 * 1024, `${Math.round((after - before) / 1024)} KiB more`);
  });
}
