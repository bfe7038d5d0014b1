/** Writes what is emitted from the code: the subgraph's SDL, the same for clients without federation's parts, the supergraph with its neighbours, and the configuration's JSON Schema. */
import { writeFileSync } from 'node:fs';
import { type ExecutionResult, type GraphQLSchema, graphql } from 'graphql';
import { configurationJsonSchema } from '../config/schema.ts';
import { composeSupergraph, servicesOf } from '../gateway/compose.ts';
import { clientSdl } from '../graphql/client-sdl.ts';
import { createSchema } from '../graphql/schema.ts';
import { vendorModules } from '../vendors/registry.ts';

const folder = process.argv[2] ?? new URL('../../schema', import.meta.url).pathname;

const sdlOf = async (schema: GraphQLSchema): Promise<string> => {
  const { data, errors } = (await graphql({ schema, source: '{ _service { sdl } }' })) as ExecutionResult<{ _service: { sdl: string } }>;
  if (!data) throw errors?.[0] ?? new Error('the schema says nothing of itself');
  return data._service.sdl;
};

const sdl = await sdlOf(await createSchema(vendorModules));
writeFileSync(`${folder}/subgraph.graphql`, `${sdl.trim()}\n`);
writeFileSync(`${folder}/api.graphql`, clientSdl(sdl));
writeFileSync(`${folder}/supergraph.graphql`, `${composeSupergraph(servicesOf(sdl)).trim()}\n`);
writeFileSync(`${folder}/config.schema.json`, `${JSON.stringify(configurationJsonSchema(vendorModules), null, 2)}\n`);
