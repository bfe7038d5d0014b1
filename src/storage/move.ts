import { sql } from 'kysely';
import { ExpectedError } from '../domain/model/errors.ts';
import { openEngine } from './index.ts';
import { type KeyedTable, rowsByKey } from './rows-by-key.ts';
import { type Database, primaryKeys } from './tables.ts';

const countRows = async (database: Database, table: KeyedTable): Promise<number> => {
  const { rows } = await database.selectFrom(table).select(sql<number>`count(*)`.as('rows')).executeTakeFirstOrThrow();
  return Number(rows);
};

const refuseUsed = async (database: Database): Promise<void> => {
  for (const table of Object.keys(primaryKeys) as KeyedTable[]) {
    const query = database.selectFrom(table).select(sql`1`.as('one')).limit(1);
    const used = await (table === 'journal' ? query.where('event_id', '>', 0) : query).executeTakeFirst();
    if (used === undefined) continue;
    throw new ExpectedError('CONFLICT', `The target database already contains rows (in ${table}); use an empty one.`);
  }
};

const storeIdIn = async (database: Database): Promise<string> =>
  (await database.selectFrom('journal').select('store_id').executeTakeFirstOrThrow()).store_id;

/**
 * Copies everything from one database to another, empty one, of either kind. No server may be running on either. The copy is one
 * transaction: interrupted, it leaves nothing behind and can be started again. Calls `onProgress` with the rows copied so far and in all.
 */
export const moveStore = async (
  fromUrl: string,
  toUrl: string,
  onProgress: (table: string, rows: number, total: number) => void = () => undefined,
): Promise<void> => {
  const from = await openEngine(fromUrl);
  try {
    const to = await openEngine(toUrl);
    try {
      await from.assignPositions();
      const sourceId = await from.outside.read(storeIdIn);
      await to.outside.write(async (target) => {
        if ((await storeIdIn(target)) === sourceId)
          throw new ExpectedError('CONFLICT', 'The target is the source itself, or a copy of it; name an empty database.');
        await refuseUsed(target);
        await target.deleteFrom('journal').execute();
        for (const table of Object.keys(primaryKeys) as KeyedTable[]) {
          const total = await from.outside.read((source) => countRows(source, table));
          let copied = 0;
          for await (const rows of rowsByKey(from.outside.read, table)) {
            if (rows.length > 0) await target.insertInto(table).values(rows).execute();
            copied += rows.length;
            onProgress(table, copied, total);
          }
        }
      });
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
};
