import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { ExpectedError } from '../domain/errors.ts';
import type { Database } from './tables.ts';

const refuseNewer = async (database: Database, known: ReadonlySet<string>): Promise<void> => {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const done = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database);
  const unknown = done.rows.find((row) => !known.has(row.name));
  if (unknown === undefined) return;
  throw new ExpectedError(
    'CONFLICT',
    `The database was written by a newer version of this program (it holds migration ${unknown.name}); start that version or later, or restore a backup made before the upgrade.`,
  );
};

/** Brings the database to what this program expects; does nothing when it is there already. Throws CONFLICT for a newer one. */
export const migrate = async (database: Database, migrations: Record<string, Migration>): Promise<void> => {
  await refuseNewer(database, new Set(Object.keys(migrations)));
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
};
