import { type RawBuilder, sql } from 'kysely';
import { epochMs } from '../domain/model/instant.ts';
import { matchNumberSuffix, numberKey } from '../domain/model/phone-number.ts';
import type { Page, Pageable, Position } from '../domain/ports/pages.ts';
import { chunked, parsed, plain } from './rows.ts';
import type { Executor } from './tables.ts';

export type Condition = RawBuilder<unknown>;

/** One way into a table, in the order of one index; a page is the merge of its branches. `t` is the entity's own table. */
export interface Branch {
  from: RawBuilder<unknown>;
  sort: RawBuilder<unknown>;
  id: RawBuilder<unknown>;
  where: readonly Condition[];
}

/** More alternatives than this are left to the engine. */
const maxBranches = 24;
const branchesPerStatement = 120;

export const fromTable = (table: string, where: readonly Condition[]): Branch => ({
  from: sql`${sql.table(table)} as t`,
  sort: sql`t.sort_ms`,
  id: sql`t.id`,
  where,
});

/** Nothing for a list that is absent: any value will do. An empty list matches no row. */
export const oneOf = (column: string, values: readonly string[] | null | undefined): Condition[] => {
  if (values == null) return [];
  return [values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} in (${sql.join(values)})`];
};

/** Every combination of values of these columns, each as the conditions that one index answers in order. */
export const alternatives = (
  columns: readonly (readonly [column: string, values: readonly string[] | null | undefined])[],
): Condition[][] => {
  let all: Condition[][] = [[]];
  for (const [column, values] of columns) {
    if (values == null) continue;
    const distinct = [...new Set(values)];
    if (distinct.length * all.length > maxBranches) all = all.map((where) => [...where, ...oneOf(column, distinct)]);
    else all = all.flatMap((where) => distinct.map((value) => [...where, sql`${sql.ref(column)} = ${value}`]));
  }
  return all;
};

/** From the first instant on, up to but not including the second. */
export const between = (column: string, from: string | null | undefined, to: string | null | undefined): Condition[] => [
  ...(from == null ? [] : [sql`${sql.ref(column)} >= ${epochMs(from)}`]),
  ...(to == null ? [] : [sql`${sql.ref(column)} < ${epochMs(to)}`]),
];

/** The rows whose number in `column` (`caller`, `called`, `endpoint`) is the one asked for; see `domain/model/phone-number.ts`. */
export const numberIs = (column: string, number: string): Condition[] => {
  const wanted = numberKey(number);
  if (wanted === null) return [sql`1 = 0`];
  const suffix = sql.ref(`t.${column}_suffix`);
  const key = sql.ref(`t.${column}_key`);
  if (matchNumberSuffix(wanted) === 'prefix') return [sql`${suffix} >= ${wanted.key} and ${suffix} < ${`${wanted.key}:`}`];
  const shorter = sql`substr(${wanted.key}, 1, length(${key})) = ${key}`;
  const longer = sql`substr(${key}, 1, ${wanted.key.length}) = ${wanted.key}`;
  // Nearly every row of a suffix is meant. Of a plain `or`, PostgreSQL believes one in a hundred, and sorts them all for each page.
  return [sql`${suffix} = ${wanted.suffix}`, sql`case when ${shorter} or ${longer} then true else false end`];
};

interface PageRow {
  request: number;
  id: string;
  sort_ms: number;
  data: string;
}

interface Part {
  /** The index of the request that it is part of, and its own within that. */
  request: number;
  index: number;
  after: Position | null;
  limit: number;
}

const branchSql = (branch: Branch, { request, index, after, limit }: Part) => {
  const where = after === null ? branch.where : [...branch.where, sql`(${branch.sort}, ${branch.id}) < (${after[0]}, ${plain(after[1])})`];
  return sql`select * from (
    select ${sql.lit(request)} as request, ${branch.id} as id, ${branch.sort} as sort_ms, t.data as data
    from ${branch.from} ${where.length === 0 ? sql`` : sql`where ${sql.join(where, sql` and `)}`}
    order by ${branch.sort} desc, ${branch.id} desc limit ${limit}) as ${sql.ref(`branch${index}`)}`;
};

const newestFirst = (left: PageRow, right: PageRow): number =>
  right.sort_ms - left.sort_ms || (left.id < right.id ? 1 : left.id > right.id ? -1 : 0);

const toPage = <T>(rows: PageRow[], first: number): Page<T> => {
  const distinct = [...new Map(rows.map((row) => [row.id, row])).values()].sort(newestFirst);
  const items = distinct.slice(0, first);
  return {
    items: items.map(parsed<T>),
    positions: items.map((row): Position => [row.sort_ms, row.id]),
    hasNextPage: distinct.length > items.length,
  };
};

/** Pages and counts of a table. `branches` turns a filter into ways in; all requests of a call share statements. */
export const pageable = <T, F>(executor: Executor, branches: (filter: F) => readonly Branch[]): Pageable<T, F> => {
  const pages: Pageable<T, F>['pages'] = (requests) =>
    executor.read(async (database) => {
      const parts = requests.flatMap(({ filter, first, after }, request) =>
        branches(filter).map((branch, index) => branchSql(branch, { request, index, after, limit: first + 1 })),
      );
      const found = requests.map((): PageRow[] => []);
      for (const chunk of chunked(parts, branchesPerStatement)) {
        const answer = await sql<PageRow>`${sql.join(chunk, sql` union all `)}`.execute(database);
        for (const row of answer.rows) found[row.request]!.push(row);
      }
      return found.map((rows, request) => toPage<T>(rows, requests[request]!.first));
    });
  const count: Pageable<T, F>['count'] = (filter, max) =>
    executor.read(async (database) => {
      const ways = branches(filter);
      if (ways.length === 0) return 0;
      const parts = ways.map(
        ({ from, id, where }) =>
          sql`select id from (select ${id} as id from ${from} ${where.length === 0 ? sql`` : sql`where ${sql.join(where, sql` and `)}`}
            limit ${max + 1}) as part`,
      );
      const answer = await sql<{
        rows: number;
      }>`select count(*) as rows from (${sql.join(parts, sql` union `)} limit ${max + 1}) as found`.execute(database);
      const { rows } = answer.rows[0]!;
      return rows > max ? null : rows;
    });
  return { pages, count };
};
