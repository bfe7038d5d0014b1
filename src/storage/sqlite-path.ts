/** Tells what keeps a database file from being written, before anything is opened. */
import { accessSync, constants, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ExpectedError } from '../domain/model/errors.ts';

const remedy = 'give this user the right to it, or use another path';

const refused = (what: string, cause?: unknown): ExpectedError => {
  const { code } = (cause ?? {}) as { code?: unknown };
  return new ExpectedError('INVALID_INPUT', `The database file: ${what}${typeof code === 'string' ? ` (${code})` : ''}.`, { cause });
};

const requireWritableFile = (file: string, isFile: boolean): void => {
  if (!isFile) throw refused(`${file} is a device or a pipe; use the path of a file`);
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw refused(`the file ${file} may not be written to; ${remedy}`, cause);
  }
};

/** Makes an entry and takes it away: permissions alone do not show a full disk, a read-only one, or one like /proc. */
const requireWritableFolder = (folder: string): void => {
  try {
    rmdirSync(mkdtempSync(join(folder, '.tapegraph-')));
  } catch (cause) {
    throw refused(`nothing can be created in the directory ${folder}; ${remedy}`, cause);
  }
};

const statOf = (path: string) => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw refused('the path is too long; use a shorter one', cause);
    throw refused(`${path} cannot be read; ${remedy}`, cause);
  }
};

/** The folders above a file that are missing, the outermost first. Throws where one of the others is no folder, or takes no entries. */
const missingFolders = (file: string): readonly string[] => {
  const missing: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = statOf(folder);
    if (found === undefined) {
      missing.unshift(folder);
      continue;
    }
    if (!found.isDirectory()) throw refused(`${folder} is a file and cannot contain ${file}; use a path in a directory`);
    requireWritableFolder(folder);
    return missing;
  }
};

/** Throws where the file could not be written; leaves nothing behind. */
export const assertWritableFile = (path: string): void => {
  const file = resolve(path);
  const found = statOf(file);
  if (path.endsWith('/') || found?.isDirectory())
    throw refused(`${file} is a directory; name a file in it, such as sqlite:${file}/tapegraph.db`);
  if (found === undefined) return void missingFolders(file);
  requireWritableFile(file, found.isFile());
  requireWritableFolder(dirname(file));
};

/** Makes the folders above a file, one by one: asked to make them all, Node retries for ever where the system makes none, such as in /proc. */
export const makeFolders = (path: string): void => {
  for (const folder of missingFolders(resolve(path))) {
    try {
      mkdirSync(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw refused(`the directory ${folder} cannot be created; ${remedy}`, cause);
    }
  }
};
