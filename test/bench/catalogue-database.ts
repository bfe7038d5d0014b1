/** A catalogue of 10,000 recordings a day, filled behind the store's back: a million rows take seconds. */
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../src/domain/ports/store.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { agent, call, recording } from '../storage/stores.ts';
import { createTestDatabase } from '../support/services.ts';

/** A day's recordings; the large catalogue is a hundred such days. */
export const dayRows = 10_000;
export const days = 100;
export const dayMs = 86_400_000;
export const spacingMs = dayMs / dayRows;
export const startMs = Date.UTC(2026, 0, 1);
/** So many that the small catalogue, too, fills a page of each. */
const agents = 400;
const numbers = 400;
const recordingsOfCall = 4;

const dayText = (day: number) => new Date(startMs + day * dayMs).toISOString().slice(0, 10);
const dayPart = (day: number) => `-${String(day).padStart(3, '0')}-`;
export const callId = (day: number, place: number) => `call${dayPart(day)}${place}`;

/** The first day, as vendors' recordings are kept. */
const putFirstDay = async (store: Store): Promise<void> => {
  await store.agents.put(Array.from({ length: agents }, (_, number) => agent(String(number))));
  await store.calls.put(
    Array.from({ length: dayRows / recordingsOfCall }, (_, place) =>
      call(callId(0, place), {
        caller: `+45${20_000_000 + place}`,
        startedAt: new Date(startMs + place * recordingsOfCall * spacingMs).toISOString(),
      }),
    ),
  );
  await store.recordings.put(
    Array.from({ length: dayRows }, (_, number) =>
      recording(`recording${dayPart(0)}${number}`, {
        agent: String(number % agents),
        call: callId(0, Math.floor(number / recordingsOfCall)),
        kind: number % 100 === 0 ? 'SCREEN' : 'AUDIO',
        state: number % 1_000 === 0 ? 'EXPIRED' : 'AVAILABLE',
        endpoint: `+45${10_000_000 + (number % numbers)}`,
        startedAt: new Date(startMs + number * spacingMs).toISOString(),
        fileName: `recording${dayPart(0)}${number}.wav`,
      }),
    ),
  );
};

/** Every other day has the same recordings, with its own part in their names, its date and its times. */
const otherDays = Array.from(
  { length: days - 1 },
  (_, index) => `('${dayPart(index + 1)}', '${dayText(index + 1)}', ${(index + 1) * dayMs})`,
);

const copiedRow = `replace(replace(data, '${dayPart(0)}', part), '${dayText(0)}', date) from days cross join first_day`;
const copyDays = (columns: string, values: string, table: string) => `
  insert into ${table} (${columns}, data) with days (part, date, ms) as (values ${otherDays.join()}) select ${values}, ${copiedRow}`;

const copies = {
  recordings: copyDays(
    'id, source, state, kind, party, first_seen_ms, started_ms, sort_ms, agent_id, call_id, endpoint_key, endpoint_suffix',
    `replace(id, '${dayPart(0)}', part), source, state, kind, party, first_seen_ms, started_ms + ms, sort_ms + ms, agent_id,
      replace(call_id, '${dayPart(0)}', part), endpoint_key, endpoint_suffix`,
    'recordings',
  ),
  calls: copyDays(
    'id, source, state, first_seen_ms, started_ms, sort_ms, caller_key, caller_suffix, called_key, called_suffix, queue',
    `replace(id, '${dayPart(0)}', part), source, state, first_seen_ms, started_ms + ms, sort_ms + ms, caller_key, caller_suffix, called_key,
      called_suffix, queue`,
    'calls',
  ),
};

export interface Database {
  name: string;
  url: string;
  /** SQL behind the store's back. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Names and definitions of the indexes that the migrations made. */
  indexes(table: string): string;
  analyze: string;
  close(): Promise<void>;
}

export const createSqlite = (file: string): Database => {
  const connection = new DatabaseSync(file);
  connection.exec('pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -256000; pragma temp_store = memory');
  return {
    name: 'SQLite',
    url: `sqlite:${file}`,
    run: async (sql) => connection.prepare(sql).all(),
    indexes: (table) =>
      `select name, sql as definition from sqlite_master where type = 'index' and tbl_name = '${table}' and sql is not null`,
    analyze: 'pragma wal_checkpoint(truncate)',
    close: async () => connection.close(),
  };
};

export const createPostgres = async (): Promise<Database> => {
  const { url, query, drop } = await createTestDatabase();
  return {
    name: 'PostgreSQL',
    url,
    run: async (sql) => (await query(sql)).rows,
    indexes: (table) =>
      `select indexname as name, indexdef as definition from pg_indexes where tablename = '${table}' and indexdef not like '%UNIQUE%'`,
    analyze: 'vacuum analyze',
    close: drop,
  };
};

/** The store, filled with so many days: one, or all. */
export const openCatalogue = async ({ url, run, indexes, analyze }: Database, size: number): Promise<Store> => {
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  await putFirstDay(store);
  for (const [table, copy] of size > 1 ? Object.entries(copies) : []) {
    // Made anew at the end as they were, which takes a fraction of keeping them up with every row.
    const definitions = await run(indexes(table));
    for (const { name } of definitions) await run(`drop index ${name}`);
    await run(`create table first_day as select * from ${table}`);
    await run(copy);
    await run('drop table first_day');
    for (const { definition } of definitions) await run(String(definition));
  }
  await run(analyze);
  return store;
};
