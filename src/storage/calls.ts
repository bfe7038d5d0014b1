import { sql } from 'kysely';
import type { Call } from '../domain/model/entities.ts';
import { callStates } from '../domain/model/enums.ts';
import { numberKey } from '../domain/model/phone-number.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { CallFilter } from '../domain/ports/pages.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { byRowId, excluded, inWriteOrder, ofSources, sortOf, stateIn } from './documents.ts';
import { alternatives, type Branch, between, fromTable, numberIs, oneOf, pageable } from './pages.ts';
import { trimRows } from './retention.ts';
import { chunked, keyRowId, lastOfEach, msOrNull, plain, rowId } from './rows.ts';
import type { Database, Executor, Tables, Writing } from './tables.ts';

const liveStates = callStates.filter((state) => state !== 'ENDED');

const branches = (filter: CallFilter): readonly Branch[] => {
  const time = between('t.sort_ms', filter.startedAfter, filter.startedBefore);
  const queue = filter.queue == null ? [] : [sql`t.queue = ${plain(filter.queue)}`];
  const rest = [...oneOf('t.source', filter.sources), ...oneOf('t.state', filter.states), ...queue];
  if (filter.agent != null) {
    const where = [
      sql`x.agent_id = ${keyRowId(filter.agent)}`,
      ...between('x.sort_ms', filter.startedAfter, filter.startedBefore),
      ...rest,
    ];
    const number = filter.number == null ? [] : [anyNumber(filter.number)];
    return [
      {
        from: sql`call_agents as x join calls as t on t.id = x.call_id`,
        sort: sql`x.sort_ms`,
        id: sql`x.call_id`,
        where: [...where, ...number],
      },
    ];
  }
  if (filter.number != null) {
    const number = filter.number;
    return ['caller', 'called'].map((side) => fromTable('calls', [...numberIs(side, number), ...time, ...rest]));
  }
  if (queue.length > 0) return [fromTable('calls', [...time, ...rest])];
  return alternatives([
    ['t.source', filter.sources],
    ['t.state', filter.states],
  ]).map((where) => fromTable('calls', [...where, ...time]));
};

const anyNumber = (number: string) => {
  const side = (column: string) => sql`(${sql.join(numberIs(column, number), sql` and `)})`;
  return sql`(${side('caller')} or ${side('called')})`;
};

/** Everyone who is or was in the call. */
const agentIds = (call: Call): string[] => {
  const names = [...call.agents, ...call.legs.flatMap((leg) => (leg.agent === null ? [] : [leg.agent]))];
  return [...new Set(names)].map((agent) => rowId(call.source, agent));
};

const overwritten = ['state', 'started_ms', 'caller_key', 'caller_suffix', 'called_key', 'called_suffix', 'queue', 'data'] as const;

const rowOf = (call: Call, nowMs: number): Tables['calls'] => {
  const started = msOrNull(call.startedAt);
  const caller = numberKey(call.caller);
  const called = numberKey(call.called);
  return {
    id: keyRowId(call),
    source: call.source,
    state: call.state,
    first_seen_ms: nowMs,
    started_ms: started,
    sort_ms: started ?? nowMs,
    caller_key: caller?.key ?? null,
    caller_suffix: caller?.suffix ?? null,
    called_key: called?.key ?? null,
    called_suffix: called?.suffix ?? null,
    queue: call.queue === null ? null : plain(call.queue),
    data: JSON.stringify(call),
  };
};

/** The columns that may hold something personal. */
export const personalColumns = (call: Call) => {
  const { caller_key, caller_suffix, called_key, called_suffix, queue } = rowOf(call, 0);
  return { caller_key, caller_suffix, called_key, called_suffix, queue };
};

const putMembers = (database: Database, members: readonly { call: string; agent: string }[]) => {
  const pairs = sql.join(members.map(({ call, agent }) => sql`(${call}, ${agent})`));
  const query = sql`with members (call_id, agent_id) as (values ${pairs})
      insert into call_agents (call_id, agent_id, sort_ms)
      select m.call_id, m.agent_id, c.sort_ms from members as m join calls as c on c.id = m.call_id where true
      on conflict (call_id, agent_id) do update set sort_ms = excluded.sort_ms where call_agents.sort_ms <> excluded.sort_ms`;
  return { compile: () => query.compile(database), execute: () => query.execute(database) };
};

const put = async ({ database, send }: Writing, calls: readonly Call[], nowMs: number): Promise<void> => {
  for (const chunk of inWriteOrder(calls.map((call) => rowOf(call, nowMs)))) {
    await send(
      database
        .insertInto('calls')
        .values(chunk)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...excluded(overwritten), sort_ms: sortOf('calls') })),
    );
  }
  const last = lastOfEach(calls, keyRowId);
  const members = last.flatMap((call) => agentIds(call).map((agent) => ({ call: keyRowId(call), agent })));
  for (const chunk of chunked(members)) await send(putMembers(database, chunk));
};

export const callTable = (executor: Executor, clock: Clock): StoreOperations['calls'] => ({
  ...pageable<Call, CallFilter>(executor, branches),
  byKeys: (keys) => byRowId<Call>(executor, 'calls', keys.map(keyRowId)),
  put: (rows) => (rows.length === 0 ? Promise.resolve() : executor.write((database, send) => put({ database, send }, rows, clock.now()))),
  trim: (before) => trimRows(executor, { table: 'calls', states: ['ENDED'] }, before),
  live: (sources) => ofSources(executor, 'calls', { sources, where: stateIn(liveStates), order: 'desc' }),
});
