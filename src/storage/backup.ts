import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { ExpectedError } from '../domain/model/errors.ts';
import { sqlitePath } from './index.ts';
import { assertHoldsStore } from './sqlite.ts';
import { assertWritableFile, makeFolders } from './sqlite-path.ts';
import type { AuditVerdict } from './verify-audit.ts';

/** Throws where `url` names a SQLite file that is not there: opened, it would be made, empty. */
export const assertStoreExists = (url: string): void => {
  const path = sqlitePath(url);
  if (path === null || path === ':memory:' || existsSync(path)) return;
  throw new ExpectedError('NOT_FOUND', 'There is no database file at the path that store.url names; correct it, or start the server once.');
};

/** Copies a SQLite database into a new file, also while a server is running on it; the copy is as of one moment. */
export const backupStore = async (
  url: string,
  file: string,
  onProgress: (pages: number, total: number) => void = () => undefined,
): Promise<void> => {
  const path = sqlitePath(url);
  if (path === null || path === ':memory:') {
    throw new ExpectedError(
      'UNSUPPORTED',
      'This command backs up SQLite files only; for PostgreSQL, use pg_dump, such as pg_dump --format=custom --file=copy.dump DATABASE.',
    );
  }
  assertStoreExists(url);
  if (existsSync(file)) throw new ExpectedError('CONFLICT', 'The target file exists already; give the name of a new file.');
  assertWritableFile(file);
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw new ExpectedError('NOT_FOUND', `There is no directory ${folder} for the copy; create it, or use another.`);
  await assertHoldsStore(path);
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    await backup(connection, file, {
      rate: 1_000,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
    });
  } finally {
    connection.close();
  }
};

interface RestoreRequest {
  /** Of the store to be. */
  url: string;
  /** The backup. */
  file: string;
  nowMs: number;
  /** Opens the copy, which brings its schema up to date, and reads its audit trail. */
  verify(url: string): Promise<AuditVerdict>;
}

/** The endings of the files that SQLite keeps beside a database file. */
const besides = ['-wal', '-shm'];

const refuseUsed = (path: string, nowMs: number): void => {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 100 });
  try {
    const held = connection.prepare('select name from leases where expires_ms > ? limit 1').get(nowMs);
    if (held === undefined) return;
  } catch {
    // Damaged, or no store at all: nothing runs on it.
    return;
  } finally {
    connection.close();
  }
  throw new ExpectedError('CONFLICT', 'A server uses the store; stop it first, and wait five seconds if it was killed.');
};

/** Puts a backup in the place of a SQLite store, once it is verified; answers its rows of the audit trail, and where the former store is. */
export const restoreStore = async ({ url, file, nowMs, verify }: RestoreRequest): Promise<{ rows: number; kept: string | null }> => {
  const path = sqlitePath(url);
  if (path === null || path === ':memory:')
    throw new ExpectedError(
      'UNSUPPORTED',
      'This command restores SQLite files only; for PostgreSQL, use pg_restore, such as pg_restore --clean --if-exists -d DATABASE copy.dump.',
    );
  if (!existsSync(file)) throw new ExpectedError('NOT_FOUND', `There is no backup ${file}; name a file that tapegraph backup wrote.`);
  if (statSync(file).isDirectory()) throw new ExpectedError('INVALID_INPUT', `${file} is a directory; name a backup in it.`);
  assertWritableFile(path);
  if (resolve(file) === resolve(path)) throw new ExpectedError('INVALID_INPUT', 'The backup is the store itself; name a copy.');
  const kept = `${path}.replaced`;
  if (existsSync(path)) {
    refuseUsed(path, nowMs);
    if (existsSync(kept)) throw new ExpectedError('CONFLICT', `${kept} is there from an earlier restore; move it away, or delete it.`);
  }
  makeFolders(path);
  const fresh = `${path}.restoring`;
  const removeFresh = () => {
    for (const part of ['', ...besides]) rmSync(fresh + part, { force: true });
  };
  removeFresh();
  try {
    copyFileSync(file, fresh);
    await assertHoldsStore(fresh, file);
    const { rows, fault } = await verify(`sqlite:${fresh}`);
    if (fault !== null)
      throw new ExpectedError(
        'CONFLICT',
        `The backup's audit trail is broken at row ${fault.sequence} (${fault.what}); take an older one.`,
      );
    const isReplaced = existsSync(path);
    if (isReplaced) for (const part of ['', ...besides]) if (existsSync(path + part)) renameSync(path + part, kept + part);
    renameSync(fresh, path);
    return { rows, kept: isReplaced ? kept : null };
  } finally {
    removeFresh();
  }
};
