import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { ready, resolvers, typeDefs } from './vendor.mjs';

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
const server = createServer(yoga).listen(0, '127.0.0.1', () => ready(server.address().port));
