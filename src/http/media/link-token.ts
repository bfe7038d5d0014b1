/** Signed links: what may be fetched, in which form, by whose asking, until when. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MediaFormat } from '../../domain/model/enums.ts';

export interface LinkClaims {
  source: string;
  recording: string;
  format: MediaFormat;
  caller: string;
  /** Whether what a blackout covers is left audible. */
  unmasked: boolean;
  expiresAtMs: number;
  /** How long the vendor's file was when the link was made; null where that is not known. */
  byteLength: number | null;
}

const sign = (payload: string, key: string): Buffer => createHmac('sha256', key).update(payload).digest();

/** URL-safe; the claims can be read by who has the link, and changed by nobody. */
export const signLink = (claims: LinkClaims, key: string): string => {
  const { source, recording, format, caller, unmasked, expiresAtMs, byteLength } = claims;
  const payload = Buffer.from(JSON.stringify([source, recording, format, caller, unmasked ? 1 : 0, expiresAtMs, byteLength])).toString(
    'base64url',
  );
  return `${payload}.${sign(payload, key).toString('base64url')}`;
};

/** Null for a link that none of the keys signed; whether it has expired is the caller's to look at. */
export const readLink = (token: string, keys: readonly string[]): LinkClaims | null => {
  const [payload, signature, ...rest] = token.split('.');
  if (!payload || !signature || rest.length > 0) return null;
  const given = Buffer.from(signature, 'base64url');
  let signed = false;
  for (const key of keys) {
    const expected = sign(payload, key);
    if (given.length === expected.length && timingSafeEqual(given, expected)) signed = true;
  }
  if (!signed) return null;
  const [source, recording, format, caller, unmasked, expiresAtMs, byteLength] = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  );
  return { source, recording, format, caller, unmasked: unmasked === 1, expiresAtMs, byteLength };
};
