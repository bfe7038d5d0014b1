import { createHash } from 'node:crypto';

/** The SHA-256 of a text in hex, as hashes of keys and of documents are given. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
