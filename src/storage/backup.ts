import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { ExpectedError } from '../domain/model/errors.ts';
import { sqlitePath } from './index.ts';
import { assertWritableFile } from './sqlite-path.ts';

/** Copies a SQLite database into a new file, also while a server is running on it; the copy is as of one moment. */
export const backupStore = async (
  url: string,
  file: string,
  onProgress: (pages: number, total: number) => void = () => undefined,
): Promise<void> => {
  const path = sqlitePath(url);
  if (path === null || path === ':memory:') {
    throw new ExpectedError('UNSUPPORTED', 'Only a SQLite file is backed up by this program; for PostgreSQL use pg_dump.');
  }
  if (!existsSync(path)) throw new ExpectedError('NOT_FOUND', 'There is no database file at the path that store.url names.');
  if (existsSync(file)) throw new ExpectedError('CONFLICT', 'The file to back up to is there already; name a new one.');
  assertWritableFile(file);
  const folder = dirname(resolve(file));
  if (!existsSync(folder))
    throw new ExpectedError('NOT_FOUND', `There is no directory ${folder} to put the copy into; make it, or name another.`);
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
