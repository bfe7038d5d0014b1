import type { Agent } from '../domain/model/entities.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { byRowId, excluded, inWriteOrder } from './documents.ts';
import { chunked, keyRowId, padded, parsed, plain } from './rows.ts';
import type { Executor } from './tables.ts';

export const agentTable = (executor: Executor): StoreOperations['agents'] => ({
  byKeys: (keys) => byRowId<Agent>(executor, 'agents', keys.map(keyRowId)),
  put: (rows) =>
    executor.write(async (database, send) => {
      const values = rows.map((row) => ({ id: keyRowId(row), source: row.source, data: JSON.stringify(row) }));
      for (const chunk of inWriteOrder(values)) {
        await send(
          database
            .insertInto('agents')
            .values(chunk)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(excluded(['data']))),
        );
      }
    }),
  remove: (keys) =>
    executor.write(async (database) => {
      for (const chunk of chunked(keys.map(keyRowId))) {
        await database.deleteFrom('call_agents').where('agent_id', 'in', padded(chunk)).execute();
        await database.deleteFrom('agents').where('id', 'in', padded(chunk)).execute();
      }
    }),
  all: (sources) =>
    executor.read(async (database) => {
      if (sources.length === 0) return [];
      const rows = await database
        .selectFrom('agents')
        .select('data')
        .where('source', 'in', padded(sources.map(plain)))
        .orderBy('id')
        .execute();
      return rows.map(parsed<Agent>);
    }),
});
