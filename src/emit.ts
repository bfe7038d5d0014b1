/** Writes what is emitted from the code: the subgraph's SDL and the configuration's JSON Schema. */
import { writeFileSync } from 'node:fs';
import { type ExecutionResult, graphql } from 'graphql';
import { configurationJsonSchema } from './config/schema.ts';
import { createSchema } from './graphql/schema.ts';
import { vendorModules } from './vendors/registry.ts';

const folder = process.argv[2] ?? new URL('../schema', import.meta.url).pathname;

const { data, errors } = (await graphql({ schema: await createSchema(vendorModules), source: '{ _service { sdl } }' })) as ExecutionResult<{
  _service: { sdl: string };
}>;
if (!data) throw errors?.[0] ?? new Error('the schema says nothing of itself');
writeFileSync(`${folder}/subgraph.graphql`, `${data._service.sdl.trim()}\n`);
writeFileSync(`${folder}/config.schema.json`, `${JSON.stringify(configurationJsonSchema(vendorModules), null, 2)}\n`);
