import { sql } from 'kysely';
import { epochMs } from '../domain/instant.ts';
import type { Blackout } from '../domain/nouns.ts';
import type { BlackoutFilter, StoreOperations } from '../domain/ports.ts';
import type { BlackoutState } from '../domain/words.ts';
import { byRowId } from './documents.ts';
import { alternatives, type Branch, between, fromTable, oneOf, pageable } from './pages.ts';
import { chunked, keyRowId, padded, parsed, plain, rowId } from './rows.ts';
import type { Scope } from './tables.ts';

const openStates: readonly BlackoutState[] = ['SCHEDULED', 'ACTIVE', 'STOPPING'];
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

const columns = (row: Blackout) => ({
  source: row.source,
  agent_id: rowId(row.source, row.agent),
  state: row.state,
  sort_ms: epochMs(row.startsAt),
  ends_ms: row.endedAt !== null ? epochMs(row.endedAt) : openStates.includes(row.state) ? endlessMs : epochMs(row.stopsAt ?? row.deadline),
  version: row.version,
  data: JSON.stringify(row),
});

export const blackoutTable = (scope: Scope): StoreOperations['blackouts'] => ({
  ...pageable<Blackout, BlackoutFilter>(scope, branches),
  byIds: (ids) => byRowId<Blackout>(scope, 'blackouts', ids),
  insert: (row) =>
    scope.write(async (database) => {
      await database
        .insertInto('blackouts')
        .values({ id: row.id, ...columns(row) })
        .execute();
    }),
  compareAndSet: (row) =>
    scope.write(async (database) => {
      const next = columns({ ...row, version: row.version + 1 });
      const query = database.updateTable('blackouts').set(next).where('id', '=', row.id).where('version', '=', row.version);
      return (await query.executeTakeFirst()).numUpdatedRows === 1n;
    }),
  open: (sources) =>
    scope.read(async (database) => {
      if (sources.length === 0) return [];
      const query = database
        .selectFrom('blackouts')
        .select('data')
        .where('source', 'in', padded(sources.map(plain)))
        .where('state', 'in', openStates);
      return (await query.orderBy('sort_ms').orderBy('id').execute()).map(parsed<Blackout>);
    }),
  overlapping: (spans) =>
    scope.read(async (database) => {
      const found: Blackout[][] = spans.map(() => []);
      const parts = spans.map(
        ({ agent, from, to }, span) => sql`select ${sql.lit(span)} as span, sort_ms, id, data from blackouts
          where agent_id = ${keyRowId(agent)} and ends_ms > ${epochMs(from)} and sort_ms < ${to === null ? endlessMs : epochMs(to)}`,
      );
      for (const chunk of chunked(parts, 100)) {
        const query = sql<{ span: number; data: string }>`${sql.join(chunk, sql` union all `)} order by sort_ms, id`;
        for (const row of (await query.execute(database)).rows) found[row.span]!.push(parsed<Blackout>(row));
      }
      return found;
    }),
});
