import { describe } from 'node:test';
import { testVendor } from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { harnesses } from './harnesses.ts';

// Side by side, since most of the time a vendor that hangs is waited for.
describe('every vendor', { concurrency: vendorModules.length }, () => {
  for (const module of vendorModules) testVendor(module, harnesses[module.type]);
});
