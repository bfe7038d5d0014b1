import { sql } from 'kysely';
import type { EntityType, LiveEvent } from '../domain/model/entities.ts';
import { epochMs } from '../domain/model/instant.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import type { Collected, Head } from './audit.ts';
import { inParts, statement } from './statement.ts';
import type { Scope, Tables } from './tables.ts';

const number = statement<{ more: number }, { event_id: number } & Head>(['more'], (database, [events]) =>
  database
    .updateTable('journal')
    .set({ event_id: sql`event_id + ${events!.more}` })
    .returning(['event_id', 'audit_sequence', 'audit_hash'])
    .compile(),
);

const insert = statement<Tables['events']>(['id', 'at_ms', 'noun', 'data'], (database, rows) =>
  database.insertInto('events').values(rows).compile(),
);

export const eventLog = (scope: Scope, collected: Collected | null): StoreOperations['events'] => ({
  append: (events) =>
    events.length === 0
      ? Promise.resolve([])
      : scope.write(async (database) => {
          const { rows: journal } = await number(database, [{ more: events.length }]);
          const { event_id: last, ...head } = journal[0]!;
          if (collected !== null) collected.head = head;
          const first = last - events.length + 1;
          const numbered = events.map((event, index): LiveEvent => ({ ...event, id: first + index }));
          const rows = numbered.map(({ id, ...event }) => ({
            id,
            at_ms: epochMs(event.at),
            noun: event.entityType,
            data: JSON.stringify(event),
          }));
          for (const part of inParts(rows)) await insert(database, part);
          return numbered;
        }),
  after: (id, limit, entityTypes) =>
    scope.read(async (database) => {
      const query = database.selectFrom('events').select(['id', 'noun', 'data']).where('id', '>', id).orderBy('id').limit(limit);
      const rows = await (entityTypes === undefined
        ? query
        : query.where('noun', 'in', entityTypes.length === 0 ? [''] : entityTypes)
      ).execute();
      return rows.map(
        (row): LiveEvent => ({
          ...(JSON.parse(row.data) as Omit<LiveEvent, 'id' | 'entityType'>),
          id: row.id,
          entityType: row.noun as EntityType,
        }),
      );
    }),
  bounds: () =>
    scope.read(async (database) => {
      const journal = await database.selectFrom('journal').select(['event_id', 'trimmed_to']).executeTakeFirstOrThrow();
      const { event_id: last, trimmed_to: trimmedTo } = journal;
      return { first: last === 0 ? 0 : trimmedTo + 1, last, trimmedTo };
    }),
  trim: (before, keepRows) =>
    scope.write(async (database) => {
      const { event_id: last } = await database.selectFrom('journal').select('event_id').executeTakeFirstOrThrow();
      const young = await database
        .selectFrom('events')
        .select('id')
        .where('at_ms', '>=', epochMs(before))
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      const to = Math.max((young?.id ?? last + 1) - 1, last - Math.max(0, keepRows));
      const { numDeletedRows } = await database.deleteFrom('events').where('id', '<=', to).executeTakeFirst();
      await database.updateTable('journal').set({ trimmed_to: to }).where('trimmed_to', '<', to).execute();
      return Number(numDeletedRows);
    }),
});
