/** Rows of every table that hold something of a person, and how they are written without it. */

import { type SelectQueryBuilder, sql } from 'kysely';
import type { Agent, Blackout, Call, ControlCommand, Recording } from '../domain/model/entities.ts';
import type { LiveEvent } from '../domain/model/events.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import { eraseValues } from './audit-hash.ts';
import { personalColumns as callColumns } from './calls.ts';
import { erasedText, type Person, redactAgent, redactDocument, redactField } from './person.ts';
import { personalColumns as recordingColumns } from './recordings.ts';
import { keyRowId, plain, rowId, rowIdOrNull } from './rows.ts';
import type { Database, Tables } from './tables.ts';

const erasedTables = [
  'agents',
  'calls',
  'recordings',
  'blackouts',
  'commands',
  'events',
  'audit',
  'dead_letters',
  'vendor_state',
  'receipts',
] as const;
type ErasedTable = (typeof erasedTables)[number];

/** How many rows of each table held something of the person, and how many entries of the audit trail are from before there were digests. */
export type Erased = Record<ErasedTable, number> & { auditUnread: number };

const chunkRows = 500;
const keys: { readonly [N in ErasedTable]: readonly (keyof Tables[N] & string)[] } = {
  agents: ['id'],
  calls: ['id'],
  recordings: ['id'],
  blackouts: ['id'],
  commands: ['id'],
  events: ['id'],
  audit: ['sequence'],
  dead_letters: ['id'],
  vendor_state: ['source', 'key'],
  receipts: ['source', 'receipt'],
};

/** Every row of a table, in the order of its key, some at a time. */
export const eachRow = async <N extends ErasedTable>(
  database: Database,
  table: N,
  work: (row: Tables[N]) => Promise<void>,
): Promise<void> => {
  const columns = keys[table].map((name) => sql.ref(name));
  for (let last: Tables[N] | undefined; ; ) {
    let query = database
      .selectFrom(table as ErasedTable)
      .selectAll()
      .limit(chunkRows) as unknown as SelectQueryBuilder<Tables, N, Tables[N]>;
    query = query.orderBy(sql.join(columns));
    if (last !== undefined) {
      const values = keys[table].map((name) => last![name]);
      query = query.where(sql<boolean>`(${sql.join(columns)}) > (${sql.join(values)})`);
    }
    const rows = (await query.execute()) as Tables[N][];
    for (const row of rows) await work(row);
    if (rows.length < chunkRows) return;
    last = rows.at(-1);
  }
};

const redactEvent = (person: Person, event: LiveEvent): LiveEvent => {
  const redacted = redactDocument(person, event.source, event);
  return event.entityType === 'agent' ? { ...event, key: redacted.key, state: redactAgent(person, event.state) } : redacted;
};

const redactCommand = (person: Person, command: ControlCommand): ControlCommand => {
  const redacted = redactDocument(person, command.source, command);
  const key = command.idempotencyKey;
  return {
    ...redacted,
    idempotencyKey: key === null || person.redact(key) === key ? key : null,
    // It could be found again by trying numbers.
    inputHash: JSON.stringify(redacted.input) === JSON.stringify(command.input) ? command.inputHash : erasedText,
  };
};

interface Erasure {
  database: Database;
  person: Person;
  /** Counted up row by row. */
  erased: Erased;
}

/** Writes what `redact` changes of a document, with the columns that follow from it. */
const documents = <T extends object>(
  { database, erased }: Erasure,
  table: 'agents' | 'calls' | 'recordings' | 'blackouts' | 'commands',
  redact: (document: T) => T,
  columnsOf: (document: T) => { readonly [name: string]: string | number | null },
) =>
  eachRow(database, table, async ({ id, data }) => {
    const document = redact(JSON.parse(data) as T);
    const changed = JSON.stringify(document);
    if (changed === data) return;
    erased[table] += 1;
    await database
      .updateTable(table)
      .set({ ...columnsOf(document), data: changed })
      .where('id', '=', id)
      .execute();
  });

const eraseDocuments = async (erasure: Erasure): Promise<void> => {
  const { database, person } = erasure;
  const plainly =
    <T extends { source: string }>() =>
    (document: T): T =>
      redactDocument(person, document.source, document);
  await documents<Agent>(
    erasure,
    'agents',
    (agent) => redactAgent(person, agent),
    (agent) => ({ id: keyRowId(agent) }),
  );
  await documents<Call>(erasure, 'calls', plainly(), callColumns);
  await documents<Recording>(erasure, 'recordings', plainly(), recordingColumns);
  await documents<Blackout>(erasure, 'blackouts', plainly(), ({ source, agent }) => ({ agent_id: rowId(source, agent) }));
  await documents<ControlCommand>(
    erasure,
    'commands',
    (command) => redactCommand(person, command),
    ({ source, agent, idempotencyKey }) => ({
      agent_id: rowIdOrNull(source, agent),
      idempotency_key: idempotencyKey === null ? null : plain(idempotencyKey),
    }),
  );
  if (person.agent !== null) {
    const { key, pseudonym } = person.agent;
    await database
      .updateTable('call_agents')
      .set({ agent_id: rowId(key.source, pseudonym) })
      .where('agent_id', '=', keyRowId(key))
      .execute();
  }
};

const eraseEvents = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'events', async ({ id, data }) => {
    const changed = JSON.stringify(redactEvent(person, JSON.parse(data) as LiveEvent));
    if (changed === data) return;
    erased.events += 1;
    await database.updateTable('events').set({ data: changed }).where('id', '=', id).execute();
  });

const eraseAudit = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'audit', async ({ sequence, subject, salt }) => {
    const read = JSON.parse(subject) as Record<string, unknown>;
    const source = typeof read.source === 'string' ? read.source : (person.agent?.key.source ?? '');
    const isPersonal = (value: string | number, path: string): boolean => {
      const field = path.split('/').findLast((step) => !/^\d+$/.test(step)) ?? '';
      return redactField(person, field, source, String(value)) !== String(value);
    };
    if (salt === null) {
      if (subject !== JSON.stringify(redactDocument(person, source, read))) erased.auditUnread += 1;
      return;
    }
    const changed = eraseValues({ subject: read, salt }, isPersonal);
    if (changed === null) return;
    erased.audit += 1;
    await database
      .updateTable('audit')
      .set({ subject: JSON.stringify(changed.subject), salt: changed.salt })
      .where('sequence', '=', sequence)
      .execute();
  });

const eraseDeadLetters = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'dead_letters', async (row) => {
    const body = Buffer.from(letterIn(row).body);
    const text = body.toString('utf8');
    const { key } = person.agent ?? {};
    const names = key?.source === row.source && text.split(/[^\p{L}\p{N}@.+-]+/u).includes(key.externalId);
    if (!names && [text, body.toString('latin1')].every((one) => person.redact(one) === one)) return;
    erased.dead_letters += 1;
    await database.deleteFrom('dead_letters').where('id', '=', row.id).execute();
  });

const eraseVendorState = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'vendor_state', async ({ source, key, value }) => {
    const isAgents =
      person.agent !== null && person.agent.key.source === source && key.split(/[:/ ]/).includes(person.agent.key.externalId);
    const state = JSON.parse(value) as unknown;
    if (!isAgents && JSON.stringify(redactDocument(person, source, state)) === JSON.stringify(state)) return;
    erased.vendor_state += 1;
    await database.deleteFrom('vendor_state').where('source', '=', source).where('key', '=', key).execute();
  });

const eraseReceipts = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'receipts', async ({ source, receipt }) => {
    if (person.redact(receipt) === receipt) return;
    erased.receipts += 1;
    await database.deleteFrom('receipts').where('source', '=', source).where('receipt', '=', receipt).execute();
  });

/** Goes through every table; returns how many rows it changed or deleted. */
export const eraseIn = async (database: Database, person: Person): Promise<Erased> => {
  const erased = { ...Object.fromEntries(erasedTables.map((table) => [table, 0])), auditUnread: 0 } as Erased;
  const erasure: Erasure = { database, person, erased };
  for (const erase of [eraseDocuments, eraseEvents, eraseAudit, eraseDeadLetters, eraseVendorState, eraseReceipts]) await erase(erasure);
  return erased;
};
