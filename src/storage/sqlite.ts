import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Engine } from './engine.ts';
import { migrate, refuseForeign } from './migrate.ts';
import { dialects, migrations } from './migrations.ts';
import { assignPositions } from './positions.ts';
import { kyselyOver, primaryCode } from './sqlite-database.ts';
import { assertWritableFile, makeFolders } from './sqlite-path.ts';
import type { Database, Executor, Send } from './tables.ts';
import { createWriteQueue, type WriteQueue } from './write-queue.ts';

const memory = ':memory:';
/** Pages of each connection. The system keeps in memory too what is read often, and can take that back. */
const cacheKilobytes = 8_000;
/** A larger file is not read through at every start. */
const checkedBytes = 64 * 1024 * 1024;
/**
 * So much is written ahead (16 MB) before it moves to its places. The next commit waits for that; and what is written often, such as the ends of
 * indexes, moves once.
 */
const checkpointPages = 4000;
const unreadableCodes: readonly number[] = [11, 26];

const damaged = (path: string, cause: unknown): ExpectedError =>
  new ExpectedError(
    'CONFLICT',
    `The database file ${basename(path)} is damaged or not a SQLite database. Keep a copy of it; then restore the latest backup, or recover the readable data with: sqlite3 ${basename(path)} .recover | sqlite3 recovered.db`,
    { cause },
  );

const isDamage = (error: unknown): boolean => unreadableCodes.includes(primaryCode(error));

/** Locked by another process, read only, a failing disk, a full one, a file that cannot be opened. */
const unavailableCodes: readonly number[] = [5, 6, 8, 10, 13, 14];

const refuseDamage = (connection: DatabaseSync, path: string, shown = path): void => {
  const bytes = statSync(path).size;
  if (bytes === 0 || bytes > checkedBytes) return;
  const verdict = connection.prepare('pragma quick_check(1)').get() as { quick_check: string };
  if (verdict.quick_check !== 'ok') throw damaged(shown, new Error(verdict.quick_check));
};

const openWriter = (path: string): DatabaseSync => {
  if (path !== memory) {
    assertWritableFile(path);
    makeFolders(path);
  }
  const connection = new DatabaseSync(path, { timeout: 100 });
  try {
    connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory');
    connection.exec(`pragma cache_size = -${cacheKilobytes}; pragma journal_size_limit = 67108864`);
    connection.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
    if (path !== memory) refuseDamage(connection, path);
    // From here on the queue waits for the lock: SQLite's own wait stops the process.
    connection.exec('pragma busy_timeout = 0');
    return connection;
  } catch (error) {
    connection.close();
    throw isDamage(error) ? damaged(path, error) : error;
  }
};

const openReader = (path: string): DatabaseSync => {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 100 });
  connection.exec(`pragma cache_size = -${cacheKilobytes}; pragma mmap_size = 268435456`);
  return connection;
};

const send: Send = async (...statements) => {
  for (const one of statements) await one.execute();
};

const insideOf = (writer: Database, append: Executor['append']): Executor => {
  const run: Executor['write'] = (work) => work(writer, send);
  return { read: run, readLog: run, write: run, statement: run, append, locks: false };
};

interface Access {
  writer: Database;
  queue: WriteQueue;
  /** Null where reads take their turn with the writes. */
  reader: Database | null;
}

const outsideOf = ({ writer, queue, reader }: Access, inside: Executor): Executor => {
  const read: Executor['read'] = (work) => {
    if (reader !== null) return work(reader);
    return queue.inside() ? work(writer) : queue.run(() => work(writer));
  };
  const write: Executor['write'] = async (work) => {
    if (queue.inside()) throw new Error('A transaction is open: write through the operations that it hands in, not through the store.');
    return queue.run(() => inside.write(work));
  };
  return { read, readLog: read, write, statement: write, append: (statements) => write(() => inside.append(statements)), locks: false };
};

/** A database file, or `:memory:`. Reads have a connection of their own, so that they see what is committed and nothing else. */
export const openSqlite = async (path: string, steps = migrations(dialects.sqlite)): Promise<Engine> => {
  const connection = openWriter(path);
  const writer = kyselyOver(connection);
  const execute: Executor['append'] = async (statements) => {
    for (const one of statements(writer)) await one.execute();
  };
  /** True if the open transaction holds rows without a position. */
  let pending = false;
  const queue = createWriteQueue(connection, async () => {
    if (!pending) return;
    while (await assignPositions(writer, execute));
    pending = false;
  });
  try {
    await queue.run(() => migrate(writer, steps));
  } catch (error) {
    await queue.idle();
    connection.close();
    throw isDamage(error) ? damaged(path, error) : error;
  }
  const readConnection = path === memory ? null : openReader(path);
  const inside = insideOf(writer, async (statements) => {
    pending = true;
    await execute(statements);
  });
  const outside = outsideOf({ writer, queue, reader: readConnection && kyselyOver(readConnection) }, inside);
  return {
    outside,
    transact: (work) => outside.write(() => work(inside)),
    now: null,
    rowLocks: false,
    maxTransactions: 1,
    // Nothing is ever committed without: the one writer assigns them before each commit.
    assignPositions: async () => undefined,
    forgetDeleted: async () => {
      await queue.idle();
      connection.exec('vacuum; pragma wal_checkpoint(truncate)');
    },
    isUnavailable: (error) => unavailableCodes.includes(primaryCode(error)),
    ping: async () => {
      (readConnection ?? connection).prepare('select 1').get();
    },
    close: async () => {
      await queue.idle();
      if (readConnection?.isOpen) readConnection.close();
      if (connection.isOpen) connection.close();
    },
  };
};

/** Reads a database file that stays as it is; throws where it is damaged, by the name `shown`. */
const readSqlite = async (path: string, shown: string, work: (connection: DatabaseSync) => Promise<unknown>): Promise<void> => {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 100 });
  try {
    refuseDamage(connection, path, shown);
    await work(connection);
  } catch (error) {
    throw isDamage(error) ? damaged(shown, error) : error;
  } finally {
    connection.close();
  }
};

/** Throws where a start could not use the file; writes nothing. */
export const checkSqlite = async (path: string): Promise<void> => {
  if (path === memory) return;
  assertWritableFile(path);
  if (!existsSync(path) || statSync(path).size === 0) return;
  await readSqlite(path, path, (connection) => refuseForeign(kyselyOver(connection), migrations(dialects.sqlite)));
};

/** Throws where the file holds no store, or a damaged one, by the name `shown`; changes nothing in it. */
export const assertHoldsStore = (path: string, shown = path): Promise<void> =>
  readSqlite(path, shown, async (connection) => {
    const table = connection.prepare("select 1 from sqlite_master where type = 'table' and name = 'journal'").get();
    if (table === undefined)
      throw new ExpectedError('CONFLICT', `The file ${basename(shown)} is not a store of Tapegraph; name another file.`);
  });
