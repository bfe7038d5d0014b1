import type { SourceKey } from '../model/entities.ts';
import { mapKey } from '../model/ids.ts';
import type { ReadContext } from './context.ts';
import { inParts } from './parts.ts';
import { isWithinReach, type Reach } from './sources.ts';

/** Where the rows of an entity are found. */
interface Rows<T> {
  live(key: SourceKey): T | null;
  stored(keys: readonly SourceKey[]): Promise<readonly (T | null)[]>;
}

/** Returns rows in the order of the keys: from live state, and what that lacks from the store; null for the missing and those out of reach. */
export const liveOrStored = async <T>(
  context: Reach & Pick<ReadContext, 'slices' | 'principal'>,
  keys: readonly SourceKey[],
  { live, stored }: Rows<T>,
): Promise<readonly (T | null)[]> => {
  const held = keys.map((key) => (isWithinReach(context, key.source) ? live(key) : null));
  const missing = keys.filter(({ source }, index) => held[index] === null && context.sources.has(source));
  if (missing.length === 0) return held;
  const rows = await inParts(context, missing, { rowsOf: () => 1, read: stored });
  const found = new Map(missing.map((key, index) => [mapKey(key), rows[index] ?? null]));
  return keys.map((key, index) => held[index] ?? found.get(mapKey(key)) ?? null);
};
