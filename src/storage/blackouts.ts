import { sql } from 'kysely';
import type { Blackout } from '../domain/model/entities.ts';
import { openBlackoutStates } from '../domain/model/enums.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { BlackoutFilter } from '../domain/ports/pages.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { byRowId, ofSources, stateIn } from './documents.ts';
import { alternatives, type Branch, between, fromTable, oneOf, pageable } from './pages.ts';
import { chunked, keyRowId, parsed, rowId } from './rows.ts';
import type { Database, Executor } from './tables.ts';

/** In one statement. */
const maxSpans = 100;
/** The end of what has none yet. */
const endlessMs = 9_000_000_000_000_000;

const branches = (filter: BlackoutFilter): readonly Branch[] => {
  const time = between('t.sort_ms', filter.startedAfter, filter.startedBefore);
  if (filter.agent != null) {
    const rest = [...oneOf('t.source', filter.sources), ...oneOf('t.state', filter.states)];
    return [fromTable('blackouts', [sql`t.agent_id = ${keyRowId(filter.agent)}`, ...time, ...rest])];
  }
  return alternatives([
    ['t.source', filter.sources],
    ['t.state', filter.states],
  ]).map((where) => fromTable('blackouts', [...where, ...time]));
};

/** Written out, so that the planner sees that the index of open rows is enough. */
const isOpen = sql<boolean>`state in (${sql.join(openBlackoutStates.map((state) => sql.lit(state)))})`;

const columns = (row: Blackout) => ({
  source: row.source,
  agent_id: rowId(row.source, row.agent),
  state: row.state,
  sort_ms: epochMs(row.startsAt),
  ends_ms:
    row.endedAt !== null ? epochMs(row.endedAt) : openBlackoutStates.includes(row.state) ? endlessMs : epochMs(row.stopsAt ?? row.deadline),
  version: row.version,
  data: JSON.stringify(row),
});

interface Span {
  agent: string;
  fromMs: number;
  toMs: number;
}

/** `span` distinguishes the rows of one from those of another. */
const overlapping = (database: Database, spans: readonly Span[]) => {
  const parts = spans.map(
    ({ agent, fromMs, toMs }, span) => sql`select ${sql.lit(span)} as span, sort_ms, id, data from blackouts
      where agent_id = ${agent} and ends_ms > ${fromMs} and sort_ms < ${toMs}`,
  );
  return sql<{ span: number; data: string }>`${sql.join(parts, sql` union all `)} order by sort_ms, id`.execute(database);
};

export const blackoutTable = (executor: Executor): StoreOperations['blackouts'] => ({
  ...pageable<Blackout, BlackoutFilter>(executor, branches),
  byIds: (ids) => byRowId<Blackout>(executor, 'blackouts', ids),
  insert: (row) =>
    executor.write(async (database) => {
      const query = database
        .insertInto('blackouts')
        .values({ id: row.id, ...columns(row) })
        .onConflict((conflict) => conflict.column('agent_id').where(isOpen).doNothing());
      return (await query.executeTakeFirst()).numInsertedOrUpdatedRows === 1n;
    }),
  compareAndSet: (row) =>
    executor.write(async (database) => {
      const next = columns({ ...row, version: row.version + 1 });
      const query = database.updateTable('blackouts').set(next).where('id', '=', row.id).where('version', '=', row.version);
      return (await query.executeTakeFirst()).numUpdatedRows === 1n;
    }),
  openOf: (agent) =>
    executor.read(async (database) => {
      const query = database.selectFrom('blackouts').select('data').where('agent_id', '=', keyRowId(agent));
      const row = await query.where(isOpen).executeTakeFirst();
      return row ? parsed<Blackout>(row) : null;
    }),
  open: (sources) => ofSources(executor, 'blackouts', { sources, where: stateIn(openBlackoutStates), order: 'asc' }),
  overlapping: (spans) =>
    executor.read(async (database) => {
      const found: Blackout[][] = spans.map(() => []);
      const wanted = spans.map(({ agent, from, to }) => ({
        agent: keyRowId(agent),
        fromMs: epochMs(from),
        toMs: to === null ? endlessMs : epochMs(to),
      }));
      for (const [index, chunk] of chunked(wanted, maxSpans).entries()) {
        const { rows } = await overlapping(database, chunk);
        for (const row of rows) found[index * maxSpans + row.span]!.push(parsed<Blackout>(row));
      }
      return found;
    }),
});
