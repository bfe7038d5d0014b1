import type { z } from 'zod';
import { sameJson } from '../kit/index.ts';

/** Keeps an item that cannot be read, with the place in it that is amiss. */
export type SetAside = (item: unknown, place: string) => Promise<void>;

interface LastList {
  text: string;
  shown: readonly unknown[];
  results: readonly z.ZodSafeParseResult<unknown>[];
  readable: readonly unknown[];
  /** By the text of an item, its place in `shown`; made when an item is not where it was. */
  places?: ReadonlyMap<string, number>;
}

/**
 * How many items are remembered, of all lists, each of which counts as one more; those of a list that was read longer ago are only
 * read again. The list that was read last is remembered however long it is.
 */
const kept = 20_000;

const weight = (list: LastList): number => list.shown.length + 1;

/** The place at which the last answer showed each item as it is now; -1 for what is new. Lists come in any order, though mostly in one. */
const placesIn = (last: LastList, shown: readonly unknown[]): readonly number[] =>
  shown.map((item, place) => {
    if (place < last.shown.length && sameJson(last.shown[place], item)) return place;
    last.places ??= new Map(last.shown.map((known, index) => [JSON.stringify(known), index]));
    return last.places.get(JSON.stringify(item)) ?? -1;
  });

export interface ShownList<T> {
  name: string;
  text: string;
  /** The items in `text`. */
  parse(): readonly unknown[];
  schema: z.ZodType<T>;
}

/**
 * Reads the items of a list; `setAside` gets those that cannot be read and were not there before. Most answers say what the last
 * one said, or most of it: only the rest is read, and an answer that says all the same is the very same list again.
 */
export const createListReader = () => {
  const lists = new Map<string, LastList>();
  let size = 0;

  const forget = (name: string) => {
    const list = lists.get(name);
    if (list) size -= weight(list);
    lists.delete(name);
  };
  const keep = (name: string, list: LastList) => {
    forget(name);
    lists.set(name, list);
    size += weight(list);
    for (const oldest of lists.keys()) {
      if (size <= kept || oldest === name) break;
      forget(oldest);
    }
  };

  return async <T>({ name, text, parse, schema }: ShownList<T>, setAside: SetAside): Promise<readonly T[]> => {
    const last = lists.get(name) ?? { text: '', shown: [], results: [], readable: [] };
    const again = () => {
      keep(name, { ...last, text });
      return last.readable as readonly T[];
    };
    if (text === last.text) return again();
    const shown = parse();
    const places = placesIn(last, shown);
    if (shown.length === last.shown.length && !places.includes(-1) && new Set(places).size === shown.length) return again();
    const results = shown.map((item, index) => last.results[places[index]!] ?? schema.safeParse(item)) as z.ZodSafeParseResult<T>[];
    const readable = results.flatMap((result) => (result.success ? [result.data] : []));
    for (const [index, result] of results.entries()) {
      if (result.success || places[index] !== -1) continue;
      await setAside(shown[index], result.error.issues[0]?.path.join('.') || 'its root');
    }
    keep(name, { text, shown, results, readable });
    return readable;
  };
};
