export * from '../../src/vendors/kit/testing/vendor-context.ts';
