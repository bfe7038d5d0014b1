/** What the tables of entities share: reading many by id, and writing many at once. */
import { sql } from 'kysely';
import { chunked, lastOfEach, padded, plain } from './rows.ts';
import { inParts, statement } from './statement.ts';
import type { Database, Scope, Tables } from './tables.ts';

const documentTables = ['agents', 'calls', 'recordings', 'blackouts', 'commands'] as const;
type DocumentTable = (typeof documentTables)[number];

const byIdIn = (table: DocumentTable, locks: boolean) =>
  statement<{ id: string }, { id: string; data: string }>(['id'], (database, ids) => {
    const wanted = ids.map(({ id }) => id);
    const query = database.selectFrom(table).select(['id', 'data']).where('id', 'in', wanted).orderBy('id');
    return (locks ? query.forUpdate() : query).compile();
  });

const byId = Object.fromEntries(documentTables.map((table) => [table, { plain: byIdIn(table, false), locking: byIdIn(table, true) }]));

/** In the order of `ids`, null for the missing. Inside a transaction the rows stay locked, always in the same order. */
export const byRowId = <T>(scope: Scope, table: DocumentTable, ids: readonly string[]): Promise<readonly (T | null)[]> =>
  scope.read(async (database) => {
    const read = byId[table]![scope.locks ? 'locking' : 'plain'];
    const found = new Map<string, T>();
    const wanted = ids.map(plain);
    for (const chunk of chunked([...new Set(wanted)].sort())) {
      const { rows } = await read(
        database,
        padded(chunk).map((id) => ({ id })),
      );
      for (const row of rows) found.set(row.id, JSON.parse(row.data) as T);
    }
    return wanted.map((id) => found.get(id) ?? null);
  });

/** Inserts rows, or overwrites `columns` (and what is `computed`) of those that are there. Rows are written in the order of their ids, against deadlocks. */
export const upsertInto = <N extends DocumentTable>(
  table: N,
  kept: readonly (keyof Tables[N] & string)[],
  columns: readonly (keyof Tables[N] & string)[],
  computed: Readonly<Record<string, unknown>> = {},
) => {
  const put = statement<Tables[N]>([...kept, ...columns], (database, rows) =>
    database
      .insertInto(table)
      .values(rows as never)
      .onConflict((conflict) =>
        conflict
          .column('id' as never)
          .doUpdateSet({ ...Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)])), ...computed } as never),
      )
      .compile(),
  );
  return async (database: Database, rows: readonly Tables[N][]): Promise<void> => {
    const distinct = lastOfEach(rows, (row) => row.id).sort((left, right) => (left.id < right.id ? -1 : 1));
    for (const part of inParts(distinct)) await put(database, part);
  };
};

/** Rows keep when they were first seen; what has no start is ordered by that. */
export const sortOf = (table: 'calls' | 'recordings') => ({
  sort_ms: sql`coalesce(excluded.started_ms, ${sql.ref(`${table}.first_seen_ms`)})`,
});
