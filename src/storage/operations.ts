import { sql } from 'kysely';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { agentTable } from './agents.ts';
import { auditTrail } from './audit.ts';
import { blackoutTable } from './blackouts.ts';
import { callTable } from './calls.ts';
import { commandTable } from './commands.ts';
import type { Engine } from './engine.ts';
import { eventLog } from './events.ts';
import { deadLetterTable, receiptTable, vendorState } from './intake.ts';
import { leaseCheck } from './leases.ts';
import { recordingTable } from './recordings.ts';
import type { Executor } from './tables.ts';

/** The parts of a store. */
export interface StoreTools {
  clock: Clock;
  ids: Ids;
}

/** Every table, running where `executor` says. */
export const operationsIn = (executor: Executor, tools: StoreTools, engine: Pick<Engine, 'rowLocks' | 'now'>): StoreOperations => {
  const { clock, ids } = tools;
  return {
    get unlocked() {
      return executor.locks ? operationsIn({ ...executor, locks: false }, tools, engine) : this;
    },
    agents: agentTable(executor),
    calls: callTable(executor, clock),
    recordings: recordingTable(executor, clock),
    blackouts: blackoutTable(executor),
    commands: commandTable(executor),
    events: eventLog(executor),
    audit: auditTrail(executor),
    holdsLease: leaseCheck(executor, () => engine.now ?? sql<number>`${clock.now()}`),
    vendorState: vendorState(executor, engine.rowLocks),
    receipts: receiptTable(executor),
    deadLetters: deadLetterTable(executor, ids),
  };
};
