/** Apollo Server over type-graphql's classes, wired as its own examples are; a DataLoader a request over the vendor's list. */
import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import DataLoader from 'dataloader';
import { parse, printSchema } from 'graphql';
import { Arg, buildSchema, createResolversMap, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { agentOf, agentsOfBoard, agentsOfOffice, externalIdOf, get, ready, recordingsOfAgent } from './vendor.mjs';

const field = (owner, name, type, options = {}) => Field(type, options)(owner.prototype, name);
const object = (name, fields) => {
  const type = { [name]: class {} }[name];
  for (const [field_, [thunk, nullable]] of Object.entries(fields)) field(type, field_, thunk, { nullable: nullable ?? false });
  ObjectType(name)(type);
  return type;
};
const Recording = object('Recording', {
  externalId: [() => String],
  isDuplicate: [() => Boolean],
  vendorState: [() => String, true],
});
const Call = object('Call', {
  externalId: [() => String],
  vendorState: [() => String, true],
  caller: [() => String, true],
  called: [() => String, true],
  queue: [() => String, true],
  recordings: [() => [Recording]],
});
const Agent = object('Agent', {
  id: [() => ID],
  sourceName: [() => String],
  externalId: [() => String],
  phone: [() => String, true],
  username: [() => String, true],
  systemUsername: [() => String, true],
  deviceId: [() => String, true],
  activeCall: [() => Call, true],
});
const AgentConnection = object('AgentConnection', { nodes: [() => [Agent]] });
const OfficeRecording = object('OfficeRecording', { fileName: [() => String, true], endpoint: [() => String, true] });
const OfficeRecordingConnection = object('OfficeRecordingConnection', { nodes: [() => [OfficeRecording]] });
const OfficeAgent = object('OfficeAgent', { externalId: [() => String], name: [() => String, true] });
const OfficeConnection = object('OfficeConnection', { nodes: [() => [OfficeAgent]] });

class BoardResolver {
  async agents() {
    return { nodes: await agentsOfBoard() };
  }
  async office() {
    return { nodes: await agentsOfOffice() };
  }
}
const decorate = (type, method, decorators, parameters) => {
  for (const [index, parameter] of parameters.entries()) parameter(type.prototype, method, index);
  for (const one of decorators) one(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
};
decorate(BoardResolver, 'agents', [Query(() => AgentConnection)], [Arg('first', () => Int, { nullable: true })]);
decorate(BoardResolver, 'office', [Query(() => OfficeConnection)], [Arg('first', () => Int, { nullable: true })]);
Resolver()(BoardResolver);

class OfficeAgentResolver {
  async recordings({ externalId }) {
    return { nodes: await recordingsOfAgent(externalId) };
  }
}
decorate(
  OfficeAgentResolver,
  'recordings',
  [FieldResolver(() => OfficeRecordingConnection)],
  [Root(), Arg('first', () => Int, { nullable: true })],
);
Resolver(() => OfficeAgent)(OfficeAgentResolver);

const codeFirst = await buildSchema({ resolvers: [BoardResolver, OfficeAgentResolver], validate: false });
const resolvers = createResolversMap(codeFirst);
const keys = '@key(fields: "id") @key(fields: "sourceName externalId")';
const sdl = printSchema(codeFirst).replace('type Agent {', `type Agent ${keys} {`);
resolvers.Agent = { __resolveReference: (given, { agents }) => agents.load(externalIdOf(given)) };
const schema = buildSubgraphSchema({
  typeDefs: parse(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n${sdl}`),
  resolvers,
});

const server = new ApolloServer({ schema });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({
    agents: new DataLoader(async (ids) => {
      const all = new Map((await get('/uptivity100/api/Agent/GetAll')).map((agent) => [String(agent.AgentId), agent]));
      return ids.map((id) => (all.has(id) ? { sourceName: 'hundred', ...agentOf(all.get(id)) } : null));
    }),
  }),
});
ready(new URL(url).port);
