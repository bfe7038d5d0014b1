import { hash } from 'node:crypto';
import type { VendorContext } from '../../domain/ports/vendor-context.ts';

const maxEntries = 10_000;

/**
 * Keeps what cannot be read of lists as dead letters, each once, however often it is listed. Resolves with true for what is kept now; of very
 * many, an older one that is listed again is only kept again.
 */
export const createUnreadableItems = ({ deadLetter }: Pick<VendorContext, 'deadLetter'>) => {
  const kept = new Set<string>();
  return async (kind: string, reason: string, item: unknown): Promise<boolean> => {
    const body = JSON.stringify(item) ?? 'null';
    const digest = hash('sha256', `${kind} ${body}`);
    if (kept.has(digest)) return false;
    await deadLetter({ kind, reason, body: Buffer.from(body) });
    kept.add(digest);
    const [oldest] = kept;
    if (kept.size > maxEntries) kept.delete(oldest!);
    return true;
  };
};
