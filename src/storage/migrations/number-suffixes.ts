import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { numberKey } from '../../domain/model/phone-number.ts';
import { createOrderIndexes, type Dialect } from './dialect.ts';

interface NumberColumn {
  table: 'calls' | 'recordings';
  column: 'caller' | 'called' | 'endpoint';
}
const numberColumns: readonly NumberColumn[] = [
  { table: 'calls', column: 'caller' },
  { table: 'calls', column: 'called' },
  { table: 'recordings', column: 'endpoint' },
];
const rowsAtOnce = 500;

/** Reads stored phone numbers as `domain/model/phone-number.ts` reads them now. */
const readNumbersAnew = async (db: Kysely<unknown>, { field }: Dialect, { table, column }: NumberColumn): Promise<void> => {
  for (let last = ''; ; ) {
    const { rows } = await sql<{ id: string; number: string | null; key: string | null }>`select id, ${field('data', column)} as number,
      ${sql.ref(`${column}_key`)} as key
      from ${sql.table(table)} where id > ${last} order by id limit ${rowsAtOnce}`.execute(db);
    for (const { id, number, key } of rows) {
      const read = numberKey(number);
      if (read === null || read.key === key) continue;
      await sql`update ${sql.table(table)} set ${sql.ref(`${column}_key`)} = ${read.key}, ${sql.ref(`${column}_suffix`)} = ${read.suffix}
        where id = ${id}`.execute(db);
    }
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)!.id;
  }
};

/** The columns of phone numbers get their names. */
export const numberSuffixes = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const { table, column } of numberColumns) {
      await sql`drop index ${sql.ref(`${table}_${column}_tail_order`)}`.execute(db);
      await db.schema.alterTable(table).renameColumn(`${column}_tail`, `${column}_suffix`).execute();
      await readNumbersAnew(db, dialect, { table, column });
      await createOrderIndexes(db, table, [`${column}_suffix`]);
    }
  },
});

/** Runs where numbers are read otherwise than before, such as those with an extension, with a trunk eight, or in angle brackets, or had no key. */
export const numbersReadAnew = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const column of numberColumns) await readNumbersAnew(db, dialect, column);
  },
});
