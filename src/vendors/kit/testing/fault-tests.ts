/** Tests of a source whose vendor, or network, fails. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { faultCodes } from './fault-codes.ts';
import { type Fault, faults, hangs, startFaultServer } from './fault-server.ts';
import type { VendorOperation } from './operations.ts';
import type { Suite } from './suite.ts';
import { clock, hastySeconds, outcome, patientSeconds, startUnderTest } from './under-test.ts';

const runFaults = async (
  { module, begin }: Suite,
  t: TestContext,
  { some, timeoutSeconds }: { some: readonly Fault[]; timeoutSeconds: number },
): Promise<void> => {
  const running = await begin(t);
  const server = await startFaultServer(running.simulator.url);
  t.after(() => server.close());
  const under = await startUnderTest(t, { module, running, url: server.url, timeoutSeconds });
  // A download comes first: of one that is only no audio, the connection is well, and health follows the newest exchange.
  const operations = under.operations.toSorted((left, right) => Number(right.kind === 'media') - Number(left.kind === 'media'));
  for (const fault of some) {
    await server.set(fault);
    const run = async (operation: VendorOperation): Promise<void> => {
      const error = await outcome(under, fault, operation);
      // Where agents sign in, a fault before may have cost the session.
      const isSignedOut = under.source.control?.SIGN_IN_AGENT !== undefined && error?.code === 'NOT_SIGNED_IN';
      const allowed = faultCodes[fault][operation.kind];
      assert.ok(isSignedOut || allowed.includes(error?.code ?? null), `${fault}: ${operation.name} is ${error?.code ?? 'a success'}`);
      if (fault === 'refused')
        assert.ok(error?.notSent || error?.code !== 'VENDOR_UNAVAILABLE', `${fault}: ${operation.name} was not sent`);
    };
    // Waited for side by side; floods for all at once would keep this process from hearing anything else.
    if (hangs.includes(fault)) await Promise.all(operations.map(run));
    else for (const operation of operations) await run(operation);
    if (under.operations.length > 0 && fault !== 'status 404') {
      assert.notEqual(under.source.health().status, 'UP', `${fault} shows in the health`);
    }
    await server.set(null);
    running.forget?.();
    await under.warm();
  }
};

const testGivenUp = ({ module, begin }: Suite): void => {
  test('a caller who gives up is let go at once', async (t) => {
    const running = await begin(t);
    const server = await startFaultServer(running.simulator.url);
    t.after(() => server.close());
    const under = await startUnderTest(t, { module, running, url: server.url, timeoutSeconds: 10 });
    await server.set('stall');
    for (const operation of under.operations) {
      const caller = new AbortController();
      const beganMs = clock.monotonicMs();
      const work = operation.run(caller.signal);
      setTimeout(() => caller.abort(), 50);
      await work.catch(() => undefined);
      assert.ok(clock.monotonicMs() - beganMs < 5000, `${operation.name} does not let go: hand its signal on to the request`);
    }
  });
};

const testNotRepeated = ({ module, begin }: Suite): void => {
  test('a command that broke off is not sent again', async (t) => {
    const running = await begin(t);
    const server = await startFaultServer(running.simulator.url);
    t.after(() => server.close());
    const under = await startUnderTest(t, { module, running, url: server.url });
    for (const operation of under.operations.filter(({ kind, name }) => kind === 'command' && name !== 'SIGN_IN_AGENT')) {
      await server.set('reset before the answer');
      const before = server.receivedRequests.length;
      await outcome(under, 'reset', operation);
      // A source that reads first may read again; what is no read is there once, unless it does no more when it comes twice.
      const sent = server.receivedRequests.slice(before).filter((line) => !line.startsWith('GET ') && !running.repeatable?.test(line));
      const advice = "name in the harness's `repeatable` what may be sent twice";
      assert.ok(new Set(sent).size === sent.length, `${operation.name} was sent again: ${sent.join(', ')} (${advice})`);
      await server.set(null);
      await under.warm();
    }
  });
};

export const testFaults = (suite: Suite): void => {
  test('every fault of the connection is reported by its kind and shows in the health', (t) =>
    runFaults(suite, t, { some: faults.filter((fault) => !hangs.includes(fault)), timeoutSeconds: patientSeconds }));

  test('a vendor that hangs is given up within the deadline, which is reported and shows in the health', { timeout: 120_000 }, (t) =>
    runFaults(suite, t, { some: hangs, timeoutSeconds: hastySeconds }),
  );

  testGivenUp(suite);
  testNotRepeated(suite);
};
