import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The running recordings of an agent are read with every command to it; they are few, however many there ever were. */
export const liveRecordings = (): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await sql`create index recordings_live on recordings (agent_id, sort_ms, id)
      where state in ('STARTING', 'RECORDING', 'PAUSED', 'STOPPING')`.execute(db);
  },
});
