/** Measures what Apollo Server itself costs: one resolver that answers one string, as long as the board's answer is. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { ready } from './vendor.mjs';

const board = 'x'.repeat(Number(process.env.BOARD_BYTES) - '{"data":{"board":""}}\n'.length);
const server = new ApolloServer({ typeDefs: 'type Query { board: String! }', resolvers: { Query: { board: () => board } } });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
ready(new URL(url).port);
