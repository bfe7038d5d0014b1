import { scopes } from '../../domain/model/enums.ts';
import { anonymousActor, type Principal } from '../../domain/model/principal.ts';
import { HttpError } from '../http-error.ts';
import type { Authenticate } from './authenticate.ts';

/** Everyone on this machine may do everything; nobody else may do anything. */
export const createNoAuthentication = (): Authenticate => {
  const anonymous: Principal = { name: anonymousActor, scopes: new Set(scopes), sources: null, expiresAtMs: null };
  return async (_, peer) => {
    if (!peer.loopback) {
      throw new HttpError(403, 'FORBIDDEN', 'This server runs without authentication and answers only callers on its own machine.');
    }
    // No credential has to come with the request, so a page of any site could send it from the browser of who works here.
    if (peer.foreignPage) {
      throw new HttpError(403, 'FORBIDDEN', 'Pages of other sites cannot call this server; add their origin to server.corsOrigins.');
    }
    return anonymous;
  };
};
