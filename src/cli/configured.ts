import { type Configuration, findConfiguration, loadConfiguration } from '../config/load.ts';
import { assertStoreExists } from '../storage/backup.ts';
import { vendorModules } from '../vendors/registry.ts';
import type { Flags } from './options.ts';
import { StartError } from './start-errors.ts';

/** The operator's configuration; null where there is none. Throws `ConfigurationError`. */
export const configured = async (flags: Flags): Promise<Configuration | null> => {
  const file = flags.config ?? findConfiguration(process.env);
  return file === null ? null : loadConfiguration(file, vendorModules, process.env);
};

export const required = async (flags: Flags): Promise<Configuration> => {
  const configuration = await configured(flags);
  if (configuration) return configuration;
  throw new StartError('There is no configuration: name one with --config or TAPEGRAPH_CONFIG, or write ./tapegraph.yaml.');
};

/** As `required`, where the store must be there: a command that reads must not make an empty one by a wrong path. */
export const requiredWithStore = async (flags: Flags): Promise<Configuration> => {
  const configuration = await required(flags);
  assertStoreExists(configuration.store.url);
  return configuration;
};
