import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock, Log } from '../../domain/ports.ts';
import type { Principal } from '../../domain/principal.ts';
import { type Scope, scopes } from '../../domain/words.ts';
import { HttpRefusal, unauthenticated } from '../refusal.ts';
import type { Authenticate } from './authenticate.ts';

export interface JwtSettings {
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** How far the issuer's clock may be off. */
  clockToleranceSeconds?: number | undefined;
}

/** Signatures only: with a shared secret whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

const known: ReadonlySet<string> = new Set(scopes);

const principalOf = (payload: JWTPayload, toleranceSeconds: number): Principal => {
  if (typeof payload.sub !== 'string' || payload.sub === '') throw unauthenticated('The token has no subject (sub).');
  if (payload.exp === undefined) throw unauthenticated('The token has no expiry (exp).');
  const words = typeof payload.scope === 'string' ? payload.scope.split(' ') : [];
  const { sources } = payload;
  if (sources !== undefined && !(Array.isArray(sources) && sources.every((source) => typeof source === 'string'))) {
    throw unauthenticated('The claim sources of the token is not a list of names.');
  }
  return {
    name: payload.sub,
    scopes: new Set(words.filter((word): word is Scope => known.has(word))),
    sources: sources === undefined ? null : new Set(sources as string[]),
    expiresAtMs: (payload.exp + toleranceSeconds) * 1000,
  };
};

/** Tokens of one issuer, checked against its published keys, which are fetched when first needed and kept. */
export const createJwtAuthentication = (settings: JwtSettings, { clock, log }: { clock: Clock; log: Log }): Authenticate => {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: 5000, cooldownDuration: 5000 });
  const clockTolerance = settings.clockToleranceSeconds ?? 5;
  return async (credential) => {
    if (credential === null) throw unauthenticated('Send a token: Authorization: Bearer <JWT>.');
    try {
      const { payload } = await jwtVerify(credential, keys, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms,
        clockTolerance,
        currentDate: new Date(clock.now()),
      });
      return principalOf(payload, clockTolerance);
    } catch (error) {
      if (error instanceof HttpRefusal) throw error;
      if (error instanceof errors.JWTExpired) throw unauthenticated('The token has expired.');
      if (error instanceof errors.JWTClaimValidationFailed) throw unauthenticated(`The claim ${error.claim} of the token does not fit.`);
      const ofToken =
        error instanceof errors.JOSEError &&
        !(error instanceof errors.JWKSTimeout) &&
        !(error instanceof errors.JWKSInvalid) &&
        error.code !== 'ERR_JOSE_GENERIC';
      if (ofToken) throw unauthenticated('The token is not a valid JWT of the configured issuer.');
      log.error('the issuer\u2019s keys could not be fetched', { error });
      throw new HttpRefusal(503, 'AUTHENTICATION_UNAVAILABLE', 'The keys of the token issuer cannot be fetched now; try again.', {
        'retry-after': '5',
      });
    }
  };
};
