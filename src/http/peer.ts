import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { remembered } from './remembered.ts';

/** Where a request comes from. */
export interface Peer {
  address: string;
  /** From this machine, and meant for it: not forwarded, and asked for by a loopback name, so that no web page of another site
   * can reach the server by letting its own name point here. */
  loopback: boolean;
}

const isLoopbackAddress = remembered((address) => ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback');

const hostName = (host: string): string => {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
};

const isLoopbackHost = remembered((host) => {
  const name = hostName(host);
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);
});

export const peerOf = (request: IncomingMessage): Peer => {
  const address = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return { address, loopback: isLoopbackAddress(address) && !forwarded && isLoopbackHost(request.headers.host ?? '') };
};

/** Whether a browser's page may open a WebSocket here: its own server's, or one that CORS names. No browser, no `Origin`. */
export const originAllowed = (request: IncomingMessage, origins: readonly string[]): boolean => {
  const { origin, host } = request.headers;
  if (origin === undefined || origins.includes(origin) || origins.includes('*')) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
};
