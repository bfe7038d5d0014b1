/** Reads and writes many rows of the tables of entities. */
import { type RawBuilder, sql } from 'kysely';
import { chunked, lastOfEach, padded, parsed, plain } from './rows.ts';
import type { Executor } from './tables.ts';

const documentTables = ['agents', 'calls', 'recordings', 'blackouts', 'commands'] as const;
type DocumentTable = (typeof documentTables)[number];

/** In the order of `ids`, null for the missing. Inside a transaction the rows stay locked, always in the same order. */
export const byRowId = <T>(executor: Executor, table: DocumentTable, ids: readonly string[]): Promise<readonly (T | null)[]> =>
  executor.read(async (database) => {
    const found = new Map<string, T>();
    const wanted = ids.map(plain);
    for (const chunk of chunked([...new Set(wanted)].sort())) {
      const query = database.selectFrom(table).select(['id', 'data']).where('id', 'in', padded(chunk)).orderBy('id');
      for (const row of await (executor.locks ? query.forUpdate() : query).execute()) found.set(row.id, parsed<T>(row));
    }
    return wanted.map((id) => found.get(id) ?? null);
  });

/** The documents of `sources` that fall under `where`, oldest or newest first. */
export const ofSources = <T>(
  executor: Executor,
  table: Exclude<DocumentTable, 'agents'>,
  { sources, where, order }: { sources: readonly string[]; where: RawBuilder<boolean>; order: 'asc' | 'desc' },
): Promise<readonly T[]> =>
  executor.read(async (database) => {
    if (sources.length === 0) return [];
    const query = database
      .selectFrom(table)
      .select('data')
      .where('source', 'in', padded(sources.map(plain)))
      .where(where);
    return (await query.orderBy('sort_ms', order).orderBy('id', order).execute()).map(parsed<T>);
  });

export const stateIn = (states: readonly string[]): RawBuilder<boolean> => sql`state in (${sql.join(states)})`;

/** In the order of `ids`, the documents of each; `rowsOf` reads those of several at once. */
export const ofEach = async <T>(
  ids: readonly string[],
  rowsOf: (ids: readonly string[]) => Promise<readonly { of: string | null; data: string }[]>,
): Promise<readonly (readonly T[])[]> => {
  const groups = new Map<string | null, readonly T[]>();
  for (const chunk of chunked([...new Set(ids)])) {
    for (const [id, rows] of Map.groupBy(await rowsOf(padded(chunk)), ({ of }) => of)) groups.set(id, rows.map(parsed<T>));
  }
  return ids.map((id) => groups.get(id) ?? []);
};

/** For `doUpdateSet`: these columns as the row that was to be inserted has them. */
export const excluded = <N extends string>(columns: readonly N[]) =>
  Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)])) as unknown as Record<N, RawBuilder<never>>;

/** Each row once, the last of those with one id, in the order of their ids: against deadlocks, and since one statement may not write a row twice. */
export const inWriteOrder = <R extends { id: string }>(rows: readonly R[]): readonly (readonly R[])[] =>
  chunked(lastOfEach(rows, (row) => row.id).sort((left, right) => (left.id < right.id ? -1 : 1)));

/** Rows keep when they were first reported; what has no start is ordered by that. */
export const sortOf = (table: 'calls' | 'recordings') => sql<number>`coalesce(excluded.started_ms, ${sql.ref(`${table}.first_seen_ms`)})`;
