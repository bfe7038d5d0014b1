import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { firstPreviousHash } from '../audit-hash.ts';
import { createOrderIndexes, type Dialect } from './dialect.ts';

/** The columns that the tables of entities share. */
const tablesIn = (db: Kysely<unknown>, { text, integer }: Dialect) => {
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
  return { table, document, listed };
};

type Step = (db: Kysely<unknown>, dialect: Dialect) => Promise<void>;

const createObserved: Step = async (db, dialect) => {
  const { text, integer } = dialect;
  const { table, document, listed } = tablesIn(db, dialect);
  await document('agents')
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('agents_source').on('agents').columns(['source']).execute();

  await listed('calls')
    .addColumn('caller_key', text)
    .addColumn('caller_tail', text)
    .addColumn('called_key', text)
    .addColumn('called_tail', text)
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await createOrderIndexes(db, 'calls', [], ['source'], ['state'], ['source', 'state'], ['caller_tail'], ['called_tail']);
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
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await createOrderIndexes(
    db,
    'recordings',
    [],
    ['source'],
    ['state'],
    ['source', 'state'],
    ['kind'],
    ['agent_id'],
    ['call_id'],
    ['endpoint_tail'],
  );
  await db.schema
    .createIndex('recordings_former')
    .on('recordings')
    .column('former_id')
    .where(sql.ref('former_id'), 'is not', null)
    .execute();
};

const createControlled: Step = async (db, dialect) => {
  const { text, integer } = dialect;
  const { document } = tablesIn(db, dialect);
  await document('blackouts')
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('sort_ms', integer, (column) => column.notNull())
    .addColumn('ends_ms', integer, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await createOrderIndexes(db, 'blackouts', [], ['source'], ['state'], ['source', 'state'], ['agent_id']);
  await db.schema.createIndex('blackouts_ends').on('blackouts').columns(['agent_id', 'ends_ms']).execute();

  await document('commands')
    .addColumn('agent_id', text)
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('requested_by', text, (column) => column.notNull())
    .addColumn('idempotency_key', text)
    .addColumn('blackout_id', text)
    .addColumn('sort_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await createOrderIndexes(db, 'commands', [], ['source'], ['status'], ['source', 'status'], ['operation'], ['agent_id'], ['requested_by']);
  await db.schema.createIndex('commands_blackout').on('commands').column('blackout_id').execute();
  await db.schema
    .createIndex('commands_idempotency')
    .unique()
    .on('commands')
    .columns(['requested_by', 'idempotency_key'])
    .where(sql.ref('idempotency_key'), 'is not', null)
    .execute();
};

const createLogs: Step = async (db, dialect) => {
  const { text, integer } = dialect;
  const { table } = tablesIn(db, dialect);
  await table('events')
    .addColumn('id', integer, (column) => column.primaryKey().notNull())
    .addColumn('at_ms', integer, (column) => column.notNull())
    .addColumn('noun', text, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
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
};

const createVendorTables: Step = async (db, dialect) => {
  const { text, integer } = dialect;
  const { table, document } = tablesIn(db, dialect);
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
};

export const first = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    for (const create of [createObserved, createControlled, createLogs, createVendorTables]) await create(db, dialect);
  },
});
