/** Requires that things made by hand for each vendor, such as a demo for the soak, exist for every vendor of the registry. */
import assert from 'node:assert/strict';
import { vendorModules } from '../../src/vendors/registry.ts';

/** Throws where `types` leave out a vendor; `what` says what is missing then, and where it is made. */
export const requireEveryVendor = (types: readonly unknown[], what: string): void => {
  const missing = vendorModules.filter(({ type }) => !types.includes(type)).map(({ type }) => type);
  assert.deepEqual(missing, [], `${what} is missing for ${missing.join(', ')}`);
};
