import { configurationJsonSchema } from '../config/schema.ts';
import { vendorModules } from '../vendors/registry.ts';
import type { Command } from './options.ts';

export const configSchema: Command = {
  summary: 'print the JSON Schema of the configuration, for editors',
  details: 'Write it beside the configuration and name it in its first line: # yaml-language-server: $schema=./tapegraph.schema.json',
  options: [],
  run: async () => {
    process.stdout.write(`${JSON.stringify(configurationJsonSchema(vendorModules), null, 2)}\n`);
  },
};
