import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import proxyaddr from 'proxy-addr';

/** Where a request comes from. */
export interface Peer {
  /** The key of failure counts: the client's address, as far as trusted proxies report it; of IPv6 the network of 64 bits. */
  client: string;
  /** From this machine, and meant for it: not forwarded, and asked for by a loopback name, so that no web page of another site
   * can reach the server by letting its own name point here. Never behind a proxy, where a bare forward looks the same. */
  loopback: boolean;
  /** Sent by a browser's page of another site, which CORS does not name. */
  foreignPage: boolean;
}

export interface PeerSettings {
  /** Where the server is reached from outside; null for where it listens. */
  publicUrl: string | null;
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` counts. */
  trustedProxies: readonly string[];
  /** Origins whose pages may call, as `corsOrigins` of the configuration has them. */
  origins: readonly string[];
}

const memoized = <T extends {}>(work: (text: string) => T): ((text: string) => T) => {
  const answers = new LRUCache<string, T>({ max: 1000, memoMethod: work });
  return (text) => answers.memo(text);
};

const isLoopbackAddress = memoized((address) => ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback');

const hostName = (host: string): string => URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';

/** Returns true if a `Host` header, or the host of a URL, names this machine. */
const isLoopbackHost = memoized((host) => {
  const name = hostName(host);
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);
});

const clientOf = memoized((given) => {
  // Some proxies add the port, which is another for each connection.
  const address = ipaddr.isValid(given) ? given : hostName(given);
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString();
});

/** Matches `https://host`, `https://host:port`, `http://localhost:*` for any port, and `*`. */
const originMatcher = (pattern: string): ((origin: string) => boolean) => {
  if (pattern === '*') return () => true;
  // Browsers leave out the scheme's own port.
  if (!pattern.endsWith(':*')) return (origin) => origin === pattern.toLowerCase().replace(/^(https:.*):443$|^(http:.*):80$/, '$1$2');
  const named = pattern.slice(0, -2).toLowerCase();
  return (origin) => origin === named || (origin.startsWith(`${named}:`) && /^\d{1,5}$/.test(origin.slice(named.length + 1)));
};

export interface Peers {
  peerOf(request: IncomingMessage): Peer;
  /** Returns true if CORS lets pages of the origin read answers. */
  isNamedOrigin(origin: string): boolean;
}

export const createPeers = ({ publicUrl, trustedProxies, origins }: PeerSettings): Peers => {
  const matchers = origins.map(originMatcher);
  const ownOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  const trusted = proxyaddr.compile([...trustedProxies]);
  const behindProxy = trustedProxies.length > 0 || (publicUrl !== null && !isLoopbackHost(new URL(publicUrl).host));
  const isNamedOrigin = (origin: string) => matchers.some((matches) => matches(origin.toLowerCase()));

  const isOwn = (origin: string, host: string): boolean => {
    const page = URL.parse(origin);
    if (page === null) return false;
    // A browser leaves out its scheme's default port in one of the two, and a proxy may add it in the other.
    return page.origin === ownOrigin || URL.parse(`${page.protocol}//${host}`)?.host === page.host;
  };

  return {
    isNamedOrigin,
    peerOf: (request) => {
      const { origin, host = '' } = request.headers;
      const address = request.socket.remoteAddress ?? '';
      const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
      return {
        client: clientOf(trustedProxies.length === 0 ? address : proxyaddr(request, trusted)),
        loopback: !behindProxy && isLoopbackAddress(address) && !forwarded && isLoopbackHost(host),
        foreignPage: origin !== undefined && !isNamedOrigin(origin) && !isOwn(origin, host),
      };
    },
  };
};
