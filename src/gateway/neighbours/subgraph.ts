import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLFieldResolver, parse, validate } from 'graphql';

/** Another team's subgraph, before it is served. */
export interface Neighbour {
  name: string;
  sdl: string;
  /** By type, then by field. */
  // biome-ignore lint/suspicious/noExplicitAny: each resolver names the type of its own parent.
  resolvers: Record<string, Record<string, GraphQLFieldResolver<any, unknown>>>;
}

interface RunningNeighbour {
  name: string;
  url: string;
  sdl: string;
  close(): Promise<void>;
}

/** Serves GraphQL over HTTP on loopback, as plainly as another team's server might; 0 takes a free port. */
export const startNeighbour = async ({ name, sdl, resolvers }: Neighbour, port = 0): Promise<RunningNeighbour> => {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
  const answer = async (body: string): Promise<object> => {
    const { query, variables, operationName } = JSON.parse(body);
    const document = parse(query);
    const errors = validate(schema, document);
    return errors.length > 0 ? { errors } : execute({ schema, document, variableValues: variables, operationName });
  };
  const server = createServer(async (request, response) => {
    const reply = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      reply(200, await answer(await text(request)));
    } catch (error) {
      reply(400, { errors: [{ message: (error as Error).message }] });
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    sdl,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
