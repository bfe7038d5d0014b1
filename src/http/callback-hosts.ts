import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent } from 'undici';
import { HttpError } from './http-error.ts';

const refused = (reason: string) => new HttpError(400, 'CALLBACK_REFUSED', `The callback URL is refused: ${reason}.`);

/** Only addresses of the public internet; those of this machine, its network and its cloud's metadata are not. */
const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';

interface AllowedHost {
  url: URL;
  /** Named literally, so that it may be a private address. */
  literal: boolean;
}

/** Checks the URL against `host`, `host:port` and `*.domain`; throws `HttpError`. Names are not resolved yet. */
export const requireAllowedHost = (text: unknown, allowed: readonly string[]): AllowedHost => {
  if (typeof text !== 'string' || !URL.canParse(text)) throw refused('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('it is neither http nor https');
  if (url.username !== '' || url.password !== '') throw refused('it holds a password');
  const name = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const literal = allowed.some((entry) => entry.toLowerCase() === name || entry.toLowerCase() === `${name}:${port}`);
  const byDomain = allowed.some((entry) => {
    const [pattern = '', onlyPort] = entry.toLowerCase().split(':');
    return pattern.startsWith('*.') && name.endsWith(pattern.slice(1)) && (onlyPort === undefined || onlyPort === port);
  });
  if (!literal && !byDomain) throw refused('its host is not in the list of callback hosts');
  const address = name.replace(/^\[|\]$/g, '');
  if (!literal && isIP(address) !== 0 && !isPublic(address)) throw refused('its address is not public');
  return { url, literal };
};

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Connections whose addresses are checked after the name was looked up, so that no answer of a DNS leads inside. */
export const createCallbackConnections = (literal: boolean, resolve: typeof lookup = lookup): Agent =>
  new Agent({
    headersTimeout: 5000,
    bodyTimeout: 5000,
    keepAliveTimeout: 30_000,
    connect: {
      timeout: 5000,
      lookup: (hostname: string, options: LookupOptions, callback: LookupCallback) => {
        resolve(hostname, { ...options, all: true }, (error, addresses) => {
          if (error) return callback(error, '');
          const usable = literal ? addresses : addresses.filter(({ address }) => isPublic(address));
          const first = usable[0];
          if (first === undefined || usable.length < addresses.length)
            return callback(new Error('the name leads to a private address'), '');
          return options.all ? callback(null, usable) : callback(null, first.address, first.family);
        });
      },
    },
  });
