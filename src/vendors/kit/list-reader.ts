import type * as z from 'zod';
import { sameJson } from '../../lib/same-json.ts';

/**
 * Reads the items of a list that a vendor gives again and again, each by itself, in their order. Most say what they said in the list before, at
 * the same place, and are not read anew: of a list of hundreds, a poll finds few changed.
 */
export const createListReader = <T>(schema: z.ZodType<T>): ((items: readonly unknown[]) => z.ZodSafeParseResult<T>[]) => {
  let before: readonly { item: unknown; result: z.ZodSafeParseResult<T> }[] = [];
  return (items) => {
    before = items.map((item, index) => {
      const known = before[index];
      return known && sameJson(known.item, item) ? known : { item, result: schema.safeParse(item) };
    });
    return before.map(({ result }) => result);
  };
};
