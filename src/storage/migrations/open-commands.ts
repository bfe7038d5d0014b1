import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from './dialect.ts';

/** Commands that nothing has completed are read with every observation; they are few, however many there ever were. */
export const openCommands = ({ integer }: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .alterTable('commands')
      .addColumn('open', integer, (column) => column.notNull().defaultTo(1))
      .execute();
    await sql`update commands set open = 0 where status in ('CONFIRMED', 'FAILED')`.execute(db);
    await db.schema
      .createIndex('commands_open')
      .on('commands')
      .columns(['source', 'sort_ms', 'id'])
      .where(sql.ref('open'), '=', 1)
      .execute();
  },
});

/** The open commands of the agents that an observation changes are read with it. */
export const openCommandsOfAgents = (): Migration => ({
  up: async (db: Kysely<unknown>) => {
    const columns = ['agent_id', 'sort_ms', 'id'];
    await db.schema.createIndex('commands_open_agent').on('commands').columns(columns).where(sql.ref('open'), '=', 1).execute();
  },
});
