import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database, Tables } from './tables.ts';

/** SQLite's code of an error, without what makes it more precise; 0 for another error. */
export const primaryCode = (error: unknown): number => ((error as { errcode?: number } | null)?.errcode ?? 0) & 0xff;

const maxStatements = 256;

const statement = (prepared: StatementSync): SqliteStatement => ({
  reader: prepared.columns().length > 0,
  all: (parameters) => prepared.all(...(parameters as SQLInputValue[])),
  run: (parameters) => prepared.run(...(parameters as SQLInputValue[])),
  iterate: (parameters) => prepared.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
});

/** Node's SQLite as Kysely's dialect wants it; the statements used last stay prepared. */
const adapt = (connection: DatabaseSync): SqliteDatabase => {
  const statements = new LRUCache<string, SqliteStatement>({ max: maxStatements });
  return {
    close: () => undefined,
    prepare: (text) => {
      const prepared = statements.get(text) ?? statement(connection.prepare(text));
      statements.set(text, prepared);
      return prepared;
    },
  };
};

/** Queries over one connection, which stays the caller's to begin, commit and close. */
export const kyselyOver = (connection: DatabaseSync): Database =>
  new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(connection) }) });
