import { fileURLToPath } from 'node:url';
import { readConfiguration } from '../../src/config/load.ts';
import { startTapegraph, type Tapegraph } from '../../src/main.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { createListLog } from './list-log.ts';

/** The server with a configuration as an operator writes it, on a free loopback port, with a store in memory and the pages as last built. */
export const startConfigured = (document: Record<string, unknown>): Promise<Tapegraph> => {
  const configuration = readConfiguration(
    {
      server: { host: '127.0.0.1', port: 0 },
      auth: { mode: 'none' },
      store: { url: 'sqlite::memory:' },
      media: { signingKey: 'a key that only this test knows, long enough' },
      ...document,
    },
    { modules: vendorModules, environment: {}, where: 'the test' },
  );
  return startTapegraph(configuration, {
    log: createListLog().log,
    pagesDirectory: fileURLToPath(new URL('../../dist/web', import.meta.url)),
  });
};
