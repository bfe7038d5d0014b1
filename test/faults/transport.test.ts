/** Every fault of a connection against every operation of every vendor, over real sockets. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { ExpectedError } from '../../src/domain/errors.ts';
import { faults } from '../support/fault-server.ts';
import { exceptions, type Outcome, outcomes } from './outcomes.ts';
import { prepare, startVendor, timeoutSeconds, type VendorOperation, vendorTypes } from './vendors-under-test.ts';

/** Two calls in a row, each to its deadline, on a machine that is busy. */
const mostMs = 4 * timeoutSeconds * 1000 + 2000;

const expectedOf = (type: string, fault: keyof typeof outcomes, { kind }: VendorOperation): readonly Outcome[] =>
  exceptions[type]?.[fault]?.[kind] ?? outcomes[fault][kind];

/** Runs the operation and holds what comes of it to the table. */
const meet = async (type: string, fault: keyof typeof outcomes, operation: VendorOperation): Promise<void> => {
  const what = `${type} ${operation.name}, ${fault}`;
  const caller = new AbortController();
  const startedAt = performance.now();
  const error = await operation.run(caller.signal).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(performance.now() - startedAt < mostMs, `${what} took ${Math.round(performance.now() - startedAt)} ms`);
  assert.deepEqual(getEventListeners(caller.signal, 'abort'), [], `${what} leaves a listener with its caller`);
  const allowed = expectedOf(type, fault, operation);
  if (error === null)
    return assert.ok(
      allowed.some(({ code }) => code === 'OK'),
      `${what} succeeded`,
    );
  assert.ok(error instanceof ExpectedError, `${what} broke: ${(error as Error).stack}`);
  const outcome = allowed.find(({ code }) => code === error.code);
  assert.ok(outcome, `${what}: ${error.code} ${error.message}`);
  if (outcome.notSent !== undefined) assert.equal(error.notSent, outcome.notSent, what);
  if (outcome.retryAfterSeconds !== undefined) assert.equal(error.retryAfterSeconds, outcome.retryAfterSeconds, what);
  assert.doesNotMatch(error.message, /127\.0\.0\.1|https?:|secret-|invalid\b/, `${what} tells an address or a secret`);
};

/** What one operation answers when nothing is wrong: its code, or OK. */
const wellOf = (operation: VendorOperation): Promise<string> =>
  operation.run(new AbortController().signal).then(
    () => 'OK',
    (error: unknown) => (error instanceof ExpectedError ? `${error.code} ${error.message}` : String(error)),
  );

/** The vendor is reached, whatever it then says. */
const well = async (operation: VendorOperation): Promise<void> => {
  assert.doesNotMatch(await wellOf(operation), /^(VENDOR_UNAVAILABLE|VENDOR_TIMEOUT)/, operation.name);
};

const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
const quiet = () => new Promise((resolve) => setTimeout(resolve, 50));

for (const type of vendorTypes) {
  describe(type, () => {
    test('meets every fault within its deadline, says what it is, and is well again without help', async (t) => {
      const before = resources();
      const vendor = await startVendor(type);
      t.after(vendor.close);
      await prepare(vendor);
      for (const operation of vendor.operations) await well(operation);
      for (const fault of faults) {
        await vendor.door.set(fault);
        const metBefore = vendor.door.met();
        await Promise.all(vendor.operations.map((operation) => meet(type, fault, operation)));
        if (fault !== 'refused')
          assert.ok(vendor.door.met() >= metBefore + vendor.operations.length, `${fault} was met by every operation`);
        assert.notEqual(vendor.source.health().status, 'UP', `${fault} shows in the health`);
        await vendor.door.set(null);
        const read = vendor.operations.find(({ kind }) => kind === 'read')!;
        assert.equal(await wellOf(read), 'OK', `well after ${fault}`);
      }
      for (const operation of vendor.operations) await well(operation);
      await vendor.close();
      await quiet();
      assert.equal(vendor.door.open(), 0, 'connections that stay open');
      const after = resources();
      for (const kind of ['TCPSocketWrap', 'TCPServerWrap', 'Timeout', 'TLSWrap']) {
        assert.ok((after[kind] ?? 0) <= (before[kind] ?? 0) + 1, `${kind}: ${before[kind] ?? 0} before, ${after[kind]} after`);
      }
    });

    test('tells of a certificate of an unknown CA, of a port without TLS and of a host that does not exist', async (t) => {
      const tls = new URL('../vendors/huawei/tls/', import.meta.url);
      const server = createServer(
        { key: readFileSync(new URL('gateway.key', tls)), cert: readFileSync(new URL('gateway.pem', tls)) },
        (_, response) => response.end('{}'),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => new Promise((resolve) => server.close(resolve)));
      const plain = await startVendor(type);
      t.after(plain.close);
      const cases = [
        ['unknown certificate', `https://127.0.0.1:${(server.address() as AddressInfo).port}`],
        ['no TLS', plain.door.url.replace('http:', 'https:')],
        ['unknown host', 'http://recorder.invalid'],
      ] as const;
      for (const [fault, url] of cases) {
        const vendor = await startVendor(type, type === 'tencent' ? { mediaHosts: ['127.0.0.1', 'recorder.invalid'] } : {}, url);
        t.after(vendor.close);
        // Where an agent has to be signed in first, that is what fails.
        const reachable = vendor.operations.filter(({ kind, name }) => type !== 'huawei' || name === 'SIGN_IN_AGENT' || kind === 'read');
        for (const operation of reachable.filter(({ kind }) => type !== 'huawei' || kind === 'command')) await meet(type, fault, operation);
      }
    });
  });
}

test('two hundred faults leave no memory behind', async (t) => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const vendor = await startVendor('uptivity');
  t.after(vendor.close);
  const read = vendor.operations[0]!;
  const strike = async (times: number) => {
    await vendor.door.set('reset mid-body');
    for (let round = 0; round < times; round += 10) await Promise.all(Array.from({ length: 10 }, () => wellOf(read)));
    await vendor.door.set(null);
    vendor.context.measured.length = 0;
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await strike(50);
  const after = await strike(200);
  assert.ok(after - before < 4 * 1024 * 1024, `${Math.round((after - before) / 1024)} KiB more`);
});
