import type { LiveEvent, NewEvent } from '../domain/model/events.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { chunked, parsed } from './rows.ts';
import type { Database, Executor } from './tables.ts';

/** Looked at and deleted in one transaction, so that nobody who writes waits long. */
const trimmedAtOnce = 1_000;

/** The part of the log that is kept. */
interface Kept {
  /** Older rows go. */
  sinceMs: number;
  /** Rows up to this id go, however young. */
  tooManyTo: number;
  /** Later rows are left alone. */
  last: number;
}

/** Deletes a step of the oldest rows, which begin behind `from`, and reads no more of them. */
const trimOldest = async (database: Database, from: number, { sinceMs, tooManyTo, last }: Kept) => {
  const end = Math.min(last, from + trimmedAtOnce);
  const young = await database
    .selectFrom('events')
    .select('id')
    .where('id', '>', Math.max(from, tooManyTo))
    .where('id', '<=', end)
    .where('at_ms', '>=', sinceMs)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const to = young === undefined ? end : young.id - 1;
  const isDone = to < end || end === last;
  if (to <= from) return { rows: 0, to: from, isDone };
  const { numDeletedRows } = await database.deleteFrom('events').where('id', '<=', to).executeTakeFirst();
  await database.updateTable('journal').set({ trimmed_to: to }).where('trimmed_to', '<', to).execute();
  return { rows: Number(numDeletedRows), to, isDone };
};

const bounds = (executor: Executor): Promise<{ last: number; trimmedTo: number }> =>
  executor.readLog(async (database) => {
    const journal = await database.selectFrom('journal').select(['event_id', 'trimmed_to']).executeTakeFirstOrThrow();
    return { last: journal.event_id, trimmedTo: journal.trimmed_to };
  });

export const eventLog = (executor: Executor): StoreOperations['events'] => ({
  append: async (events) => {
    if (events.length === 0) return;
    const rows = events.map((event) => ({ at_ms: epochMs(event.at), entity_type: event.entityType, data: JSON.stringify(event) }));
    await executor.append((database) => chunked(rows).map((chunk) => database.insertInto('pending_events').values(chunk)));
  },
  after: (id, limit) =>
    executor.readLog(async (database) => {
      const rows = await database
        .selectFrom('events')
        .select(['id', 'entity_type', 'data'])
        .where('id', '>', id)
        .orderBy('id')
        .limit(limit)
        .execute();
      // The documents of the first edition's events do not name the type.
      return rows.map((row) => ({ ...parsed<NewEvent>(row), entityType: row.entity_type, id: row.id }) as LiveEvent);
    }),
  bounds: () => bounds(executor),
  trim: async (before, keepRows) => {
    const { last, trimmedTo } = await bounds(executor);
    const kept: Kept = { sinceMs: epochMs(before), tooManyTo: last - Math.max(0, keepRows), last };
    for (let deleted = 0, from = trimmedTo; ; ) {
      const { rows, to, isDone } = await executor.write((database) => trimOldest(database, from, kept));
      deleted += rows;
      from = to;
      if (isDone) return deleted;
    }
  },
});
