import { ExpectedError } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';
import type { StoreTools } from './operations.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

export type { StoreTools } from './operations.ts';

/** `sqlite:./path`, `sqlite::memory:` or `postgres://user:password@host/database`; brings the schema up to date. */
export const openStore = async (url: string, tools: StoreTools): Promise<Store> => {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, tools);
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length)
    return openSqlite(url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, ''), tools);
  throw new ExpectedError(
    'INVALID_INPUT',
    'store.url names no known store; give sqlite:<path>, sqlite::memory: or postgres://<user>@<host>/<database>.',
  );
};
