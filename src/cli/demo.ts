/** The demo: every simulated vendor in this process, and the configuration that speaks to them. */
import { randomBytes } from 'node:crypto';
import { type Configuration, readConfiguration } from '../config/load.ts';
import { systemClock } from '../lib/clock.ts';
import type { DemoSource } from '../simulators/kit/demo.ts';
import { demoVendors } from '../simulators/registry.ts';
import { vendorModules } from '../vendors/registry.ts';
import { assertCanListen } from './start-errors.ts';

export interface Demo {
  configuration: Configuration;
  /** To be called with the server's URL once it listens. */
  connect(serverUrl: string): void;
  close(): Promise<void>;
}

export interface DemoSettings {
  host?: string | undefined;
  port?: number | undefined;
  /** The same seed plays the same day. */
  seed?: number;
  storeUrl?: string;
}

interface SimulatedVendors {
  /** The blocks of `sources:`. */
  sources: readonly DemoSource['settings'][];
  /** To be called with the URL of a server that listens. */
  connect(serverUrl: string): void;
  close(): Promise<void>;
}

/** Every simulated vendor; from `port` on where it is given, one port each, else on free ones. */
export const startSimulators = async ({ seed = 1, port }: { seed?: number; port?: number | undefined }): Promise<SimulatedVendors> => {
  const ports = demoVendors.map((_, index) => (port === undefined ? undefined : port + index));
  for (const one of ports) if (one !== undefined) await assertCanListen('127.0.0.1', one);
  const starting = demoVendors.map((vendor, index) => vendor.start({ clock: systemClock, seed, port: ports[index] }));
  const vendors = await Promise.all(starting);
  return {
    sources: vendors.map(({ settings }) => settings),
    connect: (serverUrl) => {
      for (const vendor of vendors) vendor.connect?.(serverUrl);
    },
    close: async () => {
      await Promise.all(vendors.map((vendor) => vendor.close()));
    },
  };
};

export const startDemo = async ({
  host = '127.0.0.1',
  port = 4000,
  seed = 1,
  storeUrl = 'sqlite::memory:',
}: DemoSettings = {}): Promise<Demo> => {
  const simulators = await startSimulators({ seed });
  const document = {
    server: { host, port, corsOrigins: ['http://localhost:*', 'http://127.0.0.1:*'] },
    auth: { mode: 'none' },
    store: { url: storeUrl },
    media: { signingKey: randomBytes(32).toString('hex') },
    sources: simulators.sources,
  };
  return {
    configuration: readConfiguration(document, { modules: vendorModules, environment: {}, where: 'the demo' }),
    connect: simulators.connect,
    close: simulators.close,
  };
};
