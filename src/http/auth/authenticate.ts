import type { Principal } from '../../domain/model/principal.ts';
import type { Peer } from '../peer.ts';

/** Says who is asking, for every transport. Throws `HttpError` 401 or 403. */
export interface Authenticate {
  /** `credential` is the key or the token, without `Bearer`; null where none came. */
  (credential: string | null, peer: Pick<Peer, 'loopback' | 'foreignPage'>): Promise<Principal>;
  /** False once the credential was withdrawn or what it permits has changed; streams ask before each event. */
  stillValid?(principal: Principal): boolean;
}

/** The key or token of an `Authorization` value, with or without `Bearer` before it; null for an empty or absent one. */
export const credentialOf = (value: unknown): string | null => {
  if (typeof value !== 'string') return null;
  const credential = value
    .trim()
    .replace(/^bearer\s+/i, '')
    .trim();
  return credential === '' || /^bearer$/i.test(credential) ? null : credential;
};
