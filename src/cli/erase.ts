/** The right to be forgotten. */

import { parseKeyId } from '../domain/model/ids.ts';
import { randomIds, systemClock } from '../lib/clock.ts';
import { erasePerson, type Target } from '../storage/erase.ts';
import type { Erased } from '../storage/erasure.ts';
import { requiredWithStore } from './configured.ts';
import { type Command, type Flags, UsageError } from './options.ts';

const targetOf = ({ number, agent }: Flags): Target => {
  if ((number === undefined) === (agent === undefined)) throw new UsageError('tapegraph erase needs either --number or --agent.');
  if (number !== undefined) return { number };
  const colon = agent!.indexOf(':');
  const key = parseKeyId('Agent', agent!) ?? { source: agent!.slice(0, Math.max(0, colon)), externalId: agent!.slice(colon + 1) };
  if (key.source === '' || key.externalId === '') throw new UsageError('--agent must be SOURCE:ID, or the id of an agent in the API.');
  return { agent: key };
};

const rowNames: Readonly<Record<keyof Erased, readonly [one: string, many: string]>> = {
  agents: ['agent', 'agents'],
  calls: ['call', 'calls'],
  recordings: ['recording', 'recordings'],
  blackouts: ['blackout', 'blackouts'],
  commands: ['command', 'commands'],
  events: ['event', 'events'],
  audit: ['entry of the audit trail', 'entries of the audit trail'],
  dead_letters: ['dead letter', 'dead letters'],
  vendor_state: ['note of a source', 'notes of sources'],
  receipts: ['receipt', 'receipts'],
  auditUnread: ['entry of the audit trail', 'entries of the audit trail'],
};

const counted = (erased: Erased, name: keyof Erased): string => `${erased[name]} ${rowNames[name][erased[name] === 1 ? 0 : 1]}`;

/** Tells what was erased, and what could not be. */
export const erasedText = (erased: Erased): string => {
  const found = (Object.keys(rowNames) as (keyof Erased)[]).filter((name) => name !== 'auditUnread' && erased[name] > 0);
  const what = found.length === 0 ? 'nothing, because nothing was found' : found.map((name) => counted(erased, name)).join(', ');
  const unread = erased.auditUnread === 0 ? '' : `, ${counted(erased, 'auditUnread')} of the first format, which cannot be erased`;
  return `erased in: ${what}
not covered: what the vendor keeps (audio too), backups and copies, logs, ids that the vendor gave to calls and recordings,
names under which callers use this API${unread}
`;
};

export const erase: Command = {
  summary: 'erase a person from the store: a caller by phone number, or an agent',
  details:
    "Stop every server first. The command erases the person in agents, calls, recordings, blackouts, commands, events, dead letters and the\naudit trail, which stays valid. An agent's id is replaced by a random id, so that the history stays connected. Erase the person at the\nvendor first; otherwise the server reads the data again. The output names the data that the command does not cover.",
  options: ['config', 'number', 'agent'],
  run: async (flags) => {
    const given = targetOf(flags);
    const { store, sources } = await requiredWithStore(flags);
    // Rows of a source that is configured no more can be erased; a name that was mistyped must not pass for that.
    const target =
      'agent' in given ? { ...given, mustBeKnown: !sources.some(({ settings }) => settings.name === given.agent.source) } : given;
    const erased = await erasePerson(store.url, target, { clock: systemClock, ids: randomIds });
    process.stdout.write(erasedText(erased));
  },
};
