export * from '../../src/vendors/kit/testing/manual-clock.ts';
