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
import type { Scope } from './tables.ts';

/** The parts of a store. */
export interface StoreTools {
  clock: Clock;
  ids: Ids;
}

/** Every table, running where `scope` says. */
export const operationsIn = (scope: Scope, tools: StoreTools, engine: Pick<Engine, 'rowLocks' | 'now'>): StoreOperations => {
  const { clock, ids } = tools;
  return {
    get unlocked() {
      return scope.locks ? operationsIn({ ...scope, locks: false }, tools, engine) : this;
    },
    agents: agentTable(scope),
    calls: callTable(scope, clock),
    recordings: recordingTable(scope, clock),
    blackouts: blackoutTable(scope),
    commands: commandTable(scope),
    events: eventLog(scope),
    audit: auditTrail(scope),
    holdsLease: leaseCheck(scope, () => engine.now ?? sql<number>`${clock.now()}`),
    vendorState: vendorState(scope, engine.rowLocks),
    receipts: receiptTable(scope),
    deadLetters: deadLetterTable(scope, ids),
  };
};
