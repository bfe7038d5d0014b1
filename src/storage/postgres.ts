import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { coalesced } from '../lib/coalesced.ts';
import type { Engine } from './engine.ts';
import { migrate, refuseForeign } from './migrate.ts';
import { dialects, migrations } from './migrations.ts';
import { assignPositions, hasPending } from './positions.ts';
import { postgresError } from './postgres-errors.ts';
import { type Database, primaryKeys, type Scope, type Tables } from './tables.ts';

const connections = 10;
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
/**
 * The locks of a server that hangs or was cut off are gone after this time. Set for each transaction, since PgBouncer refuses such
 * settings at the start of a connection, and in transaction pooling hands a connection with what was set for good to other clients.
 */
const limits = sql`select set_config('statement_timeout', '30000', true), set_config('idle_in_transaction_session_timeout', '15000', true)`;

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
  const { pool, database } = connectTo(url, { max: connections, query_timeout: queryTimeoutMs });

  const transact: Scope['write'] = async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.transaction().execute(async (open) => {
          await limits.execute(open);
          return work(open);
        });
      } catch (error) {
        if (attempt === attempts || !repeatable.has((error as { code?: unknown }).code)) throw error;
      }
    }
  };
  const assign = coalesced(async () => {
    while ((await hasPending(database)) && (await transact((open) => assignPositions(open, true))));
  });
  // For what a server appended that died right after.
  await assign();
  // The commit has taken place: what could not get its position now gets it with the next one, or from another server.
  const assignAfterCommit = () => assign().catch(() => undefined);
  return {
    outside: {
      read: (work) => work(database),
      write: transact,
      append: async (work) => {
        const result = await transact(work);
        await assignAfterCommit();
        return result;
      },
      locks: false,
    },
    transact: async (work) => {
      let appended = false;
      const result = await transact((open) => {
        appended = false;
        const inOpen: Scope['write'] = (inner) => inner(open);
        const append: Scope['append'] = (inner) => {
          appended = true;
          return inner(open);
        };
        return work({ read: inOpen, write: inOpen, append, locks: true });
      });
      if (appended) await assignAfterCommit();
      return result;
    },
    now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    rowLocks: true,
    assignPositions: assign,
    forgetDeleted: async () => {
      await sql`vacuum`.execute(database);
    },
    ping: async () => {
      await pool.query('select 1');
    },
    close: () => database.destroy(),
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
