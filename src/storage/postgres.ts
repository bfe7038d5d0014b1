import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Engine } from './engine.ts';
import { migrate, refuseForeign } from './migrate.ts';
import { dialects, migrations } from './migrations.ts';
import { createAssigner } from './postgres-assigner.ts';
import { isUnavailable, postgresError } from './postgres-errors.ts';
import { inTransaction } from './postgres-transaction.ts';
import { type Database, type Executor, primaryKeys, type Tables } from './tables.ts';

const connections = 10;
/** Each holds a connection, of which other work needs some as well. */
const maxTransactions = 6;
const attempts = 5;
/** Serialisation failure and deadlock: the same work may succeed at once. */
const repeatable: ReadonlySet<unknown> = new Set(['40001', '40P01']);

const bigint = 20;
/** Ids, counts and epoch ms all stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === bigint ? Number : format === 'binary' ? pg.types.getTypeParser(oid, format) : pg.types.getTypeParser(oid, format),
};

/** A query that nobody answers fails after this. */
const queryTimeoutMs = 35_000;

const connectTo = (url: string, more: pg.PoolConfig): { pool: pg.Pool; database: Database } => {
  // The driver warns at length of what it does with the other modes of TLS: the same.
  const connectionString = /[?&]uselibpqcompat=/.test(url)
    ? url
    : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)\b/, '$1verify-full');
  const fixed = { types, application_name: 'tapegraph', connectionTimeoutMillis: 5_000, keepAlive: true };
  const pool = new pg.Pool({ connectionString, ...fixed, ...more });
  // A connection that the server closes is replaced by the pool, and its query fails if it had one; without listeners, on what is idle
  // and on what is not, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { pool, database: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }) };
};

export const openPostgres = async (url: string, steps = migrations(dialects.postgres)): Promise<Engine> => {
  // A migration of large tables takes the time that it takes.
  const { database: unlimited } = connectTo(url, { max: 1 });
  try {
    await migrate(unlimited, steps);
  } catch (error) {
    throw postgresError(error, url);
  } finally {
    await unlimited.destroy();
  }
  const { pool, database } = connectTo(url, { max: connections, query_timeout: queryTimeoutMs, pipeline: true });

  const transact = async <T>(work: (inside: Executor) => Promise<T>, opening?: string): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTransaction(pool, work, opening);
      } catch (error) {
        if (attempt === attempts || !repeatable.has((error as { code?: unknown }).code)) throw error;
      }
    }
  };
  const assigner = createAssigner(database, transact);
  await assigner.assignAll();
  const append: Executor['append'] = async (statements) => {
    await transact((inside) => inside.append(statements));
    assigner.assignOwn();
  };
  const read: Executor['read'] = (work) => work(database);
  return {
    outside: {
      read,
      readLog: async (work) => {
        await assigner.assigned();
        return work(database);
      },
      write: (work) => transact((inside) => inside.write(work)),
      statement: read,
      append,
      locks: false,
    },
    transact: async (work) => {
      let appends = false;
      const result = await transact((inside) => {
        appends = false;
        const append: Executor['append'] = (statements) => {
          appends = true;
          return inside.append(statements);
        };
        return work({ ...inside, append });
      });
      if (appends) assigner.assignOwn();
      return result;
    },
    now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    rowLocks: true,
    maxTransactions,
    assignPositions: assigner.assignAll,
    forgetDeleted: async () => {
      await sql`vacuum`.execute(database);
    },
    isUnavailable,
    ping: async () => {
      await pool.query('select 1');
    },
    close: async () => {
      await assigner.assigned();
      await database.destroy();
    },
  };
};

/** Throws, with PostgreSQL's code, where a role could not write, or not create the tables that are missing. */
const refuseWithoutRights = async (database: Database, isMigrated: boolean): Promise<void> => {
  const { rows } = await sql<{ read_only: boolean; may_create: boolean | null; may_write: boolean | null }>`
    select current_setting('transaction_read_only') = 'on' as read_only,
      has_schema_privilege(current_schema(), 'create') as may_create,
      (select bool_and(has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert') and has_table_privilege(oid, 'update')
          and has_table_privilege(oid, 'delete'))
        from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname in (${sql.join(Object.keys(primaryKeys))})
      ) as may_write`.execute(database);
  const { read_only: isReadOnly, may_create: mayCreate, may_write: mayWrite } = rows[0]!;
  if (isReadOnly) throw Object.assign(new Error('read only'), { code: '25006' });
  if (isMigrated ? mayWrite === false : mayCreate !== true) throw Object.assign(new Error('no right'), { code: '42501' });
};

/** Throws where a start could not use the database; writes nothing. */
export const checkPostgres = async (url: string, maxMs = 5_000): Promise<void> => {
  const { database } = connectTo(url, { max: 1, connectionTimeoutMillis: maxMs, query_timeout: maxMs });
  try {
    const steps = migrations(dialects.postgres);
    const done = await refuseForeign(database, steps);
    await refuseWithoutRights(database, done.length === Object.keys(steps).length);
  } catch (error) {
    throw postgresError(error, url);
  } finally {
    await database.destroy();
  }
};
