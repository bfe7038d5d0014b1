import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Scope, scopes } from '../../domain/model/enums.ts';
import { callerName, type Principal } from '../../domain/model/principal.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Log } from '../../domain/ports/log.ts';
import { underDeadline } from '../../domain/under-deadline.ts';
import { jsonExcess } from '../../lib/json-depth.ts';
import { credentialEnded, HttpError, unauthenticated } from '../http-error.ts';
import { createRateLimit } from '../rate.ts';
import type { Authenticate } from './authenticate.ts';

export interface JwtSettings {
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** How far the issuer's clock may be off. */
  clockToleranceSeconds?: number | undefined;
  /** The claim that holds the scopes; `scope`, `scp` and `permissions` together where it is absent. */
  scopeClaim?: string | undefined;
  /** How long keys that were fetched stay good while the issuer cannot be reached. */
  staleKeysSeconds?: number | undefined;
}

/** Signatures only: with a shared secret whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

const known: ReadonlySet<string> = new Set(scopes);

/** Two at once, then one every second. */
const refetchesPerSecond = 1;
/** Keys of this age are fetched again beside the requests that use them. */
const freshMs = 10 * 60_000;
const defaultStaleKeysSeconds = 86_400;
const fetchTimeoutMs = 5_000;
/** Of what the issuer publishes: some hundred keys with their certificates. OpenSSL itself bounds the work that one key makes. */
const maxKeySet = { bytes: 262_144, levels: 8, values: 10_000 };

/** Reads a claim of scopes as text with spaces or commas between them, or as a list. */
const words = (claim: unknown): readonly string[] =>
  typeof claim === 'string' ? claim.split(/[\s,]/) : Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];

/** DateTime tells no later one; some issuers mean never by more. */
const maxExpiryMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The longest texts of a token that the ledger, the audit trail and the log hold. */
const maxNameLength = 256;
const maxSources = 1000;

const isListOfNames = (claim: unknown): claim is string[] =>
  Array.isArray(claim) && claim.length <= maxSources && claim.every((name) => typeof name === 'string' && name.length <= maxNameLength);

const principalOf = (payload: JWTPayload, scopeClaim: string | undefined): Principal => {
  if (typeof payload.sub !== 'string' || payload.sub === '') throw unauthenticated('The token has no subject (sub).');
  if (payload.sub.length > maxNameLength)
    throw unauthenticated(`The token\u2019s subject (sub) is longer than ${maxNameLength} characters; use a shorter one.`);
  if (!payload.sub.isWellFormed()) throw unauthenticated('The token\u2019s subject (sub) is no well-formed Unicode.');
  if (payload.exp === undefined) throw unauthenticated('The token has no expiry (exp).');
  const granted = (scopeClaim === undefined ? ['scope', 'scp', 'permissions'] : [scopeClaim]).flatMap((claim) => words(payload[claim]));
  const { sources } = payload;
  if (sources !== undefined && !isListOfNames(sources)) {
    throw unauthenticated(`The claim sources of the token is not a list of at most ${maxSources} names.`);
  }
  return {
    name: callerName(payload.sub),
    scopes: new Set(granted.filter((word): word is Scope => known.has(word))),
    sources: sources === undefined ? null : new Set(sources.map((name) => name.toWellFormed())),
    expiresAtMs: Math.min(payload.exp * 1000, maxExpiryMs),
  };
};

/** Reads no more than a set of keys may hold. */
const readKeySet = async ({ body }: Response): Promise<JSONWebKeySet> => {
  const { bytes: maxBytes, ...limits } = maxKeySet;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`the issuer answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const json = Buffer.concat(chunks);
  const excess = jsonExcess(json, limits);
  if (excess !== null) throw new Error(`the issuer answered with JSON of more than ${limits[excess]} ${excess}`);
  return JSON.parse(new TextDecoder().decode(json));
};

/** Fetches what the issuer publishes. Throws where that is no set of keys, or an empty one, which an issuer that is starting may answer. */
const fetchKeySet = async (url: string, signal: AbortSignal) => {
  const answer = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/json' } });
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Error(`the issuer answered with HTTP ${answer.status}`);
  }
  const keySet = await readKeySet(answer);
  const published = createLocalJWKSet(keySet);
  if (keySet.keys.length === 0) throw new Error('the issuer published no keys');
  return published;
};

/**
 * The issuer's published keys, fetched when first needed and kept: fetched anew beside the requests after `freshMs`, and good until
 * `staleKeysSeconds` while that fails. A token of a key that is not among them has them fetched at once, so that the issuer may change
 * its keys at any time; so rarely, though, that strangers cannot have them fetched at will.
 */
const createKeys = (settings: JwtSettings, clock: Clock, log: Log): JWTVerifyGetKey => {
  const staleMs = (settings.staleKeysSeconds ?? defaultStaleKeysSeconds) * 1000;
  let published: ReturnType<typeof createLocalJWKSet> | null = null;
  const fetches = createRateLimit(refetchesPerSecond, clock);
  let fetchedAtMs: number | null = null;
  let fetching: Promise<void> | null = null;
  const reload = async () => {
    try {
      const deadline = { ms: fetchTimeoutMs, subject: 'the request for the issuer\u2019s keys' };
      published = await underDeadline(clock, deadline, (signal) => fetchKeySet(settings.jwksUrl, signal));
      fetchedAtMs = clock.monotonicMs();
    } finally {
      fetching = null;
    }
  };
  const fetchKeys = (): Promise<void> => {
    fetching ??= reload();
    return fetching;
  };
  return async (header, token) => {
    const ageMs = fetchedAtMs === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - fetchedAtMs;
    if (ageMs > Math.max(staleMs, freshMs)) {
      if (fetching === null && fetches.take('all') > 0) throw new Error('the issuer did not answer a moment ago');
      await fetchKeys();
    } else if (ageMs > freshMs && fetches.take('refresh') === 0) {
      fetchKeys().catch((error: unknown) =>
        log.warn('the issuer\u2019s keys could not be fetched again; the known keys stay valid', { error }),
      );
    }
    try {
      return await published!(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || fetches.take('unknown key') > 0) throw error;
      await fetchKeys();
      return published!(header, token);
    }
  };
};

/** Tokens of one issuer, checked against its published keys. */
export const createJwtAuthentication = (settings: JwtSettings, { clock, log }: { clock: Clock; log: Log }): Authenticate => {
  const keys = createKeys(settings, clock, log);
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
      return principalOf(payload, settings.scopeClaim);
    } catch (error) {
      if (error instanceof HttpError) throw error;
      if (error instanceof errors.JWTExpired) throw credentialEnded('The token has expired.');
      if (error instanceof errors.JWTClaimValidationFailed)
        throw unauthenticated(`The claim ${error.claim} of the token has the wrong value.`);
      const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid);
      if (isOfToken) throw unauthenticated('The token is not a valid JWT of the configured issuer.');
      log.error('the issuer\u2019s keys could not be fetched; check auth.jwt.jwksUrl, and the way to it', { error });
      throw new HttpError(503, 'AUTHENTICATION_UNAVAILABLE', 'The keys of the token issuer cannot be fetched now; try again.', {
        'retry-after': '5',
      });
    }
  };
};
