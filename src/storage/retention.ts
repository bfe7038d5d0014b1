import { epochMs } from '../domain/model/instant.ts';
import type { Executor } from './tables.ts';

/** Deleted in one transaction, so that nobody who writes waits long. */
const trimmedAtOnce = 500;

interface FinalRows {
  table: 'calls' | 'recordings';
  /** The states of rows that are over. */
  states: readonly string[];
}

/** Deletes rows that are over and started, or were first reported, before `before`; answers how many. */
export const trimRows = async (executor: Executor, { table, states }: FinalRows, before: string): Promise<number> => {
  for (let deleted = 0; ; ) {
    const ids = await executor.write(async (database) => {
      const query = database.selectFrom(table).select('id').where('sort_ms', '<', epochMs(before)).where('state', 'in', states);
      const found = (await query.orderBy('sort_ms').limit(trimmedAtOnce).execute()).map(({ id }) => id);
      if (found.length === 0) return found;
      if (table === 'calls') await database.deleteFrom('call_agents').where('call_id', 'in', found).execute();
      await database.deleteFrom(table).where('id', 'in', found).execute();
      return found;
    });
    deleted += ids.length;
    if (ids.length < trimmedAtOnce) return deleted;
  }
};
