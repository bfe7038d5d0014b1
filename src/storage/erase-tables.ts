/** Rows of every table that hold something of a person, and how they are written without it. */
import type { Agent } from '../domain/model/entities.ts';
import type { LiveEvent } from '../domain/model/events.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import { eraseValues } from './audit-hash.ts';
import { eraseDocuments } from './erase-documents.ts';
import { type Erased, type Erasure, erasedTables } from './erasure.ts';
import { type Person, redactAgent, redactDocument, redactField } from './person.ts';
import { eachRow } from './rows-by-key.ts';
import type { Database } from './tables.ts';

const redactEvent = (person: Person, entityType: string, event: LiveEvent): LiveEvent => {
  const redacted = redactDocument(person, event.source, event);
  if (entityType !== 'agent') return redacted;
  return { ...(event as LiveEvent<'agent'>), key: redacted.key, state: redactAgent(person, event.state as Agent) };
};

const eraseEvents = ({ database, person, erased }: Erasure): Promise<void> =>
  eachRow(database, 'events', async ({ id, entity_type, data }) => {
    const changed = JSON.stringify(redactEvent(person, entity_type, JSON.parse(data) as LiveEvent));
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
      return redactField(person, { source, field }, String(value)) !== String(value);
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
