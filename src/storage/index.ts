import { sql } from 'kysely';
import { ExpectedError } from '../domain/model/errors.ts';
import type { Store } from '../domain/ports/store.ts';
import type { Engine } from './engine.ts';
import { leaseTable } from './leases.ts';
import { operationsIn, type StoreTools } from './operations.ts';
import { checkSqlite, openSqlite } from './sqlite.ts';

export type { StoreTools } from './operations.ts';
export { verifyAudit } from './verify-audit.ts';

/** The path inside `sqlite:<path>`; null for another kind of URL. */
export const sqlitePath = (url: string): string | null =>
  url.startsWith('sqlite:') && url.length > 'sqlite:'.length ? url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') : null;

/** The database behind a URL, with its schema up to date. */
export const openEngine = async (url: string): Promise<Engine> => {
  const path = sqlitePath(url);
  if (path !== null) return openSqlite(path);
  if (/^postgres(ql)?:\/\//.test(url)) return (await import('./postgres.ts')).openPostgres(url);
  throw new ExpectedError(
    'INVALID_INPUT',
    'store.url is not the URL of a known store; use sqlite:<path>, sqlite::memory: or postgres://<user>@<host>/<database>.',
  );
};

/** Throws where a start could not use the store, in a sentence for its operator; writes nothing. */
export const checkStore = async (url: string): Promise<void> => {
  const path = sqlitePath(url);
  await (path === null ? (await import('./postgres.ts')).checkPostgres(url) : checkSqlite(path));
};

/** `sqlite:./path`, `sqlite::memory:` or `postgres://user:password@host/database`; brings the schema up to date. */
export const openStore = async (url: string, tools: StoreTools): Promise<Store> => {
  const engine = await openEngine(url);
  return {
    ...operationsIn(engine.outside, tools, engine),
    leases: leaseTable(engine.outside, () => engine.now ?? sql<number>`${tools.clock.now()}`),
    now: async () => {
      const { now } = engine;
      if (now === null) return tools.clock.now();
      return engine.outside.read(async (database) => (await database.selectNoFrom(now.as('now')).executeTakeFirstOrThrow()).now);
    },
    maxTransactions: engine.maxTransactions,
    transaction: (work) => engine.transact((inside) => work(operationsIn(inside, tools, engine))),
    id: () =>
      engine.outside.read(async (database) => (await database.selectFrom('journal').select('store_id').executeTakeFirstOrThrow()).store_id),
    assignPositions: engine.assignPositions,
    isUnavailable: engine.isUnavailable,
    ping: engine.ping,
    close: engine.close,
  };
};
