import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

interface GatewayOptions {
  supergraph: string;
  /** Name of the subgraph that answers subscriptions. */
  streaming: string;
  /** 0 takes a free one. */
  port?: number;
  /** Called with the subgraph's name for every operation that is sent to it. */
  onFetch?: (subgraph: string) => void;
}

interface RunningGateway {
  url: string;
  close(): Promise<void>;
}

/** A Hive gateway on loopback, which hands the caller's credential on, and subscribes by WebSocket for clients that listen by SSE. */
export const startHiveGateway = async ({ supergraph, streaming, port = 0, onFetch }: GatewayOptions): Promise<RunningGateway> => {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: false,
    landingPage: false,
    // Holds its scripts and styles; the default loads them from a public address.
    renderGraphiQL,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => {
        const authorization = request.headers.get('authorization');
        return authorization === null ? {} : { authorization };
      },
    },
    transportEntries: {
      [streaming]: {
        options: {
          subscriptions: {
            kind: 'ws',
            location: '/graphql',
            options: { connectionParams: { authorization: '{context.headers.authorization}' } },
          },
        },
      },
    },
    plugins: () => [{ onSubgraphExecute: ({ subgraphName }: { subgraphName: string }) => void onFetch?.(subgraphName) }],
  });
  const server = createServer(gateway);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: async () => {
      await gateway[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};
