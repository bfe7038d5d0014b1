import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeServices as composeByApollo } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { federateSubgraphs } from '@wundergraph/composition';
import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLSchema,
  graphql,
  lexicographicSortSchema,
  parse,
  printSchema,
  validateSchema,
} from 'graphql';
import { type Service, servicesOf } from '../../src/gateway/compose.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { subgraphSdl } from './federated.ts';

/** Each engine answers the schema that clients see, and what it finds wrong. */
const engines: Record<
  string,
  (services: readonly Service[]) => { errors: string[]; hasFields: (type: string, ...fields: string[]) => boolean }
> = {
  '@apollo/composition': (services) => {
    const { errors, schema } = composeByApollo(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
    const typeOf = (name: string) => schema?.toGraphQLJSSchema().getType(name) as GraphQLObjectType | undefined;
    return {
      errors: errors?.map(({ message }) => message) ?? [],
      hasFields: (type, ...fields) => fields.every((field) => typeOf(type)?.getFields()[field]),
    };
  },
  '@theguild/federation-composition': (services) => {
    const { errors, publicSdl } = composeByGuild(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
    const typeOf = (name: string) =>
      publicSdl ? (buildSchema(publicSdl, { assumeValid: true }).getType(name) as GraphQLObjectType) : undefined;
    return {
      errors: errors?.map(({ message }) => message) ?? [],
      hasFields: (type, ...fields) => fields.every((field) => typeOf(type)?.getFields()[field]),
    };
  },
  '@wundergraph/composition': (services) => {
    const result = federateSubgraphs({
      subgraphs: services.map(({ name, url, sdl }) => ({ name, url, definitions: parse(sdl) })),
      version: '1',
    });
    if (!result.success) return { errors: result.errors.map(({ message }) => message), hasFields: () => false };
    const typeOf = (name: string) => result.federatedGraphClientSchema.getType(name) as GraphQLObjectType | undefined;
    return { errors: [], hasFields: (type, ...fields) => fields.every((field) => typeOf(type)?.getFields()[field]) };
  },
};

const schema = await createSchema(vendorModules);
const { data } = await graphql({ schema, source: '{ _service { sdl } }' });
const { sdl: servedSdl } = data!._service as { sdl: string };

test("the schema is the one that Apollo's library makes of what the server says of itself", () => {
  const sorted = (one: GraphQLSchema) => printSchema(lexicographicSortSchema(one));
  assert.equal(sorted(schema), sorted(buildSubgraphSchema(parse(servedSdl))));
  assert.deepEqual(validateSchema(buildSchema(printSchema(schema))), []);
});

for (const [name, compose] of Object.entries(engines)) {
  for (const [origin, sdl] of [
    ['as it is emitted', subgraphSdl],
    ['as the server tells it', servedSdl],
  ] as const) {
    test(`${name} composes the subgraph ${origin} with a CRM and a quality subgraph`, () => {
      const { errors, hasFields } = compose(servicesOf(sdl));
      assert.deepEqual(errors, []);
      assert.ok(hasFields('Call', 'caller', 'customer'));
      assert.ok(hasFields('Agent', 'status', 'team'));
      assert.ok(hasFields('Recording', 'state', 'score'));
      assert.ok(hasFields('Subscription', 'agentChanged', 'callChanged', 'recordingChanged', 'blackoutChanged'));
    });
  }

  test(`${name} refuses a neighbour that claims one of our fields`, () => {
    const services = servicesOf(subgraphSdl).map((service) =>
      service.name === 'quality' ? { ...service, sdl: service.sdl.replace('score: Int', 'state: Int score: Int') } : service,
    );
    assert.notDeepEqual(compose(services).errors, []);
  });
}
