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

/** Of more rows there would be too many different ones to keep. */
const mostRowsKept = 16;

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
    if (size <= mostRowsKept) kept.set(adapter, bySize.set(size, query));
    return query;
  };

  return (database: Database, rows: readonly R[]): Promise<QueryResult<O>> => {
    const query = compiled(database, rows.length);
    const parameters = query.parameters.map((value) => (value instanceof Slot ? rows[value.row]![value.name as keyof R] : value));
    return database.executeQuery({ ...query, parameters });
  };
};
