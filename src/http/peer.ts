import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Where a request comes from. */
export interface Peer {
  address: string;
  /** From this machine, and meant for it: not forwarded, and asked for by a loopback name, so that no web page of another site
   * can reach the server by letting its own name point here. */
  loopback: boolean;
}

const isLoopbackAddress = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

const hostName = (host: string | undefined): string => {
  try {
    return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return '';
  }
};

const isLoopbackName = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);

export const peerOf = (request: IncomingMessage): Peer => {
  const address = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return { address, loopback: isLoopbackAddress(address) && !forwarded && isLoopbackName(hostName(request.headers.host)) };
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
