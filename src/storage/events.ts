import type { EntityType, LiveEvent } from '../domain/model/entities.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { chunked } from './rows.ts';
import type { Database, Scope } from './tables.ts';

/** Deleted in one transaction, so that nobody who writes waits long. */
const trimmedAtOnce = 1_000;

/** Deletes the oldest rows up to `to`, of those at most `trimmedAtOnce`; answers how many. */
const trimOldest = async (database: Database, to: number): Promise<number> => {
  const { trimmed_to: from } = await database.selectFrom('journal').select('trimmed_to').executeTakeFirstOrThrow();
  const step = Math.min(to, from + trimmedAtOnce);
  if (step <= from) return 0;
  const { numDeletedRows } = await database.deleteFrom('events').where('id', '<=', step).executeTakeFirst();
  await database.updateTable('journal').set({ trimmed_to: step }).where('trimmed_to', '<', step).execute();
  return Number(numDeletedRows);
};

export const eventLog = (scope: Scope): StoreOperations['events'] => ({
  append: async (events) => {
    if (events.length === 0) return;
    const rows = events.map((event) => ({ at_ms: epochMs(event.at), entity_type: event.entityType, data: JSON.stringify(event) }));
    await scope.append(async (database) => {
      for (const chunk of chunked(rows)) await database.insertInto('pending_events').values(chunk).execute();
    });
  },
  after: (id, limit, entityTypes) =>
    scope.read(async (database) => {
      const query = database.selectFrom('events').select(['id', 'entity_type', 'data']).where('id', '>', id).orderBy('id').limit(limit);
      const rows = await (entityTypes === undefined
        ? query
        : query.where('entity_type', 'in', entityTypes.length === 0 ? [''] : entityTypes)
      ).execute();
      return rows.map(
        (row): LiveEvent => ({
          ...(JSON.parse(row.data) as Omit<LiveEvent, 'id' | 'entityType'>),
          id: row.id,
          entityType: row.entity_type as EntityType,
        }),
      );
    }),
  bounds: () =>
    scope.read(async (database) => {
      const journal = await database.selectFrom('journal').select(['event_id', 'trimmed_to']).executeTakeFirstOrThrow();
      const { event_id: last, trimmed_to: trimmedTo } = journal;
      return { first: last === 0 ? 0 : trimmedTo + 1, last, trimmedTo };
    }),
  trim: async (before, keepRows) => {
    const to = await scope.read(async (database) => {
      const { event_id: last } = await database.selectFrom('journal').select('event_id').executeTakeFirstOrThrow();
      const young = await database
        .selectFrom('events')
        .select('id')
        .where('at_ms', '>=', epochMs(before))
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      return Math.max((young?.id ?? last + 1) - 1, last - Math.max(0, keepRows));
    });
    let deleted = 0;
    for (;;) {
      const { rows, isDone } = await scope.write(async (database) => {
        const rows = await trimOldest(database, to);
        const { trimmed_to: trimmedTo } = await database.selectFrom('journal').select('trimmed_to').executeTakeFirstOrThrow();
        return { rows, isDone: trimmedTo >= to };
      });
      deleted += rows;
      if (isDone) return deleted;
    }
  },
});
