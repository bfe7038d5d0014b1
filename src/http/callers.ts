import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { createQuotas } from '../lib/quotas.ts';
import type { Slices } from '../lib/slices.ts';
import { createTurns } from '../lib/turns.ts';
import { type Authenticate, credentialOf } from './auth/authenticate.ts';
import { HttpError, unauthenticated } from './http-error.ts';
import type { Peers } from './peer.ts';
import { createRateLimit, requireRate } from './rate.ts';

/** Runs what takes a thread: one at a time of a caller's, since vendors and credentials need the few threads too. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** How a request is read, in the name of its caller. */
export interface BodyReading {
  inTurn: InTurn;
  /** Told how many bytes there are, each time that more are known of: pays for what they are more than most requests have; throws 429. */
  pay(bytes: number): void;
  /** Resolves in a slice of the caller's, in which so many bytes may be looked at; at once for few. */
  slice(bytes: number): Promise<void>;
}

/** Knows who calls, how often, and how many streams each holds open. */
export interface Callers {
  /** Authenticates by `credential` alone, or by the request's header where that is undefined; refused tries are rationed by address. */
  identify(request: IncomingMessage, credential?: string): Promise<Principal>;
  /** Names who waits for a request to be looked at: the caller whom its header has proved before, else its address. */
  nameOf(request: IncomingMessage, client: string): string;
  /** Pays for one request; throws 429. */
  pay(principal: Principal): void;
  /** How one request of the caller's is read. */
  reading(principal: Principal): BodyReading;
  /** Runs what takes a thread in the caller's turn. */
  inTurn(principal: Principal): InTurn;
  /** Takes a place for one long-lived connection; null where the caller has all of theirs. The function gives it back. */
  occupy(principal: Principal): (() => void) | null;
  /** As `occupy`; throws 429. */
  requirePlace(principal: Principal): () => void;
  stillValid(principal: Principal): boolean;
  /** Calls back when the principal's token ends; the function cancels. */
  onExpiry(principal: Principal, callback: () => void): () => void;
}

/** Operations that people write are smaller. */
const freeBytes = 16_384;
/** The bytes that are read, parsed and validated in the time of a small request. */
const bytesPerRequest = 4096;

/** Headers that have proved a caller. */
const maxProven = 1000;

/** Of a key or a token; a header holds no more either. */
const maxCredentialLength = 16_384;

/** Refused credentials that one client may try in a second. */
const guessesPerSecond = 10;
/** How often it is looked whether a credential has ended, by a clock that may have been set. */
const recheckMs = 60_000;

export const createCallers = (options: {
  authenticate: Authenticate;
  peers: Pick<Peers, 'peerOf'>;
  limits: { requestsPerSecond: number; socketsPerCaller: number };
  clock: Clock;
  slices: Slices;
  /** Called when a request's caller has proved who it is. */
  onKnown(request: IncomingMessage): void;
  log: Log;
}): Callers => {
  const { authenticate, peers, limits, clock, slices, onKnown, log } = options;
  const requests = createRateLimit(limits.requestsPerSecond, clock);
  /** How many requests one costs for its size, besides itself; with itself, no more than a full bucket. */
  const costOf = (bytes: number): number =>
    Math.min(Math.ceil(Math.max(0, bytes - freeBytes) / bytesPerRequest), limits.requestsPerSecond * 2 - 1);
  const proven = new LRUCache<string, string>({ max: maxProven });
  const guesses = createRateLimit(guessesPerSecond, clock);
  const connections = createQuotas();
  const occupy = ({ name }: Principal) => connections.take(name, { max: limits.socketsPerCaller });
  const threads = createTurns();
  const inTurn =
    ({ name }: Principal): InTurn =>
    (work) =>
      threads.run(name, work);
  return {
    identify: async (request, given) => {
      const header = request.headers.authorization ?? '';
      const credential = given ?? credentialOf(header);
      const peer = peers.peerOf(request);
      try {
        if ((credential?.length ?? 0) > maxCredentialLength)
          throw unauthenticated(`The credential is longer than ${maxCredentialLength} characters; use a shorter one.`);
        const principal = await authenticate(credential, peer);
        onKnown(request);
        if (given === undefined && header !== '') proven.set(header, principal.name);
        return principal;
      } catch (error) {
        // Of a header, only its own refusal tells something.
        if (given === undefined && error instanceof HttpError && error.status === 401) proven.delete(header);
        if (error instanceof HttpError && error.status < 500)
          log.warn('a caller was not let in', { client: peer.client, code: error.code, why: error.message });
        if (error instanceof HttpError && error.status === 401 && !peer.loopback) requireRate(guesses, peer.client);
        throw error;
      }
    },
    nameOf: ({ headers }, client) => proven.get(headers.authorization ?? '') ?? client,
    pay: (principal) => requireRate(requests, principal.name),
    inTurn,
    reading: (principal) => {
      const { name } = principal;
      let paid = 0;
      return {
        pay: (bytes) => {
          const cost = costOf(bytes);
          requireRate(requests, name, cost - paid);
          paid = Math.max(paid, cost);
        },
        inTurn: inTurn(principal),
        slice: async (bytes) => {
          // A small one is read at once while the slice of this turn lasts.
          if (bytes > bytesPerRequest || !slices.begin(name)) await slices.next(name);
        },
      };
    },
    occupy,
    requirePlace: (principal) => {
      const leave = occupy(principal);
      if (leave === null)
        throw new HttpError(429, 'RATE_LIMITED', 'Too many connections of this caller; close one first.', { 'retry-after': '1' });
      return leave;
    },
    stillValid: (principal) => authenticate.stillValid?.(principal) ?? true,
    onExpiry: ({ expiresAtMs }, callback) => {
      if (expiresAtMs === null) return () => undefined;
      let cancel = () => {};
      // The clock may have been set meanwhile: what was thought to have ended may not have.
      const wait = () => {
        const leftMs = Math.max(0, expiresAtMs - clock.now());
        cancel = clock.after(Math.min(leftMs, recheckMs), () => (clock.now() >= expiresAtMs ? callback() : wait()));
      };
      wait();
      return () => cancel();
    },
  };
};
