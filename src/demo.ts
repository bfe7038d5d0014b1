/** The demo: every simulated vendor in this process, and the configuration that speaks to them. */
import { randomBytes } from 'node:crypto';
import { systemClock } from './clock.ts';
import { type Configuration, readConfiguration } from './config/load.ts';
import { demoVendors } from './simulators/registry.ts';
import { vendorModules } from './vendors/registry.ts';

export interface Demo {
  configuration: Configuration;
  /** To be called with the server's URL once it listens. */
  connect(serverUrl: string): void;
  close(): Promise<void>;
}

export interface DemoSettings {
  host?: string;
  port?: number;
  /** The same seed plays the same day. */
  seed?: number;
  storeUrl?: string;
}

export const startDemo = async ({
  host = '127.0.0.1',
  port = 4000,
  seed = 1,
  storeUrl = 'sqlite::memory:',
}: DemoSettings = {}): Promise<Demo> => {
  const vendors = await Promise.all(demoVendors.map((vendor) => vendor.start({ clock: systemClock, seed })));
  const document = {
    server: { host, port },
    auth: { mode: 'none' },
    store: { url: storeUrl },
    media: { signingKey: randomBytes(32).toString('hex') },
    sources: vendors.map(({ settings }) => settings),
  };
  return {
    configuration: readConfiguration(document, vendorModules, {}, 'the demo'),
    connect: (serverUrl) => {
      for (const vendor of vendors) vendor.connect?.(serverUrl);
    },
    close: async () => {
      await Promise.all(vendors.map((vendor) => vendor.close()));
    },
  };
};
