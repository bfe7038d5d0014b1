import { testVendor } from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { harnesses } from './harnesses.ts';

for (const module of vendorModules) testVendor(module, harnesses[module.type]);
