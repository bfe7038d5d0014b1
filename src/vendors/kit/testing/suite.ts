/** Shared parts of the contract suite. */
import type { TestContext } from 'node:test';
import type { VendorModule } from '../define-vendor.ts';
import type { RunningHarness } from './harness.ts';

export interface Suite {
  module: VendorModule;
  /** Starts the vendor's simulator for one test. */
  begin(t: TestContext): Promise<RunningHarness>;
}
