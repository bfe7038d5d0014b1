/** A TCP proxy of a service that can be cut and stalled, as a partition looks from here. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface TcpProxy {
  /** The service's URL through this proxy. */
  url: string;
  /** Breaks every connection and takes no other. */
  cut(): void;
  /** Lets nothing through either way, without a word: a link that is down. */
  stall(): void;
  mend(): void;
  /** Connections made from now on lead to another service. */
  leadTo(serviceUrl: string): void;
}

export const openTcpProxy = async (test: TestContext, serviceUrl: string, defaultPort: number): Promise<TcpProxy> => {
  let service = new URL(serviceUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: 'open' | 'cut' | 'stalled' = 'open';
  const end = (pair: readonly [Socket, Socket]) => {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  };
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (state === 'cut') return void near.destroy();
    const far = connect({ host: service.hostname, port: Number(service.port) || defaultPort });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) socket.on('error', () => undefined).on('close', () => end(pair));
    near.pipe(far).pipe(near);
    if (state === 'stalled') for (const socket of pair) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const cut = () => {
    state = 'cut';
    for (const pair of pairs) end(pair);
  };
  test.after(() => {
    cut();
    server.close();
  });
  return {
    url: Object.assign(new URL(service), { hostname: '127.0.0.1', port: String(port) }).href,
    cut,
    stall: () => {
      state = 'stalled';
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend: () => {
      // Bytes on their way while the link was down are lost with their connections.
      if (state === 'stalled') cut();
      state = 'open';
    },
    leadTo: (url) => {
      service = new URL(url);
    },
  };
};
