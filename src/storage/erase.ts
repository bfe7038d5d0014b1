/** Erases one person from a store that no server runs on: in one transaction, with an entry in the audit trail that names nobody. */

import { sql } from 'kysely';
import type { Agent, SourceKey } from '../domain/model/entities.ts';
import { openBlackoutStates } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import type { LiveEvent } from '../domain/model/events.ts';
import { instant } from '../domain/model/instant.ts';
import { serverActor } from '../domain/model/principal.ts';
import { eraseIn } from './erase-tables.ts';
import type { Erased } from './erasure.ts';
import { openEngine, type StoreTools } from './index.ts';
import { operationsIn } from './operations.ts';
import { type Person, personOfAgent, personOfNumber } from './person.ts';
import { keyRowId } from './rows.ts';
import { eachRow } from './rows-by-key.ts';
import type { Database } from './tables.ts';

/** `mustBeKnown` where nothing but the store can say that there is such an agent. */
export type Target = { number: string } | { agent: SourceKey; mustBeKnown?: boolean };

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
    const { source, key: externalId, state } = JSON.parse(data) as LiveEvent<'agent'>;
    if (source === key.source && externalId === key.externalId) known.push(state);
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

const refuseUnknown = ({ source }: SourceKey, erased: Erased): void => {
  if (Object.values(erased).some((rows) => rows > 0)) return;
  throw new ExpectedError(
    'NOT_FOUND',
    `The configuration has no source named ${source}, and the store holds nothing of such an agent; nothing was erased.`,
  );
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
        const erased = await eraseIn(database, await personOf(database, target));
        if ('agent' in target && target.mustBeKnown === true) refuseUnknown(target.agent, erased);
        return erased;
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
