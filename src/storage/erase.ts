/** Erases one person from a store that no server runs on: in one transaction, with an entry in the audit trail that names nobody. */
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Agent, Blackout, Call, ControlCommand, LiveEvent, Recording, SourceKey } from '../domain/model/entities.ts';
import { openBlackoutStates } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { instant } from '../domain/model/instant.ts';
import { serverActor } from '../domain/model/principal.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import { eraseValues } from './audit-hash.ts';
import { personalColumns as callColumns } from './calls.ts';
import { openEngine, type StoreTools } from './index.ts';
import { operationsIn } from './operations.ts';
import { erasedText, type Person, personOfAgent, personOfNumber, redactAgent, redactDocument, redactField } from './person.ts';
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

export type Target = { number: string } | { agent: SourceKey };

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
const eachRow = async <N extends ErasedTable>(database: Database, table: N, work: (row: Tables[N]) => Promise<void>): Promise<void> => {
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

const refuseRunning = async (database: Database, nowMs: number): Promise<void> => {
  const held = await database.selectFrom('leases').select('name').where('expires_ms', '>', nowMs).limit(1).executeTakeFirst();
  if (held === undefined) return;
  throw new ExpectedError(
    'CONFLICT',
    'A server uses the store, and would write again what it holds in memory; stop every server, and wait five seconds after one that was killed.',
  );
};

const refuseOpenBlackout = async (database: Database, agent: SourceKey): Promise<void> => {
  const open = database
    .selectFrom('blackouts')
    .select('id')
    .where('agent_id', '=', keyRowId(agent))
    .where('state', 'in', openBlackoutStates);
  if ((await open.executeTakeFirst()) === undefined) return;
  throw new ExpectedError('CONFLICT', 'The agent has an open blackout, which has to be stopped at the recorder; stop it first.');
};

/** The agent as it was stored at any time. */
const knownAgents = async (database: Database, key: SourceKey): Promise<readonly Agent[]> => {
  const known: Agent[] = [];
  const row = await database.selectFrom('agents').select('data').where('id', '=', keyRowId(key)).executeTakeFirst();
  if (row !== undefined) known.push(JSON.parse(row.data) as Agent);
  await eachRow(database, 'events', async ({ entity_type, data }) => {
    if (entity_type !== 'agent') return;
    const { source, key: externalId, state } = JSON.parse(data) as LiveEvent<Agent | null>;
    if (source === key.source && externalId === key.externalId && state !== null) known.push(state);
  });
  return known;
};

const personOf = async (database: Database, target: Target): Promise<Person> => {
  if ('number' in target) {
    const person = personOfNumber(target.number);
    if (person !== null) return person;
    throw new ExpectedError(
      'INVALID_INPUT',
      'The number must be whole, with seven digits or more; an extension belongs to an agent: use --agent.',
    );
  }
  await refuseOpenBlackout(database, target.agent);
  return personOfAgent(target.agent, await knownAgents(database, target.agent));
};

const redactEvent = (person: Person, event: LiveEvent): LiveEvent => {
  const redacted = redactDocument(person, event.source, event);
  const isAgent = event.entityType === 'agent' && event.state !== null;
  return isAgent ? { ...redacted, state: redactAgent(person, event.state as Agent) } : redacted;
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

/** Goes through every table; answers how many rows it changed or deleted. */
const eraseIn = async (database: Database, person: Person): Promise<Erased> => {
  const erased = { ...Object.fromEntries(erasedTables.map((table) => [table, 0])), auditUnread: 0 } as Erased;
  const agentId = person.agent === null ? null : keyRowId(person.agent.key);

  /** Writes what `redact` changes of a document, with the columns that follow from it. */
  const documents = <T extends object>(
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
  const plainly =
    <T extends { source: string }>() =>
    (document: T): T =>
      redactDocument(person, document.source, document);

  await documents<Agent>(
    'agents',
    (agent) => redactAgent(person, agent),
    (agent) => ({ id: keyRowId(agent) }),
  );
  await documents<Call>('calls', plainly(), callColumns);
  await documents<Recording>('recordings', plainly(), recordingColumns);
  await documents<Blackout>('blackouts', plainly(), ({ source, agent }) => ({ agent_id: rowId(source, agent) }));
  await documents<ControlCommand>(
    'commands',
    (command) => redactCommand(person, command),
    ({ source, agent, idempotencyKey }) => ({
      agent_id: rowIdOrNull(source, agent),
      idempotency_key: idempotencyKey === null ? null : plain(idempotencyKey),
    }),
  );
  if (person.agent !== null && agentId !== null) {
    const { key, pseudonym } = person.agent;
    await database
      .updateTable('call_agents')
      .set({ agent_id: rowId(key.source, pseudonym) })
      .where('agent_id', '=', agentId)
      .execute();
  }

  await eachRow(database, 'events', async ({ id, data }) => {
    const changed = JSON.stringify(redactEvent(person, JSON.parse(data) as LiveEvent));
    if (changed === data) return;
    erased.events += 1;
    await database.updateTable('events').set({ data: changed }).where('id', '=', id).execute();
  });

  await eachRow(database, 'audit', async ({ sequence, subject, salt }) => {
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

  await eachRow(database, 'dead_letters', async (row) => {
    const body = Buffer.from(letterIn(row).body);
    const text = body.toString('utf8');
    const { key } = person.agent ?? {};
    const names = key?.source === row.source && text.split(/[^\p{L}\p{N}@.+-]+/u).includes(key.externalId);
    if (!names && [text, body.toString('latin1')].every((one) => person.redact(one) === one)) return;
    erased.dead_letters += 1;
    await database.deleteFrom('dead_letters').where('id', '=', row.id).execute();
  });

  await eachRow(database, 'vendor_state', async ({ source, key, value }) => {
    const isAgents =
      person.agent !== null && person.agent.key.source === source && key.split(/[:/ ]/).includes(person.agent.key.externalId);
    const state = JSON.parse(value) as unknown;
    if (!isAgents && JSON.stringify(redactDocument(person, source, state)) === JSON.stringify(state)) return;
    erased.vendor_state += 1;
    await database.deleteFrom('vendor_state').where('source', '=', source).where('key', '=', key).execute();
  });

  await eachRow(database, 'receipts', async ({ source, receipt }) => {
    if (person.redact(receipt) === receipt) return;
    erased.receipts += 1;
    await database.deleteFrom('receipts').where('source', '=', source).where('receipt', '=', receipt).execute();
  });
  return erased;
};

/** Erases a person; answers how many rows held something of them. No server may be running on the store. */
export const erasePerson = async (url: string, target: Target, tools: StoreTools): Promise<Erased> => {
  const engine = await openEngine(url);
  try {
    await engine.assignPositions();
    const erased = await engine.transact(async (inside) => {
      const erased = await inside.write(async (database) => {
        const time = engine.now ?? sql<number>`${tools.clock.now()}`;
        const { rows } = await sql<{ now: number }>`select ${time} as now`.execute(database);
        await refuseRunning(database, Number(rows[0]!.now));
        return eraseIn(database, await personOf(database, target));
      });
      const { auditUnread: _, ...counts } = erased;
      const subject = { of: 'number' in target ? 'number' : 'agent', ...counts };
      await operationsIn(inside, tools, engine).audit.append([
        { at: instant(tools.clock.now()), actor: serverActor, action: 'person.erased', subject },
      ]);
      return erased;
    });
    await engine.forgetDeleted();
    return erased;
  } finally {
    await engine.close();
  }
};
