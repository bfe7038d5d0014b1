/** What the tables of nouns share: reading many by id, and writing many at once. */
import { type Insertable, sql } from 'kysely';
import { chunked, lastOfEach, padded } from './rows.ts';
import type { Database, Scope, Tables } from './tables.ts';

type DocumentTable = 'agents' | 'calls' | 'recordings' | 'blackouts' | 'commands';

/** In the order of `ids`, null for the missing. Inside a transaction the rows stay locked, always in the same order. */
export const byRowId = <T>(scope: Scope, table: DocumentTable, ids: readonly string[]): Promise<readonly (T | null)[]> =>
  scope.read(async (database) => {
    const found = new Map<string, T>();
    for (const chunk of chunked([...new Set(ids)].sort())) {
      const query = database.selectFrom(table).select(['id', 'data']).where('id', 'in', padded(chunk)).orderBy('id');
      const rows = await (scope.locks ? query.forUpdate() : query).execute();
      for (const row of rows) found.set(row.id, JSON.parse(row.data) as T);
    }
    return ids.map((id) => found.get(id) ?? null);
  });

/** Inserts rows, or overwrites `columns` (and what is `computed`) of those that are there. Rows are written in the order of their ids, against deadlocks. */
export const upsert = async <N extends DocumentTable>(
  database: Database,
  table: N,
  rows: readonly (Insertable<Tables[N]> & { id: string })[],
  columns: readonly (keyof Tables[N] & string)[],
  computed: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const distinct = lastOfEach(rows, (row) => row.id).sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const chunk of chunked(distinct)) {
    await database
      .insertInto(table)
      .values(chunk as never)
      .onConflict((conflict) =>
        conflict
          .column('id' as never)
          .doUpdateSet({ ...Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)])), ...computed } as never),
      )
      .execute();
  }
};

/** Rows keep when they were first seen; what has no start is ordered by that. */
export const sortOf = (table: 'calls' | 'recordings') => ({
  sort_ms: sql`coalesce(excluded.started_ms, ${sql.ref(`${table}.first_seen_ms`)})`,
});
