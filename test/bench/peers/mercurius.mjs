import Fastify from 'fastify';
import mercurius from 'mercurius';
import { ready, resolvers, typeDefs } from './vendor.mjs';

const app = Fastify();
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 });
await app.listen({ port: 0, host: '127.0.0.1' });
ready(app.server.address().port);
