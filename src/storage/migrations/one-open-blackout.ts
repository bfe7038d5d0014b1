import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

interface OpenRow {
  id: string;
  agent_id: string;
  data: string;
}

/** Warnings carry their times, and an agent has one open blackout at most: of several the one with the latest deadline stays open. */
export const oneOpenBlackout = (): Migration => ({
  up: async (db: Kysely<unknown>) => {
    const { rows: warned } = await sql<OpenRow>`select id, agent_id, data from blackouts where data like '%"warnings":["%'`.execute(db);
    for (const { id, data } of warned) {
      const row = JSON.parse(data) as { requestedAt: string; warnings: readonly (string | object)[] };
      const warnings = row.warnings.map((one) => (typeof one === 'string' ? { warning: one, at: row.requestedAt } : one));
      await sql`update blackouts set data = ${JSON.stringify({ ...row, warnings })} where id = ${id}`.execute(db);
    }
    const { rows: open } = await sql<OpenRow>`select id, agent_id, data from blackouts
      where state in ('SCHEDULED', 'ACTIVE', 'STOPPING')`.execute(db);
    const deadlineOf = ({ data }: OpenRow) => Date.parse((JSON.parse(data) as { deadline: string }).deadline);
    const stays = new Map<string, OpenRow>();
    for (const row of open.toSorted((left, right) => deadlineOf(left) - deadlineOf(right))) stays.set(row.agent_id, row);
    for (const one of open) {
      if (stays.get(one.agent_id)?.id === one.id) continue;
      const row = JSON.parse(one.data) as { deadline: string; stopsAt: string | null };
      const endedAt = row.stopsAt ?? row.deadline;
      const data = JSON.stringify({ ...row, state: 'ENDED', endedAt });
      await sql`update blackouts set state = 'ENDED', ends_ms = ${Date.parse(endedAt)}, data = ${data} where id = ${one.id}`.execute(db);
    }
    await sql`create unique index blackouts_one_open on blackouts (agent_id)
      where state in ('SCHEDULED', 'ACTIVE', 'STOPPING')`.execute(db);
  },
});
