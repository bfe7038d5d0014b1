/** Opaque links: what may be fetched, in which form, by whose asking, until when. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { MediaFormat } from '../domain/model/enums.ts';

export interface LinkClaims {
  source: string;
  recording: string;
  format: MediaFormat;
  caller: string;
  /** True if what a blackout covers is left unsilenced. */
  unmasked: boolean;
  expiresAtMs: number;
  /** How long the vendor's file was when the link was made; null where that is not known. */
  byteLength: number | null;
}

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const derived = new LRUCache<string, Buffer>({
  max: 4,
  memoMethod: (key) => Buffer.from(hkdfSync('sha256', key, '', 'tapegraph media link', 32)),
});

/** Encrypts the claims; every server with the key can read the link, and nobody else can read or change it. URL-safe. */
export const sealLink = (claims: LinkClaims, key: string): string => {
  const { source, recording, format, caller, unmasked, expiresAtMs, byteLength } = claims;
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, derived.memo(key), iv);
  const text = JSON.stringify([source, recording, format, caller, unmasked ? 1 : 0, expiresAtMs, byteLength]);
  return Buffer.concat([iv, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]).toString('base64url');
};

const opened = (token: Buffer, key: string): string | null => {
  const opening = createDecipheriv(cipher, derived.memo(key), token.subarray(0, ivBytes));
  opening.setAuthTag(token.subarray(-tagBytes));
  try {
    return Buffer.concat([opening.update(token.subarray(ivBytes, -tagBytes)), opening.final()]).toString('utf8');
  } catch {
    return null;
  }
};

/** Null for a link that was sealed with none of the keys; whether it has expired is for the caller to check. */
export const readLink = (text: string, keys: readonly string[]): LinkClaims | null => {
  const token = Buffer.from(text, 'base64url');
  // One link has one spelling, by which its use is counted.
  if (token.length <= ivBytes + tagBytes || token.toString('base64url') !== text) return null;
  for (const key of keys) {
    const claims = opened(token, key);
    if (claims === null) continue;
    const [source, recording, format, caller, unmasked, expiresAtMs, byteLength] = JSON.parse(claims);
    return { source, recording, format, caller, unmasked: unmasked === 1, expiresAtMs, byteLength };
  }
  return null;
};
