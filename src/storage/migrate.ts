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

/** Throws CONFLICT for a database that a newer program wrote; answers what it has been through. */
export const refuseNewer = async (database: Database, migrations: Record<string, Migration>): Promise<readonly string[]> => {
  const known = Object.keys(migrations);
  const done = await doneIn(database);
  const unknown = done.find((name) => !known.includes(name));
  if (unknown === undefined) return done;
  throw new ExpectedError(
    'CONFLICT',
    `The database was written by a newer version of this program (it contains migration ${unknown}); start that version or a later one, or restore a backup from before the upgrade.`,
  );
};

/** Brings the database to what this program expects; does nothing when it is there already. Throws CONFLICT for a newer one. */
export const migrate = async (database: Database, migrations: Record<string, Migration>): Promise<void> => {
  const done = await refuseNewer(database, migrations);
  if (Object.keys(migrations).every((name) => done.includes(name))) return;
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
};
