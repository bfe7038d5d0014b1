import type { VendorContext } from '../kit/index.ts';
import type { UnreadableItem } from './wire.ts';

/** The most that are kept; an older one that is listed again is only kept again. */
const maxEntries = 5_000;

/** Keeps what could not be read of lists as dead letters, each once, however often it is listed. */
export const createUnreadableItems = ({ deadLetter }: Pick<VendorContext, 'deadLetter'>) => {
  const kept = new Set<string>();
  return {
    keep: async (operation: string, items: readonly UnreadableItem[]): Promise<void> => {
      for (const { item, place } of items) {
        const text = JSON.stringify(item);
        const key = `${operation} ${text}`;
        if (kept.has(key)) continue;
        await deadLetter({ kind: operation, reason: `An item is not of the documented shape at ${place}.`, body: Buffer.from(text) });
        kept.add(key);
        for (const oldest of kept) if (kept.size > maxEntries) kept.delete(oldest);
      }
    },
  };
};
