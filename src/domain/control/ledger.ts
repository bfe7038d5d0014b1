/** The ledger: one row a command, unique on caller and idempotency key, each change with its audit entry and its event. */

import type { ControlCommand, ProblemData } from '../model/entities.ts';
import type { CommandStatus, Operation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Store, StoreOperations } from '../ports/store.ts';
import type { NewEvent } from './dependencies.ts';
import { problemError } from './problems.ts';

export interface LedgerDependencies {
  clock: Clock;
  ids: Ids;
  hash(text: string): string;
  settings: { idempotencyKeepMs: number };
}

export interface NewCommand {
  operation: Operation;
  source: string;
  agent: string;
  blackout?: string | null;
  requestedBy: string;
  idempotencyKey: string | null;
  inputHash: string;
  input: Readonly<Record<string, unknown>>;
}

export interface Settlement {
  status: CommandStatus;
  problem?: ProblemData | null;
  recording?: string | null;
  /** True where nothing more is to be learnt of it. */
  final?: boolean;
}

/** Which status may follow which; a row never goes back. */
export const commandTransitions: Readonly<Record<CommandStatus, readonly CommandStatus[]>> = {
  PENDING: ['PENDING', 'ACCEPTED', 'CONFIRMED', 'FAILED'],
  ACCEPTED: ['ACCEPTED', 'CONFIRMED', 'FAILED'],
  CONFIRMED: [],
  FAILED: [],
};

/** JSON with its names in order and without nulls, so that equal inputs read the same. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join()}}`;
};

export const commandEvent = (row: ControlCommand, previous: CommandStatus | null, at: string): NewEvent => ({
  at,
  entityType: 'command',
  source: row.source,
  key: row.id,
  previous,
  warning: null,
  state: row,
});

export const createLedger = ({ clock, ids, hash, settings }: LedgerDependencies) => {
  const mismatch = () =>
    new ExpectedError(
      'IDEMPOTENCY_MISMATCH',
      'idempotencyKey was used by you for another request already; use a new key for a new request, or repeat the first one unchanged.',
    );

  return {
    inputHash: (operation: string, input: unknown): string => hash(`${operation} ${canonical(input)}`),

    /** The caller's earlier request of this key; null where there is none or its time is over. Throws IDEMPOTENCY_MISMATCH. */
    async earlier(
      store: Pick<Store, 'commands' | 'transaction'>,
      requestedBy: string,
      idempotencyKey: string | null,
      inputHash: string,
    ): Promise<ControlCommand | null> {
      if (idempotencyKey === null) return null;
      const row = await store.commands.ofKey(requestedBy, idempotencyKey);
      if (row === null) return null;
      if (clock.now() - epochMs(row.requestedAt) >= settings.idempotencyKeepMs) {
        await store.transaction(async (operations) => {
          const [held] = await operations.commands.byIds([row.id]);
          if (held) await operations.commands.update({ ...held, idempotencyKey: null });
        });
        return null;
      }
      if (row.inputHash !== inputHash) throw mismatch();
      return row;
    },

    /** Writes a PENDING row with its audit entry, unless the key was used: then the earlier row, or IDEMPOTENCY_MISMATCH. */
    async open(operations: StoreOperations, command: NewCommand): Promise<{ row: ControlCommand; inserted: boolean; events: NewEvent[] }> {
      const at = instant(clock.now());
      const wanted: ControlCommand = {
        id: ids.next(),
        status: 'PENDING',
        recording: null,
        blackout: null,
        requestedAt: at,
        acceptedAt: null,
        completedAt: null,
        problem: null,
        ...command,
      };
      const { inserted, row } = await operations.commands.insert(wanted);
      if (!inserted) {
        if (row.inputHash !== command.inputHash) throw mismatch();
        return { row, inserted, events: [] };
      }
      await operations.audit.append([
        {
          at,
          actor: row.requestedBy,
          action: 'command.requested',
          subject: {
            command: row.id,
            operation: row.operation,
            source: row.source,
            agent: row.agent,
            blackout: row.blackout,
            input: row.input,
          },
        },
      ]);
      return { row, inserted, events: [commandEvent(row, null, at)] };
    },

    /** Moves a row on with its audit entry. Null, and nothing written, where the row has moved on already. */
    async settle(
      operations: StoreOperations,
      id: string,
      settlement: Settlement,
    ): Promise<{ row: ControlCommand; events: NewEvent[] } | null> {
      const [before] = await operations.commands.byIds([id]);
      if (!before || before.completedAt !== null || !commandTransitions[before.status].includes(settlement.status)) return null;
      const at = instant(clock.now());
      const over = settlement.final ?? (settlement.status === 'CONFIRMED' || settlement.status === 'FAILED');
      const row: ControlCommand = {
        ...before,
        status: settlement.status,
        acceptedAt: before.acceptedAt ?? (settlement.status === 'ACCEPTED' || settlement.status === 'CONFIRMED' ? at : null),
        completedAt: over ? at : null,
        problem: settlement.problem ?? null,
        recording: settlement.recording ?? before.recording,
      };
      await operations.commands.update(row);
      await operations.audit.append([
        {
          at,
          actor: row.requestedBy,
          action: 'command.settled',
          subject: {
            command: row.id,
            operation: row.operation,
            source: row.source,
            agent: row.agent,
            from: before.status,
            to: row.status,
            recording: row.recording,
            blackout: row.blackout,
            problem: row.problem === null ? null : { ...row.problem },
          },
        },
      ]);
      return { row, events: [commandEvent(row, before.status, at)] };
    },

    /** Whether the row holds an answer; its failure is thrown again as it was told first. */
    answered(row: ControlCommand): boolean {
      if (row.problem) throw problemError(row.problem);
      return row.status !== 'PENDING' || row.completedAt !== null;
    },
  };
};

export type Ledger = ReturnType<typeof createLedger>;
