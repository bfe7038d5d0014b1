import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  type Compilable,
  type CompiledQuery,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
} from 'kysely';
import type { Database, Tables } from './tables.ts';

const keptStatements = 256;

const statement = (prepared: StatementSync): SqliteStatement => ({
  reader: prepared.columns().length > 0,
  all: (parameters) => prepared.all(...(parameters as SQLInputValue[])),
  run: (parameters) => prepared.run(...(parameters as SQLInputValue[])),
  iterate: (parameters) => prepared.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
});

/** Node's SQLite as Kysely's dialect wants it; the statements used last stay prepared. */
const adapt = (connection: DatabaseSync): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => undefined,
    prepare: (text) => {
      const known = statements.get(text);
      if (known !== undefined) {
        statements.delete(text);
        statements.set(text, known);
        return known;
      }
      const fresh = statement(connection.prepare(text));
      statements.set(text, fresh);
      if (statements.size > keptStatements) statements.delete(statements.keys().next().value!);
      return fresh;
    },
  };
};

/** A query over this connection is over before it returns: none has to wait for its turn, and one that is compiled is run as it is. */
class DirectKysely extends Kysely<Tables> {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ dialect: new UnguardedDialect({ database }) });
    this.#database = database;
  }

  override async executeQuery<R>(query: CompiledQuery<R> | Compilable<R>): Promise<QueryResult<R>> {
    const { sql, parameters } = 'compile' in query ? query.compile() : query;
    const prepared = this.#database.prepare(sql);
    if (prepared.reader) return { rows: prepared.all(parameters) as R[] };
    return { numAffectedRows: BigInt(prepared.run(parameters).changes), rows: [] };
  }
}

class UnguardedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class UnguardedDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new UnguardedAdapter();
  }
}

/** Queries over one connection, which stays the caller's to begin, commit and close. */
export const kyselyOver = (connection: DatabaseSync): Database => new DirectKysely(adapt(connection));
