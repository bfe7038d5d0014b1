/** Rows of entities, and how they are written without what is personal in them. */
import type { Agent, Blackout, Call, ControlCommand, Recording } from '../domain/model/entities.ts';
import { personalColumns as callColumns } from './calls.ts';
import type { Erasure } from './erasure.ts';
import { erasedText, type Person, redactAgent, redactDocument } from './person.ts';
import { personalColumns as recordingColumns } from './recordings.ts';
import { keyRowId, plain, rowId, rowIdOrNull } from './rows.ts';
import { eachRow } from './rows-by-key.ts';

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

interface Redaction<T> {
  redact(document: T): T;
  /** The columns that follow from a document. */
  columnsOf(document: T): { readonly [name: string]: string | number | null };
}

/** Writes what `redact` changes of the documents of a table. */
const documents = <T extends object>(
  { database, erased }: Erasure,
  table: 'agents' | 'calls' | 'recordings' | 'blackouts' | 'commands',
  { redact, columnsOf }: Redaction<T>,
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

export const eraseDocuments = async (erasure: Erasure): Promise<void> => {
  const { database, person } = erasure;
  const redact = <T extends { source: string }>(document: T): T => redactDocument(person, document.source, document);
  await documents<Agent>(erasure, 'agents', {
    redact: (agent) => redactAgent(person, agent),
    columnsOf: (agent) => ({ id: keyRowId(agent) }),
  });
  await documents<Call>(erasure, 'calls', { redact, columnsOf: callColumns });
  await documents<Recording>(erasure, 'recordings', { redact, columnsOf: recordingColumns });
  await documents<Blackout>(erasure, 'blackouts', { redact, columnsOf: ({ source, agent }) => ({ agent_id: rowId(source, agent) }) });
  await documents<ControlCommand>(erasure, 'commands', {
    redact: (command) => redactCommand(person, command),
    columnsOf: ({ source, agent, idempotencyKey }) => ({
      agent_id: rowIdOrNull(source, agent),
      idempotency_key: idempotencyKey === null ? null : plain(idempotencyKey),
    }),
  });
  if (person.agent !== null) {
    const { key, pseudonym } = person.agent;
    await database
      .updateTable('call_agents')
      .set({ agent_id: rowId(key.source, pseudonym) })
      .where('agent_id', '=', keyRowId(key))
      .execute();
  }
};
