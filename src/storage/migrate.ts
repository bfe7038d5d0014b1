import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Database } from './tables.ts';

/** The names of the migrations that the database has been through. */
const doneIn = async (database: Database): Promise<readonly string[]> => {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const done = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database);
  return done.rows.map(({ name }) => name);
};

const refuseNewer = (done: readonly string[], known: readonly string[]): void => {
  const unknown = done.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ExpectedError(
    'CONFLICT',
    `The database was written by a newer version of this program (it holds migration ${unknown}); start that version or later, or restore a backup made before the upgrade.`,
  );
};

/** Brings the database to what this program expects; does nothing when it is there already. Throws CONFLICT for a newer one. */
export const migrate = async (database: Database, migrations: Record<string, Migration>): Promise<void> => {
  const known = Object.keys(migrations);
  const done = await doneIn(database);
  refuseNewer(done, known);
  if (known.every((name) => done.includes(name))) return;
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
};
