import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import { dialects, migrations } from './migrations.ts';
import type { Scope, Tables } from './tables.ts';

const connections = 10;
const attempts = 5;
/** Serialisation failure and deadlock: the same work may succeed at once. */
const repeatable: ReadonlySet<unknown> = new Set(['40001', '40P01']);

const bigint = 20;
/** Ids, counts and epoch ms all stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => (oid === bigint ? Number : pg.types.getTypeParser(oid, format))) as never,
};

export const openPostgres = async (url: string): Promise<Engine> => {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    types,
    application_name: 'tapegraph',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // An idle connection that the server closes is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(database, migrations(dialects.postgres));
  } catch (error) {
    await database.destroy();
    throw error;
  }

  const transact: Scope['write'] = async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.transaction().setIsolationLevel('read committed').execute(work);
      } catch (error) {
        if (attempt === attempts || !repeatable.has((error as { code?: unknown }).code)) throw error;
      }
    }
  };
  return {
    outside: { read: (work) => work(database), write: transact, locks: false },
    transact: (work) => transact((open) => work({ read: (inner) => inner(open), write: (inner) => inner(open), locks: true })),
    rowLocks: true,
    ping: async () => {
      await pool.query('select 1');
    },
    close: () => database.destroy(),
  };
};
