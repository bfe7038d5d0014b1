import { hash } from 'node:crypto';
import type { AuditRow } from '../domain/ports/store.ts';

/** What the first row names as the hash before it. */
export const firstPreviousHash = '0'.repeat(64);

/** JSON with sorted names and no spaces, so that equal data is equal text; what JSON has no word for is left out. */
export const canonicalJson = (value: unknown): string => {
  const sorted = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(sorted);
    if (part === null || typeof part !== 'object') return part;
    const entries = Object.entries(part).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
  };
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
};

/** SHA-256, in hex, over the canonical JSON of everything in the row but the hash itself. */
export const auditHash = ({ sequence, at, actor, action, subject, previousHash }: Omit<AuditRow, 'hash'>): string =>
  hash('sha256', canonicalJson({ sequence, at, actor, action, subject, previousHash }));
