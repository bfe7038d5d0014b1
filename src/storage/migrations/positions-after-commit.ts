import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from './dialect.ts';

/** Rows of the event log and the audit trail are inserted without a place in it, and get one after the commit. */
export const positionsAfterCommit = ({ text, integer, sequence }: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    const pending = (name: string) => db.schema.createTable(name).addColumn('seq', sequence, (column) => column.primaryKey().notNull());
    await pending('pending_events')
      .addColumn('at_ms', integer, (column) => column.notNull())
      .addColumn('entity_type', text, (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .execute();
    await pending('pending_audit')
      .addColumn('at', text, (column) => column.notNull())
      .addColumn('actor', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('salt', 'text')
      .execute();
    await db.schema.alterTable('events').renameColumn('noun', 'entity_type').execute();
    await db.schema.alterTable('audit').addColumn('salt', 'text').execute();
    await db.schema
      .alterTable('journal')
      .addColumn('store_id', text, (column) => column.notNull().defaultTo(''))
      .execute();
    await sql`update journal set store_id = ${randomUUID()}`.execute(db);
  },
});
