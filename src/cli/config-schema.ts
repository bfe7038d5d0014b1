import { dirname, resolve } from 'node:path';
import type { Fault } from '../config/environment.ts';
import { ConfigurationError, findConfiguration, pluginsIn } from '../config/load.ts';
import { loadPlugins } from '../config/plugins.ts';
import { configurationJsonSchema } from '../config/schema.ts';
import { vendorModules } from '../vendors/registry.ts';
import type { Command } from './options.ts';

export const configSchema: Command = {
  summary: 'print the JSON Schema of the configuration, for editors',
  details:
    'Save it beside the configuration and name it in the first line: # yaml-language-server: $schema=./tapegraph.schema.json\n' +
    'It includes the vendors of the plug-ins that the configuration names.',
  options: ['config'],
  run: async (flags) => {
    const file = flags.config ?? findConfiguration(process.env);
    const faults: Fault[] = [];
    const load = (path: string) =>
      loadPlugins(pluginsIn(path, process.env), { directory: dirname(resolve(path)), known: vendorModules, faults });
    const plugins = file === null ? [] : await load(file);
    if (file !== null && faults.length > 0) throw new ConfigurationError(file, faults);
    process.stdout.write(
      `${JSON.stringify(configurationJsonSchema([...vendorModules, ...plugins.map(({ module }) => module)]), null, 2)}\n`,
    );
  },
};
