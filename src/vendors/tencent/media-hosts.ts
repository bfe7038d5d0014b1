/** Which addresses recordings may be fetched from: the URL comes from outside, so it is checked by name and by address. */
import { lookup as resolveHost } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ExpectedError } from '../kit/index.ts';

interface Entry {
  host: string;
  wildcard: boolean;
  port: string | null;
}

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

const entryOf = (text: string): Entry => {
  const [, wildcard, host, port] = /^(\*\.)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  return { host: bare(host ?? text), wildcard: wildcard !== undefined, port: port ?? null };
};

/** Private, loopback, link-local and every other range that is not the public internet's. */
const isPublicAddress = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';

const unavailable = (why: string) => new ExpectedError('MEDIA_UNAVAILABLE', `The recording was not fetched: ${why}.`, { retryable: false });

export interface MediaHosts {
  /** Throws MEDIA_UNAVAILABLE for an address that is not on the list. */
  check(url: URL): void;
  /** Resolves names for connections, so that the address that was checked is the one that is connected to. */
  lookup: LookupFunction;
}

/**
 * `*.example.com` means every host below example.com at the usual ports, or at the port it names. A host without a star is
 * named by the operator in person: any port, and private addresses too.
 */
export const createMediaHosts = (list: readonly string[]): MediaHosts => {
  const entries = list.map(entryOf);
  const isNamed = (host: string) => entries.some((entry) => !entry.wildcard && entry.host === bare(host));

  return {
    check: (url) => {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw unavailable('its address is neither http nor https');
      if (url.username !== '' || url.password !== '') throw unavailable('its address carries credentials');
      const host = bare(url.hostname);
      const listed = entries.some((entry) =>
        entry.wildcard
          ? host.endsWith(`.${entry.host}`) && isIP(host) === 0 && (entry.port === null ? url.port === '' : entry.port === portOf(url))
          : entry.host === host && (entry.port === null || entry.port === portOf(url)),
      );
      if (!listed) throw unavailable('its host is not in mediaHosts; add it if it is a host of recordings');
    },
    lookup: (hostname, options, callback) => {
      resolveHost(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '', 0);
        if (!isNamed(hostname) && !addresses.every(({ address }) => isPublicAddress(address))) {
          return callback(
            unavailable('its host has a private address; if that is intended, add the host to mediaHosts without a star'),
            '',
            0,
          );
        }
        if (options.all) return callback(null, addresses);
        const first = addresses[0];
        return first ? callback(null, first.address, first.family) : callback(unavailable('its host has no address'), '', 0);
      });
    },
  };
};

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');
