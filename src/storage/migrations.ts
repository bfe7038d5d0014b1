import { randomUUID } from 'node:crypto';
import { type ColumnDataType, type Expression, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { numberKey } from '../domain/model/phone-number.ts';
import { firstPreviousHash } from './audit-hash.ts';

/** Types that one engine spells differently. Text sorts by bytes in both, which is also what keyset pages compare by. */
interface Dialect {
  text: ColumnDataType | Expression<unknown>;
  integer: ColumnDataType;
  /** An integer that grows by itself, of a primary key. */
  sequence: ColumnDataType;
  /** A text field of a JSON document that is kept as text. */
  field(column: string, name: string): Expression<unknown>;
}

export const dialects: Record<'sqlite' | 'postgres', Dialect> = {
  sqlite: { text: 'text', integer: 'integer', sequence: 'integer', field: (column, name) => sql`${sql.ref(column)} ->> ${sql.lit(name)}` },
  postgres: {
    text: sql`text collate "C"`,
    integer: 'bigint',
    sequence: 'bigserial',
    field: (column, name) => sql`${sql.ref(column)}::json ->> ${sql.lit(name)}`,
  },
};

/** Indexes whose last columns are the order of pages. */
const ordered = async (db: Kysely<unknown>, table: string, ...leading: readonly string[][]) => {
  for (const columns of leading) {
    const name = [table, ...columns, 'order'].join('_');
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns, 'sort_ms', 'id'])
      .execute();
  }
};

const first = ({ text, integer }: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    const table = (name: string) => db.schema.createTable(name);
    const document = (name: string) =>
      table(name)
        .addColumn('id', text, (column) => column.primaryKey().notNull())
        .addColumn('source', text, (column) => column.notNull());
    const listed = (name: string) =>
      document(name)
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('first_seen_ms', integer, (column) => column.notNull())
        .addColumn('started_ms', integer)
        .addColumn('sort_ms', integer, (column) => column.notNull());
    const data = 'data';

    await document('agents')
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('agents_source').on('agents').columns(['source']).execute();

    await listed('calls')
      .addColumn('caller_key', text)
      .addColumn('caller_tail', text)
      .addColumn('called_key', text)
      .addColumn('called_tail', text)
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await ordered(db, 'calls', [], ['source'], ['state'], ['source', 'state'], ['caller_tail'], ['called_tail']);
    await table('call_agents')
      .addColumn('call_id', text, (column) => column.notNull())
      .addColumn('agent_id', text, (column) => column.notNull())
      .addColumn('sort_ms', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('call_agents_key', ['call_id', 'agent_id'])
      .execute();
    await db.schema.createIndex('call_agents_order').on('call_agents').columns(['agent_id', 'sort_ms', 'call_id']).execute();

    await listed('recordings')
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('party', text, (column) => column.notNull())
      .addColumn('agent_id', text)
      .addColumn('call_id', text)
      .addColumn('former_id', text)
      .addColumn('endpoint_key', text)
      .addColumn('endpoint_tail', text)
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await ordered(db, 'recordings', [], ['source'], ['state'], ['source', 'state'], ['kind'], ['agent_id'], ['call_id'], ['endpoint_tail']);
    await db.schema
      .createIndex('recordings_former')
      .on('recordings')
      .column('former_id')
      .where(sql.ref('former_id'), 'is not', null)
      .execute();

    await document('blackouts')
      .addColumn('agent_id', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('sort_ms', integer, (column) => column.notNull())
      .addColumn('ends_ms', integer, (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await ordered(db, 'blackouts', [], ['source'], ['state'], ['source', 'state'], ['agent_id']);
    await db.schema.createIndex('blackouts_ends').on('blackouts').columns(['agent_id', 'ends_ms']).execute();

    await document('commands')
      .addColumn('agent_id', text)
      .addColumn('operation', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('requested_by', text, (column) => column.notNull())
      .addColumn('idempotency_key', text)
      .addColumn('blackout_id', text)
      .addColumn('sort_ms', integer, (column) => column.notNull())
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await ordered(db, 'commands', [], ['source'], ['status'], ['source', 'status'], ['operation'], ['agent_id'], ['requested_by']);
    await db.schema.createIndex('commands_blackout').on('commands').column('blackout_id').execute();
    await db.schema
      .createIndex('commands_idempotency')
      .unique()
      .on('commands')
      .columns(['requested_by', 'idempotency_key'])
      .where(sql.ref('idempotency_key'), 'is not', null)
      .execute();

    await table('events')
      .addColumn('id', integer, (column) => column.primaryKey().notNull())
      .addColumn('at_ms', integer, (column) => column.notNull())
      .addColumn('noun', text, (column) => column.notNull())
      .addColumn(data, 'text', (column) => column.notNull())
      .execute();
    await table('audit')
      .addColumn('sequence', integer, (column) => column.primaryKey().notNull())
      .addColumn('at', text, (column) => column.notNull())
      .addColumn('actor', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('previous_hash', text, (column) => column.notNull())
      .addColumn('hash', text, (column) => column.notNull())
      .execute();
    await table('journal')
      .addColumn('id', integer, (column) => column.primaryKey().notNull())
      .addColumn('event_id', integer, (column) => column.notNull())
      .addColumn('trimmed_to', integer, (column) => column.notNull())
      .addColumn('audit_sequence', integer, (column) => column.notNull())
      .addColumn('audit_hash', text, (column) => column.notNull())
      .execute();
    await sql`insert into journal (id, event_id, trimmed_to, audit_sequence, audit_hash) values (1, 0, 0, 0, ${firstPreviousHash})`.execute(
      db,
    );

    await table('vendor_state')
      .addColumn('source', text, (column) => column.notNull())
      .addColumn('key', text, (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('vendor_state_key', ['source', 'key'])
      .execute();
    await table('receipts')
      .addColumn('source', text, (column) => column.notNull())
      .addColumn('receipt', text, (column) => column.notNull())
      .addColumn('at_ms', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('receipts_key', ['source', 'receipt'])
      .execute();
    await db.schema.createIndex('receipts_at').on('receipts').column('at_ms').execute();
    await document('dead_letters')
      .addColumn('at', text, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('dead_letters_source').on('dead_letters').column('source').execute();
    await table('leases')
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('holder', text, (column) => column.notNull())
      .addColumn('expires_ms', integer, (column) => column.notNull())
      .execute();
  },
});

/** Commands that nothing has completed are read with every observation; they are few, however many there ever were. */
const openCommands = ({ integer }: Dialect): Migration => ({
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
const openCommandsOfAgents = (): Migration => ({
  up: async (db: Kysely<unknown>) => {
    const columns = ['agent_id', 'sort_ms', 'id'];
    await db.schema.createIndex('commands_open_agent').on('commands').columns(columns).where(sql.ref('open'), '=', 1).execute();
  },
});

/** The running recordings of an agent are read with every command to it; they are few, however many there ever were. */
const liveRecordings = (): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await sql`create index recordings_live on recordings (agent_id, sort_ms, id)
      where state in ('STARTING', 'RECORDING', 'PAUSED', 'STOPPING')`.execute(db);
  },
});

interface OpenRow {
  id: string;
  agent_id: string;
  data: string;
}

/** Warnings carry their times, and an agent has one open blackout at most: of several the one with the latest deadline stays open. */
const oneOpenBlackout = (): Migration => ({
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

/** Calls are found by their queue. */
const callQueues = ({ text, field }: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('calls').addColumn('queue', text).execute();
    await sql`update calls set queue = ${field('data', 'queue')}`.execute(db);
    await ordered(db, 'calls', ['queue']);
  },
});

/** Rows of the event log and the audit trail are inserted without a place in it, and get one after the commit. */
const positionsAfterCommit = ({ text, integer, sequence }: Dialect): Migration => ({
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

interface NumberColumn {
  table: 'calls' | 'recordings';
  column: 'caller' | 'called' | 'endpoint';
}
const numberColumns: readonly NumberColumn[] = [
  { table: 'calls', column: 'caller' },
  { table: 'calls', column: 'called' },
  { table: 'recordings', column: 'endpoint' },
];
const rowsAtOnce = 500;

/** Reads stored phone numbers as `domain/model/phone-number.ts` reads them now. */
const readNumbersAnew = async (db: Kysely<unknown>, { field }: Dialect, { table, column }: NumberColumn): Promise<void> => {
  for (let last = ''; ; ) {
    const { rows } = await sql<{ id: string; number: string | null }>`select id, ${field('data', column)} as number
      from ${sql.table(table)} where id > ${last} order by id limit ${rowsAtOnce}`.execute(db);
    for (const { id, number } of rows) {
      const read = numberKey(number);
      if (read === null) continue;
      await sql`update ${sql.table(table)} set ${sql.ref(`${column}_key`)} = ${read.key}, ${sql.ref(`${column}_suffix`)} = ${read.suffix}
        where id = ${id} and ${sql.ref(`${column}_key`)} <> ${read.key}`.execute(db);
    }
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)!.id;
  }
};

/** The columns of phone numbers get their names. */
const numberSuffixes = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const { table, column } of numberColumns) {
      await sql`drop index ${sql.ref(`${table}_${column}_tail_order`)}`.execute(db);
      await db.schema.alterTable(table).renameColumn(`${column}_tail`, `${column}_suffix`).execute();
      await readNumbersAnew(db, dialect, { table, column });
      await ordered(db, table, [`${column}_suffix`]);
    }
  },
});

/** Runs where numbers are read otherwise than before, such as those with an extension, with a trunk eight, or in angle brackets. */
const numbersReadAnew = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const column of numberColumns) await readNumbersAnew(db, dialect, column);
  },
});

/** In the order in which they run. A migration that was released is never changed; what follows it is. */
export const migrations = (dialect: Dialect): Record<string, Migration> => ({
  '0001-first': first(dialect),
  '0002-open-commands': openCommands(dialect),
  '0003-live-recordings': liveRecordings(),
  '0004-one-open-blackout': oneOpenBlackout(),
  '0005-call-queues': callQueues(dialect),
  '0006-positions-after-commit': positionsAfterCommit(dialect),
  '0007-number-suffixes': numberSuffixes(dialect),
  '0008-open-commands-of-agents': openCommandsOfAgents(),
  '0009-numbers-read-anew': numbersReadAnew(dialect),
  '0010-trunk-eight-and-brackets': numbersReadAnew(dialect),
});
