/** Reads the `auth:` block, and checks it against the address that the server listens on. */
import { isIPv4 } from 'node:net';
import { nearest } from '../lib/nearest.ts';
import type { Fault } from './environment.ts';
import type { Outline } from './schema.ts';

type AuthBlock = NonNullable<Outline['auth']>;

/** The `auth:` block; each mode has its own settings and no other's. */
export type Auth =
  | { mode: 'none' }
  | { mode: 'apiKeys'; apiKeys: NonNullable<AuthBlock['apiKeys']> }
  | { mode: 'jwt'; jwt: NonNullable<AuthBlock['jwt']> };

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));

/** Returns true if only callers of this machine can reach the server: a proxy in front of it passes on anybody's requests as its own. */
export const isLoopbackOnly = ({ host, publicUrl, trustedProxies }: Outline['server']): boolean =>
  isLoopback(host) && trustedProxies.length === 0 && (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname));

/** Called for a block without faults: its mode has its settings. */
export const authOf = (block: AuthBlock | undefined): Auth => {
  if (block?.mode === 'apiKeys') return { mode: 'apiKeys', apiKeys: block.apiKeys! };
  if (block?.mode === 'jwt') return { mode: 'jwt', jwt: block.jwt! };
  return { mode: 'none' };
};

export const checkAuth = ({ auth, server }: Pick<Outline, 'auth' | 'server'>, names: readonly string[], faults: Fault[]): void => {
  const loopbackOnly = isLoopbackOnly(server);
  const proxied = isLoopback(server.host) && !loopbackOnly;
  const where = proxied ? 'behind a proxy (server.publicUrl or server.trustedProxies says so)' : `on ${server.host}`;
  if (!auth) {
    if (!loopbackOnly)
      faults.push({ path: 'auth', message: `is missing; a server ${where} needs auth.mode apiKeys or jwt (none is for loopback only)` });
    return;
  }
  if (auth.mode === 'none' && !loopbackOnly)
    faults.push({
      path: 'auth.mode',
      message: `none is refused ${where}; use apiKeys or jwt${proxied ? '' : ', or listen on 127.0.0.1'}`,
    });
  if (auth.mode === 'apiKeys' && !auth.apiKeys?.length)
    faults.push({ path: 'auth.apiKeys', message: 'is missing; mode apiKeys needs at least one key' });
  if (auth.mode === 'jwt' && !auth.jwt)
    faults.push({ path: 'auth.jwt', message: 'is missing; mode jwt needs issuer, audience and jwksUrl' });
  const advice = (source: string): string => {
    const meant = nearest(source, names);
    return meant === null ? `give some of ${names.join(', ')}` : `did you mean ${meant}?`;
  };
  const seen = new Set<string>();
  auth.apiKeys?.forEach((key, index) => {
    if (seen.has(key.name))
      faults.push({
        path: `auth.apiKeys.${index}.name`,
        message: `"${key.name}" is used twice; names must be unique, because the ledger identifies callers by name`,
      });
    seen.add(key.name);
    for (const source of key.sources ?? []) {
      if (!names.includes(source) && names.length > 0)
        faults.push({ path: `auth.apiKeys.${index}.sources`, message: `"${source}" is not the name of a source; ${advice(source)}` });
    }
  });
};
