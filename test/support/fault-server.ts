export * from '../../src/vendors/kit/testing/fault-server.ts';
