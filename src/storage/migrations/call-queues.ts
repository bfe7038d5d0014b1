import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createOrderIndexes, type Dialect } from './dialect.ts';

/** Calls are found by their queue. */
export const callQueues = ({ text, field }: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('calls').addColumn('queue', text).execute();
    await sql`update calls set queue = ${field('data', 'queue')}`.execute(db);
    await createOrderIndexes(db, 'calls', ['queue']);
  },
});
