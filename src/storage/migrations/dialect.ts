import { type ColumnDataType, type Expression, type Kysely, sql } from 'kysely';

/** Types that one engine spells differently. Text sorts by bytes in both, which is also what keyset pages compare by. */
export interface Dialect {
  text: ColumnDataType | Expression<unknown>;
  integer: ColumnDataType;
  /** An integer that grows by itself, of a primary key. */
  sequence: ColumnDataType;
  /** A text field of a JSON document that is kept as text. */
  field(column: string, name: string): Expression<unknown>;
}

export const dialects: Record<'sqlite' | 'postgres', Dialect> = {
  sqlite: { text: 'text', integer: 'integer', sequence: 'integer', field: (column, name) => sql`${sql.ref(column)} ->> ${sql.lit(name)}` },
  postgres: {
    text: sql`text collate "C"`,
    integer: 'bigint',
    sequence: 'bigserial',
    field: (column, name) => sql`${sql.ref(column)}::json ->> ${sql.lit(name)}`,
  },
};

/** Indexes whose last columns are the order of pages. */
export const createOrderIndexes = async (db: Kysely<unknown>, table: string, ...leading: readonly string[][]) => {
  for (const columns of leading) {
    const name = [table, ...columns, 'order'].join('_');
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns, 'sort_ms', 'id'])
      .execute();
  }
};
