/** The contract suite of the vendor port: what the server relies on, held against a vendor and its simulator over real sockets. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { VendorModule } from '../define-vendor.ts';
import { testAnswers } from './answer-tests.ts';
import { testCommands } from './command-tests.ts';
import { testFaults } from './fault-tests.ts';
import type { VendorHarness } from './harness.ts';
import { clock } from './under-test.ts';

/**
 * Registers the suite with node:test. `harness` is the vendor's own; a vendor without one fails, so that none is in the registry that nothing
 * holds to its port.
 */
export const testVendor = (module: VendorModule, harness: VendorHarness | undefined): void => {
  describe(`${module.type} keeps the contract of a vendor`, () => {
    if (!harness) {
      test('it brings a harness', () => assert.fail(`${module.type} has no harness: write one, so that the suite can run it`));
      return;
    }
    const begin = async (t: TestContext) => {
      const running = await harness.start(clock);
      t.after(() => running.simulator.close());
      return running;
    };
    const suite = { module, begin };
    testAnswers(suite);
    testFaults(suite);
    testCommands(suite);
  });
};
