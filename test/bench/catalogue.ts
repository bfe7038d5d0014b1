/** The rows of the catalogue: pages of 1,000,000 recordings against pages of 10,000, on both databases. */
import { DatabaseSync } from 'node:sqlite';
import { randomIds, systemClock } from '../../src/clock.ts';
import type { Position, RecordingFilter, Store } from '../../src/domain/ports/store.ts';
import { openStore } from '../../src/storage/index.ts';
import { recording } from '../storage/stores.ts';
import { createTestDatabase } from '../support/services.ts';
import { median } from './load.ts';
import type { Row } from './table.ts';

/** A day's recordings; the large catalogue is a hundred such days. */
const dayRows = 10_000;
const days = 100;
const dayMs = 86_400_000;
const spacingMs = dayMs / dayRows;
const startMs = Date.UTC(2026, 0, 1);
/** So many that the small catalogue, too, fills a page of each. */
const agents = 400;
const numbers = 400;
const pageSize = 25;
const warmRounds = 20;
const rounds = 100;
const flat = 3;

const key = (externalId: string) => ({ source: 'hq', externalId });
const dayText = (day: number) => new Date(startMs + day * dayMs).toISOString().slice(0, 10);
const dayPart = (day: number) => `-${String(day).padStart(3, '0')}-`;
const call = (day: number, pair: number) => `call${dayPart(day)}${pair}`;

/** The first day, as vendors' recordings are kept. */
const putFirstDay = (store: Store): Promise<void> =>
  store.recordings.put(
    Array.from({ length: dayRows }, (_, number) =>
      recording(`recording${dayPart(0)}${number}`, {
        agent: String(number % agents),
        call: call(0, Math.floor(number / 2)),
        kind: number % 100 === 0 ? 'SCREEN' : 'AUDIO',
        state: number % 1_000 === 0 ? 'EXPIRED' : 'AVAILABLE',
        endpoint: `+45${10_000_000 + (number % numbers)}`,
        startedAt: new Date(startMs + number * spacingMs).toISOString(),
        fileName: `recording${dayPart(0)}${number}.wav`,
      }),
    ),
  );

/** Every other day has the same recordings, with its own part in their names, its date and its times. */
const copyFirstDay = `
  insert into recordings (id, source, state, kind, party, first_seen_ms, started_ms, sort_ms, agent_id, call_id, endpoint_key, endpoint_suffix, data)
  with days (part, date, ms) as (values ${Array.from({ length: days - 1 }, (_, index) => {
    const day = index + 1;
    return `('${dayPart(day)}', '${dayText(day)}', ${day * dayMs})`;
  }).join()})
  select replace(id, '${dayPart(0)}', part), source, state, kind, party, first_seen_ms, started_ms + ms, sort_ms + ms, agent_id,
    replace(call_id, '${dayPart(0)}', part), endpoint_key, endpoint_suffix,
    replace(replace(data, '${dayPart(0)}', part), '${dayText(0)}', date)
  from days cross join first_day`;

interface Database {
  name: string;
  url: string;
  /** SQL behind the store's back. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Names and definitions of the indexes that the migrations made. */
  indexes: string;
  analyze: string;
  close(): Promise<void>;
}

const createSqlite = (file: string): Database => {
  const connection = new DatabaseSync(file);
  connection.exec('pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -256000; pragma temp_store = memory');
  return {
    name: 'SQLite',
    url: `sqlite:${file}`,
    run: async (sql) => connection.prepare(sql).all(),
    indexes: `select name, sql as definition from sqlite_master where type = 'index' and tbl_name = 'recordings' and sql is not null`,
    analyze: 'pragma wal_checkpoint(truncate)',
    close: async () => connection.close(),
  };
};

const createPostgres = async (): Promise<Database> => {
  const { url, query, drop } = await createTestDatabase();
  return {
    name: 'PostgreSQL',
    url,
    run: async (sql) => (await query(sql)).rows,
    indexes: `select indexname as name, indexdef as definition from pg_indexes where tablename = 'recordings' and indexdef not like '%UNIQUE%'`,
    analyze: 'vacuum analyze recordings',
    close: drop,
  };
};

const openCatalogue = async ({ url, run, indexes, analyze }: Database, size: number): Promise<Store> => {
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  await putFirstDay(store);
  if (size > 1) {
    // Made anew at the end as they were, which takes a fraction of keeping them up with every row.
    const definitions = await run(indexes);
    for (const { name } of definitions) await run(`drop index ${name}`);
    await run('create table first_day as select * from recordings');
    await run(copyFirstDay);
    await run('drop table first_day');
    for (const { definition } of definitions) await run(String(definition));
  }
  await run(analyze);
  return store;
};

interface Asked {
  filter: RecordingFilter;
  after: Position | null;
}

/** Pages of a catalogue of so many days, by name; another one of the kind each round. */
const pages = (size: number): Readonly<Record<string, (round: number) => Asked>> => {
  const middle = (round: number): Position => [startMs + (size * dayMs) / 2 + round * spacingMs, 'hq:z'];
  const third = (round: number) => startMs + Math.floor((size * dayMs) / 3) + round * spacingMs;
  const first = (filter: RecordingFilter) => () => ({ filter, after: null });
  return {
    'first page': first({}),
    'deep page': (round) => ({ filter: {}, after: middle(round) }),
    'of a source, deep': (round) => ({ filter: { sources: ['hq'] }, after: middle(round) }),
    'by agent': (round) => ({ filter: { agent: key(String(round)) }, after: null }),
    'by agent, deep': (round) => ({ filter: { agent: key(String(round)) }, after: middle(round) }),
    'by time': (round) => ({
      filter: {
        startedAfter: new Date(third(round)).toISOString(),
        startedBefore: new Date(third(round) + 500 * spacingMs).toISOString(),
      },
      after: null,
    }),
    'by rare state': first({ states: ['EXPIRED'] }),
    'by three states': first({ states: ['AVAILABLE', 'RECORDING', 'FAILED'] }),
    'by rare kind': first({ kinds: ['SCREEN'] }),
    'by number': (round) => ({ filter: { number: `0045${10_000_000 + round}` }, after: null }),
    'by call': (round) => ({ filter: { call: key(call(round % size, round)) }, after: null }),
  };
};

const timed = async (store: Store, asked: Asked): Promise<number> => {
  // A commit of something new in between, so that no page is one that was kept since the last.
  await store.vendorState('hq').put('asked', performance.now());
  const startedAt = performance.now();
  const [page] = await store.recordings.pages([{ first: pageSize, ...asked }]);
  const ms = performance.now() - startedAt;
  if (page!.items.length === 0) throw new Error(`an empty page proves nothing: ${JSON.stringify(asked)}`);
  return ms;
};

/** Medians of each page in ms, the small catalogue and the large one asked in turn. */
const measure = async (small: Store, large: Store) => {
  const ofLarge = pages(days);
  const measured: { page: string; smallMs: number; largeMs: number }[] = [];
  for (const [page, ofSmall] of Object.entries(pages(1))) {
    const smallMs: number[] = [];
    const largeMs: number[] = [];
    for (let round = -warmRounds; round < rounds; round += 1) {
      const place = Math.abs(round);
      smallMs.push(await timed(small, ofSmall(place)));
      largeMs.push(await timed(large, ofLarge[page]!(place)));
    }
    measured.push({ page, smallMs: median(smallMs.slice(warmRounds)), largeMs: median(largeMs.slice(warmRounds)) });
  }
  return measured;
};

const rowOf = async (few: Database, many: Database): Promise<Row> => {
  const stores: Store[] = [];
  try {
    const startedAt = performance.now();
    for (const [database, size] of [
      [few, 1],
      [many, days],
    ] as const)
      stores.push(await openCatalogue(database, size));
    process.stderr.write(`${many.name} was filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
    const measured = await measure(stores[0]!, stores[1]!);
    const cells = measured.map(({ page, smallMs, largeMs }) => ({ page, smallMs, largeMs, times: largeMs / smallMs }));
    const most = cells.toSorted((left, right) => right.times - left.times)[0]!;
    const shown = (which: 'smallMs' | 'largeMs') => cells.map((cell) => `${cell.page} ${cell[which].toFixed(2)} ms`).join('<br>');
    return {
      work: `catalogue of 1,000,000 recordings, ${many.name}`,
      result: shown('largeMs'),
      against: `of 10,000: ${shown('smallMs')}<br>most: ${most.page}, ${most.times.toFixed(1)} ×`,
      wanted: `flat to ${flat} ×`,
      reached: most.times <= flat,
    };
  } finally {
    for (const store of stores) await store.close();
    await few.close();
    await many.close();
  }
};

export const catalogueRows = async (folder: string): Promise<Row[]> => [
  await rowOf(createSqlite(`${folder}/few.db`), createSqlite(`${folder}/many.db`)),
  await rowOf(await createPostgres(), await createPostgres()),
];
