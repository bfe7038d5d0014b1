import type { DemoVendor } from './simulator.ts';

/** The simulated vendors that the demo starts. */
export const demoVendors: readonly DemoVendor[] = [];
