import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on loopback and returns the port; 0 takes a free one. Rejects where the port is taken. */
export const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Stops listening and breaks every connection off, those that wait for an answer included. */
export const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
