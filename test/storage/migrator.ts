/** A server to be killed: it says when its second new migration is half done, and goes no further. */
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { dialects, migrations } from '../../src/storage/migrations.ts';
import { openPostgres } from '../../src/storage/postgres.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';

const creates = (table: string, goOn: () => Promise<void>): Migration => ({
  up: async (db) => {
    await db.schema.createTable(table).addColumn('id', 'integer').execute();
    await goOn();
    await sql`insert into ${sql.table(table)} (id) values (1)`.execute(db);
  },
});

/** Two migrations more than the program has; `halfWay` comes in the middle of the second. */
export const withTwoMore = (known: Record<string, Migration>, halfWay = async (): Promise<void> => undefined) => ({
  ...known,
  '9001-second': creates('second', async () => undefined),
  '9002-third': creates('third', halfWay),
});

export const openWithTwoMore = (url: string, halfWay?: () => Promise<void>) =>
  url.startsWith('sqlite:')
    ? openSqlite(url.slice('sqlite:'.length), withTwoMore(migrations(dialects.sqlite), halfWay))
    : openPostgres(url, withTwoMore(migrations(dialects.postgres), halfWay));

if (import.meta.main) {
  const stay = setInterval(() => undefined, 60_000);
  await openWithTwoMore(process.argv[2]!, () => {
    process.stdout.write('half-way\n');
    return new Promise(() => undefined);
  });
  clearInterval(stay);
}
