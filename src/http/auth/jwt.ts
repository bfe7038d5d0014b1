import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Scope, scopes } from '../../domain/model/enums.ts';
import type { Principal } from '../../domain/model/principal.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Log } from '../../domain/ports/log.ts';
import { HttpError, unauthenticated } from '../http-error.ts';
import { createRateLimit } from '../rate.ts';
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

/** Two at once, then one every second. */
const refetchesPerSecond = 1;

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

/**
 * The issuer's published keys, fetched when first needed and kept. A token of a key that is not among them has them fetched anew at
 * once, so that the issuer may change its keys at any time; so rarely, though, that strangers cannot have them fetched at will.
 */
const createKeys = (jwksUrl: string, clock: Clock): JWTVerifyGetKey => {
  const published = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5000, cooldownDuration: 60_000 });
  const fetches = createRateLimit(refetchesPerSecond, clock);
  return async (header, token) => {
    try {
      return await published(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || fetches.take('all') > 0) throw error;
      await published.reload();
      return published(header, token);
    }
  };
};

/** Tokens of one issuer, checked against its published keys. */
export const createJwtAuthentication = (settings: JwtSettings, { clock, log }: { clock: Clock; log: Log }): Authenticate => {
  const keys = createKeys(settings.jwksUrl, clock);
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
      if (error instanceof HttpError) throw error;
      if (error instanceof errors.JWTExpired) throw unauthenticated('The token has expired.');
      if (error instanceof errors.JWTClaimValidationFailed) throw unauthenticated(`The claim ${error.claim} of the token does not fit.`);
      const ofToken =
        error instanceof errors.JOSEError &&
        !(error instanceof errors.JWKSTimeout) &&
        !(error instanceof errors.JWKSInvalid) &&
        error.code !== 'ERR_JOSE_GENERIC';
      if (ofToken) throw unauthenticated('The token is not a valid JWT of the configured issuer.');
      log.error('the issuer\u2019s keys could not be fetched', { error });
      throw new HttpError(503, 'AUTHENTICATION_UNAVAILABLE', 'The keys of the token issuer cannot be fetched now; try again.', {
        'retry-after': '5',
      });
    }
  };
};
