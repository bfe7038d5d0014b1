import type { Instant, SourceKey } from '../domain/model/entities.ts';
import { epochMs } from '../domain/model/instant.ts';

/** A null character is legal in JSON and in SQLite, but not in PostgreSQL's text. */
export const plain = (text: string): string => text.replaceAll('\u0000', '\ufffd');

/** The id of a row that lives in a source; a source's name holds no colon. */
export const rowId = (source: string, externalId: string): string => plain(`${source}:${externalId}`);
export const keyRowId = (key: SourceKey): string => rowId(key.source, key.externalId);
export const rowIdOrNull = (source: string, externalId: string | null): string | null =>
  externalId === null ? null : rowId(source, externalId);

/** Lists are cut here, well under the parameter limits of both engines. */
const chunkRows = 500;

export const chunked = <T>(list: readonly T[], size = chunkRows): readonly (readonly T[])[] => {
  if (list.length <= size) return list.length === 0 ? [] : [list];
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
};

/** Distinct values for an `in (…)`, filled up to a power of two so that few statements are ever prepared. */
export const padded = <T extends string | number>(values: readonly T[]): T[] => {
  const distinct = [...new Set(values)];
  let length = 1;
  while (length < distinct.length) length *= 2;
  while (distinct.length < length) distinct.push(distinct[0]!);
  return distinct;
};

/** The last row of each id wins: one statement may not write a row twice. */
export const lastOfEach = <T>(rows: readonly T[], id: (row: T) => string): T[] => [...new Map(rows.map((row) => [id(row), row])).values()];

export const parsed = <T>(row: { data: string }): T => JSON.parse(row.data) as T;

/** An instant that no clock shows is read as absent rather than stored as NaN. */
export const msOrNull = (value: Instant | null): number | null => {
  const ms = value === null ? Number.NaN : epochMs(value);
  return Number.isFinite(ms) ? ms : null;
};
