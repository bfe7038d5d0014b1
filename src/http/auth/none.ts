import type { Principal } from '../../domain/principal.ts';
import { scopes } from '../../domain/words.ts';
import { HttpRefusal } from '../refusal.ts';
import type { Authenticate } from './authenticate.ts';

/** Everyone on this machine may do everything; nobody else may do anything. */
export const createNoAuthentication = (): Authenticate => {
  const anonymous: Principal = { name: 'anonymous', scopes: new Set(scopes), sources: null, expiresAtMs: null };
  return async (_, peer) => {
    if (!peer.loopback) {
      throw new HttpRefusal(403, 'FORBIDDEN', 'This server runs without authentication and answers only callers on its own machine.');
    }
    return anonymous;
  };
};
