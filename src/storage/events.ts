import type { LiveEvent, NewEvent } from '../domain/model/events.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { chunked, parsed } from './rows.ts';
import type { Database, Scope } from './tables.ts';

/** Looked at and deleted in one transaction, so that nobody who writes waits long. */
const trimmedAtOnce = 1_000;

/** What is kept of the log. */
interface Kept {
  /** Older rows go. */
  sinceMs: number;
  /** Of the newest; all others go. */
  rows: number;
}

/** Deletes a step of the oldest rows, and reads no more of them; answers how many it deleted, and whether that was all. */
const trimOldest = async (database: Database, kept: Kept): Promise<{ rows: number; isDone: boolean }> => {
  const journal = await database.selectFrom('journal').select(['event_id', 'trimmed_to']).executeTakeFirstOrThrow();
  const { event_id: last, trimmed_to: from } = journal;
  const tooMany = last - kept.rows;
  const end = Math.min(last, from + trimmedAtOnce);
  const young = await database
    .selectFrom('events')
    .select('id')
    .where('id', '>', Math.max(from, tooMany))
    .where('id', '<=', end)
    .where('at_ms', '>=', kept.sinceMs)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const to = young === undefined ? end : young.id - 1;
  const isDone = to < end || end === last;
  if (to <= from) return { rows: 0, isDone };
  const { numDeletedRows } = await database.deleteFrom('events').where('id', '<=', to).executeTakeFirst();
  await database.updateTable('journal').set({ trimmed_to: to }).where('trimmed_to', '<', to).execute();
  return { rows: Number(numDeletedRows), isDone };
};

export const eventLog = (scope: Scope): StoreOperations['events'] => ({
  append: async (events) => {
    if (events.length === 0) return;
    const rows = events.map((event) => ({ at_ms: epochMs(event.at), entity_type: event.entityType, data: JSON.stringify(event) }));
    await scope.append(async (database) => {
      for (const chunk of chunked(rows)) await database.insertInto('pending_events').values(chunk).execute();
    });
  },
  after: (id, limit) =>
    scope.read(async (database) => {
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
  bounds: () =>
    scope.read(async (database) => {
      const journal = await database.selectFrom('journal').select(['event_id', 'trimmed_to']).executeTakeFirstOrThrow();
      return { last: journal.event_id, trimmedTo: journal.trimmed_to };
    }),
  trim: async (before, keepRows) => {
    const kept: Kept = { sinceMs: epochMs(before), rows: Math.max(0, keepRows) };
    for (let deleted = 0; ; ) {
      const { rows, isDone } = await scope.write((database) => trimOldest(database, kept));
      deleted += rows;
      if (isDone) return deleted;
    }
  },
});
