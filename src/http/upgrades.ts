/** Which upgrades to a WebSocket are let through; the others are answered, and logged with the reason. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import type { Log } from '../domain/ports/log.ts';
import { localPath } from './addresses.ts';
import type { Peers } from './peer.ts';

export type Refuse = (request: IncomingMessage, stream: Duplex, status: string, reason: string) => void;

const otherProtocol =
  'offers only other subprotocols than graphql-transport-ws, which the package graphql-ws speaks; graphql-ws is the subprotocol of subscriptions-transport-ws, which is not maintained any more';

export const createRefuse =
  (peers: Peers, log: Log): Refuse =>
  (request, stream, status, reason) => {
    log.info('a WebSocket upgrade was refused', { client: peers.peerOf(request).client, status: Number(status.slice(0, 3)), reason });
    const body = `The WebSocket was refused: ${reason}.\n`;
    const head = ['connection: close', 'content-type: text/plain; charset=utf-8', `content-length: ${Buffer.byteLength(body)}`];
    stream.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  };

/** Returns the status and reason that an upgrade is refused with, null where it is let through. */
export const refusedUpgrade = (request: IncomingMessage, peers: Peers, basePath: string): [status: string, reason: string] | null => {
  if (localPath((request.url ?? '').split('?')[0]!, basePath) !== '/graphql') return ['404 Not Found', 'not the address of GraphQL'];
  if (peers.peerOf(request).foreignPage) return ['403 Forbidden', 'a page of another origin; name it in server.corsOrigins'];
  const offered = request.headers['sec-websocket-protocol'];
  // A client that offers none is closed with 4406; one that offers others would take an answer without theirs for a broken connection.
  return offered === undefined || handleProtocols(offered) ? null : ['400 Bad Request', otherProtocol];
};
