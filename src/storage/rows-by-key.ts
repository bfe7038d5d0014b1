/** Whole tables, read some rows at a time in the order of their key. */
import { type SelectQueryBuilder, sql } from 'kysely';
import { type Database, primaryKeys, type Tables } from './tables.ts';

export type KeyedTable = keyof typeof primaryKeys;
const maxRows = 500;

const nextRows = async <N extends KeyedTable>(
  database: Database,
  table: N,
  after: Tables[N] | undefined,
): Promise<readonly Tables[N][]> => {
  const names = primaryKeys[table] as readonly (keyof Tables[N] & string)[];
  const columns = sql.join(names.map((name) => sql.ref(name)));
  let query = database
    .selectFrom(table as KeyedTable)
    .selectAll()
    .limit(maxRows) as unknown as SelectQueryBuilder<Tables, N, Tables[N]>;
  query = query.orderBy(columns);
  if (after !== undefined) query = query.where(sql<boolean>`(${columns}) > (${sql.join(names.map((name) => after[name]))})`);
  return (await query.execute()) as Tables[N][];
};

/** All rows of a table, at most 500 at once; each step is a read of its own. The last may be empty. */
export async function* rowsByKey<N extends KeyedTable>(
  read: <T>(work: (database: Database) => Promise<T>) => Promise<T>,
  table: N,
): AsyncGenerator<readonly Tables[N][]> {
  for (let last: Tables[N] | undefined; ; ) {
    const rows = await read((database) => nextRows(database, table, last));
    yield rows;
    if (rows.length < maxRows) return;
    last = rows.at(-1);
  }
}

export const eachRow = async <N extends KeyedTable>(
  database: Database,
  table: N,
  work: (row: Tables[N]) => Promise<void>,
): Promise<void> => {
  for await (const rows of rowsByKey((readRows) => readRows(database), table)) for (const row of rows) await work(row);
};
