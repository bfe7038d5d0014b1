/** The REST source that GraphQL Mesh and Hive Gateway build on (JSON Schema over HTTP), served by GraphQL Yoga. */
import { createServer } from 'node:http';
import { loadGraphQLSchemaFromJSONSchemas } from '@omnigraph/json-schema';
import { createYoga } from 'graphql-yoga';
import { ready } from './vendor.mjs';

const text = { type: 'string' };
const nullable = { type: ['string', 'null'] };
const recording = {
  type: 'object',
  title: 'Recording',
  properties: { RecordingIdentifier: text, IsDuplicate: { type: 'boolean' }, RecordingState: text },
};
const call = {
  type: 'object',
  title: 'Call',
  properties: {
    CallInstance: text,
    CallState: text,
    Metadata: { type: 'object', title: 'Metadata', properties: { ani: text, dnis: text, gate: text } },
    Recordings: { type: 'array', items: recording },
  },
};
const agent = {
  type: 'object',
  title: 'Agent',
  properties: {
    AgentId: { type: 'integer' },
    AgentPhone: text,
    Username: nullable,
    SystemUsername: text,
    DeviceId: text,
    ActiveCall: call,
  },
};
const schema = await loadGraphQLSchemaFromJSONSchemas('vendor', {
  endpoint: process.env.VENDOR,
  operations: [
    {
      type: 'Query',
      field: 'agents',
      path: '/uptivity/api/Agent/GetAll',
      method: 'GET',
      responseSchema: { type: 'array', title: 'Agents', items: agent },
    },
  ],
});
const yoga = createYoga({ schema, logging: false });
const server = createServer(yoga).listen(0, '127.0.0.1', () => ready(server.address().port));
