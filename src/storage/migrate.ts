import { sql, type TableMetadata } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { ExpectedError } from '../domain/model/errors.ts';
import { type Database, primaryKeys } from './tables.ts';

const bookkeeping = /^kysely_migration/;

/** A table of another program in an otherwise unused database: any in a file, and one with a name of ours in a schema of PostgreSQL. */
const foreignTable = async (database: Database, tables: readonly TableMetadata[]): Promise<string | undefined> => {
  const isFile = tables.every(({ schema }) => schema === undefined);
  const ours: readonly string[] = Object.keys(primaryKeys);
  const current = isFile ? undefined : (await sql<{ name: string }>`select current_schema() as name`.execute(database)).rows[0]?.name;
  return tables.find(({ name, schema }) => !bookkeeping.test(name) && schema === current && (isFile || ours.includes(name)))?.name;
};

/** Throws CONFLICT for a database of another program, or of a newer one; answers the names of the migrations that it has been through. */
export const refuseForeign = async (database: Database, migrations: Record<string, Migration>): Promise<readonly string[]> => {
  const known = Object.keys(migrations);
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  const rows = tables.some(({ name }) => name === 'kysely_migration')
    ? (await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database)).rows
    : [];
  const done = rows.map(({ name }) => name);
  const foreign = done.length === 0 ? await foreignTable(database, tables) : undefined;
  if (foreign !== undefined)
    throw new ExpectedError('CONFLICT', `The database is another program's (it contains a table ${foreign}); use an empty one.`);
  const unknown = done.find((name) => !known.includes(name));
  if (unknown === undefined) return done;
  throw new ExpectedError(
    'CONFLICT',
    `The database was written by a newer version of this program (it contains migration ${unknown}); start that version or a later one, or restore a backup from before the upgrade.`,
  );
};

/** Brings the database to what this program expects; does nothing when it is there already. Throws CONFLICT for a newer one. */
export const migrate = async (database: Database, migrations: Record<string, Migration>): Promise<void> => {
  const done = await refuseForeign(database, migrations);
  if (Object.keys(migrations).every((name) => done.includes(name))) return;
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
};
