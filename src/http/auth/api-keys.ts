import { hash as digest, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../../domain/model/enums.ts';
import { callerName, type Principal } from '../../domain/model/principal.ts';
import { unauthenticated } from '../http-error.ts';
import type { Authenticate } from './authenticate.ts';

export interface ApiKey {
  name: string;
  /** SHA-256 of the key, in hex. */
  keySha256: string;
  scopes: readonly Scope[];
  /** All when absent. */
  sources?: readonly string[] | undefined;
}

interface ApiKeyAuthentication extends Authenticate {
  /** Takes effect with the next request; streams of a key that is gone or changed end at their next event. */
  replaceKeys(keys: readonly ApiKey[]): void;
}

const sameKey = (left: ApiKey, right: ApiKey): boolean =>
  JSON.stringify([left.name, left.keySha256, left.scopes, left.sources]) ===
  JSON.stringify([right.name, right.keySha256, right.scopes, right.sources]);

/** Keys are known by their hash only, and all are compared, each in constant time. */
export const createApiKeyAuthentication = (initial: readonly ApiKey[]): ApiKeyAuthentication => {
  let known: { key: ApiKey; hash: Buffer; principal: Principal }[] = [];
  const replaceKeys = (keys: readonly ApiKey[]) => {
    known = keys.map(
      (key) =>
        known.find((entry) => sameKey(entry.key, key)) ?? {
          key,
          hash: Buffer.from(key.keySha256, 'hex'),
          principal: {
            name: callerName(key.name),
            scopes: new Set(key.scopes),
            sources: key.sources === undefined ? null : new Set(key.sources),
            expiresAtMs: null,
          },
        },
    );
  };
  replaceKeys(initial);
  const authenticate: Authenticate = async (credential) => {
    if (credential === null) throw unauthenticated('Send an API key: Authorization: Bearer <key>.');
    const hash = digest('sha256', credential, 'buffer');
    let found: Principal | null = null;
    for (const entry of known) {
      if (entry.hash.length === hash.length && timingSafeEqual(entry.hash, hash)) found = entry.principal;
    }
    if (found === null) throw unauthenticated('The API key is not known.');
    return found;
  };
  return Object.assign(authenticate, {
    stillValid: (principal: Principal) => known.some((entry) => entry.principal === principal),
    replaceKeys,
  });
};
