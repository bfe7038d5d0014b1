import { sql } from 'kysely';
import type { ControlCommand } from '../domain/model/entities.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { CommandFilter } from '../domain/ports/pages.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { byRowId, ofEach, ofSources } from './documents.ts';
import { alternatives, type Branch, between, fromTable, oneOf, pageable } from './pages.ts';
import { chunked, keyRowId, padded, parsed, plain, rowId, rowIdOrNull } from './rows.ts';
import type { Database, Executor, Tables } from './tables.ts';

const branches = (filter: CommandFilter): readonly Branch[] => {
  const time = between('t.sort_ms', filter.requestedAfter, filter.requestedBefore);
  const operations = oneOf('t.operation', filter.operations);
  const rest = [...oneOf('t.source', filter.sources), ...oneOf('t.status', filter.statuses), ...operations];
  const requester = filter.requestedBy == null ? [] : [sql`t.requested_by = ${plain(filter.requestedBy)}`];
  if (filter.agent != null) {
    return [fromTable('commands', [sql`t.agent_id = ${keyRowId(filter.agent)}`, ...time, ...requester, ...rest])];
  }
  if (requester.length > 0) return [fromTable('commands', [...requester, ...time, ...rest])];
  if (filter.statuses == null && filter.operations != null) {
    const ways = alternatives([
      ['t.source', filter.sources],
      ['t.operation', filter.operations],
    ]);
    return ways.map((where) => fromTable('commands', [...where, ...time]));
  }
  const ways = alternatives([
    ['t.source', filter.sources],
    ['t.status', filter.statuses],
  ]);
  return ways.map((where) => fromTable('commands', [...where, ...time, ...operations]));
};

/** Written out, so that the planner sees that the index of open rows is enough. */
const isOpen = sql<boolean>`open = 1`;

const columns = (row: ControlCommand): Tables['commands'] => ({
  id: row.id,
  source: row.source,
  agent_id: rowIdOrNull(row.source, row.agent),
  operation: row.operation,
  status: row.status,
  requested_by: plain(row.requestedBy),
  idempotency_key: row.idempotencyKey === null ? null : plain(row.idempotencyKey),
  blackout_id: row.blackout,
  open: row.completedAt === null ? 1 : 0,
  sort_ms: epochMs(row.requestedAt),
  data: JSON.stringify(row),
});

const ofKey = async (database: Database, requestedBy: string, idempotencyKey: string): Promise<ControlCommand | null> => {
  const query = database.selectFrom('commands').select('data').where('requested_by', '=', plain(requestedBy));
  const row = await query.where('idempotency_key', '=', plain(idempotencyKey)).executeTakeFirst();
  return row === undefined ? null : parsed<ControlCommand>(row);
};

export const commandTable = (executor: Executor): StoreOperations['commands'] => ({
  ...pageable<ControlCommand, CommandFilter>(executor, branches),
  byIds: (ids) => byRowId<ControlCommand>(executor, 'commands', ids),
  insert: (row) =>
    executor.write<{ inserted: boolean; row: ControlCommand }>(async (database) => {
      const inserted = await database
        .insertInto('commands')
        .values(columns(row))
        .onConflict((conflict) =>
          conflict.columns(['requested_by', 'idempotency_key']).where('idempotency_key', 'is not', null).doNothing(),
        )
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 1n) return { inserted: true, row };
      const earlier = await ofKey(database, row.requestedBy, row.idempotencyKey!);
      if (earlier === null) throw new Error('A command was neither inserted nor found by its idempotency key.');
      return { inserted: false, row: earlier };
    }),
  ofKey: (requestedBy, idempotencyKey) => executor.read((database) => ofKey(database, requestedBy, idempotencyKey)),
  update: (row) =>
    executor.write((database, send) => {
      const { id, ...changed } = columns(row);
      return send(database.updateTable('commands').set(changed).where('id', '=', id));
    }),
  open: (sources) => ofSources(executor, 'commands', { sources, where: isOpen, order: 'asc' }),
  openOf: (source, agents) =>
    executor.read(async (database) => {
      const rows: { data: string }[] = [];
      for (const chunk of chunked([...agents].map((agent) => rowId(source, agent)))) {
        const query = database.selectFrom('commands').select('data').where('agent_id', 'in', padded(chunk));
        rows.push(...(await query.where(isOpen).orderBy('sort_ms').orderBy('id').execute()));
      }
      return rows.map(parsed<ControlCommand>);
    }),
  ofBlackouts: (ids) =>
    executor.read((database) =>
      ofEach(ids, (some) => {
        const query = database.selectFrom('commands').select(['blackout_id as of', 'data']).where('blackout_id', 'in', some);
        const ordered = query.orderBy('sort_ms').orderBy('id');
        return (executor.locks ? ordered.forUpdate() : ordered).execute();
      }),
    ),
});
