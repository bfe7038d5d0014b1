/** Statements that come with every request. To put one together costs more than to run it, and only its values change. */
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Database } from './tables.ts';

/** Stands in a statement for a value of one of its rows. */
class Slot {
  readonly row: number;
  readonly name: string;
  constructor(row: number, name: string) {
    this.row = row;
    this.name = name;
  }
}

/** What a statement is put together with: each fits wherever its value does. */
export type Slots<R> = { readonly [N in keyof R]: never };

/** Of every number of rows there would be too many to keep: of more than these, only powers of two are. */
const everySize = 15;
const largestPart = 256;

const isKept = (size: number): boolean => size <= everySize || Number.isInteger(Math.log2(size));

/** Cuts rows to write into parts of such sizes as are kept. */
export const inParts = <R>(rows: readonly R[]): readonly (readonly R[])[] => {
  const parts: (readonly R[])[] = [];
  for (let start = 0; start < rows.length; start += parts.at(-1)!.length) {
    const left = rows.length - start;
    const size = left <= everySize ? left : Math.min(largestPart, 2 ** Math.floor(Math.log2(left)));
    parts.push(rows.slice(start, start + size));
  }
  return parts;
};

const slotsOf = <R extends object>(names: readonly (keyof R & string)[], size: number): Slots<R>[] =>
  Array.from({ length: size }, (_, row) => Object.fromEntries(names.map((name) => [name, new Slot(row, name)])) as Slots<R>);

/**
 * What is returned runs the statement with the values of its rows. `build` compiles it over slots of `names`, once for each database and
 * number of rows; whatever else it puts in stays what it was then.
 */
export const statement = <R extends object, O = unknown>(
  names: readonly (keyof R & string)[],
  build: (database: Database, rows: readonly Slots<R>[]) => CompiledQuery<O>,
) => {
  /** By the adapter, which a database shares with its transactions; then by the number of rows. */
  const kept = new WeakMap<object, Map<number, CompiledQuery<O>>>();

  const compiled = (database: Database, size: number): CompiledQuery<O> => {
    const { adapter } = database.getExecutor();
    const bySize = kept.get(adapter) ?? new Map<number, CompiledQuery<O>>();
    const known = bySize.get(size);
    if (known !== undefined) return known;
    const query = build(database, slotsOf(names, size));
    if (isKept(size)) kept.set(adapter, bySize.set(size, query));
    return query;
  };

  return (database: Database, rows: readonly R[]): Promise<QueryResult<O>> => {
    const query = compiled(database, rows.length);
    const parameters = query.parameters.map((value) => (value instanceof Slot ? rows[value.row]![value.name as keyof R] : value));
    return database.executeQuery({ ...query, parameters });
  };
};
