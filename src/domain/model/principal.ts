import { plainText } from '../../lib/numbers-in-text.ts';
import type { Scope } from './enums.ts';

/** The caller. Made once per request or connection by `http/auth`, and read by every transport the same way. */
export interface Principal {
  /** The key's name or the token's subject; what the ledger writes as `requestedBy`. */
  name: string;
  scopes: ReadonlySet<Scope>;
  /** Names of the sources within reach; null for all. */
  sources: ReadonlySet<string> | null;
  /** When the token ends, in epoch ms; null for keys. */
  expiresAtMs: number | null;
}

/** Names who sent a request, and the id under which all that comes of it is logged. */
export interface Caller {
  principal: Principal;
  correlationId: string;
}

/** The actors in the ledger besides callers: this server, a vendor that acts by itself, and the unknown. */
export const serverActor = 'tapegraph';
export const vendorActor = 'vendor';
export const unknownActor = 'unknown';
export const anonymousActor = 'anonymous';

const callerPrefix = 'caller:';
const reserved: ReadonlySet<string> = new Set([serverActor, vendorActor, unknownActor, anonymousActor]);

/** A name as people read it: without case, marks that are not seen, and spaces around it. */
const readAs = (name: string): string => plainText(name).replaceAll(/\p{C}/gu, '').trim().toLowerCase();

/** Returns the name under which a key or a token's subject acts, which never reads like that of another kind of actor. */
export const callerName = (given: string): string =>
  reserved.has(readAs(given)) || given.startsWith(callerPrefix) ? `${callerPrefix}${given}` : given;

export const hasScope = (principal: Principal, scope: Scope): boolean => principal.scopes.has(scope);

/** A source out of reach is answered as if it were not there. */
export const reaches = (principal: Principal, source: string): boolean => principal.sources === null || principal.sources.has(source);
