/** The ledger: one row a command, unique on caller and idempotency key, each change with its audit entry and its event. */

import { canonicalJsonWithoutNulls } from '../../lib/canonical-json.ts';
import type { InTransaction } from '../commit.ts';
import type { ControlCommand, ProblemData } from '../model/entities.ts';
import type { CommandStatus, Operation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { NewEvent } from '../model/events.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Store } from '../ports/store.ts';
import type { ControlContext } from './context.ts';

export type LedgerContext = Pick<ControlContext, 'clock' | 'ids' | 'hash'> & { settings: { idempotencyKeepMs: number } };

export type LedgerTransaction = InTransaction<LedgerContext>;

export interface NewCommand {
  operation: Operation;
  source: string;
  agent: string;
  recording?: string | null;
  blackout?: string | null;
  requestedBy: string;
  idempotencyKey: string | null;
  inputHash: string;
  input: Readonly<Record<string, unknown>>;
}

/** The outcome of a command, or a step towards it. */
export interface Resolution {
  status: CommandStatus;
  problem?: ProblemData | null;
  recording?: string | null;
  /** True where nothing more is to be learnt of it. */
  final?: boolean;
}

/** Which status may follow which; a row never goes back. */
const commandTransitions: Readonly<Record<CommandStatus, readonly CommandStatus[]>> = {
  PENDING: ['PENDING', 'ACCEPTED', 'CONFIRMED', 'FAILED'],
  ACCEPTED: ['ACCEPTED', 'CONFIRMED', 'FAILED'],
  CONFIRMED: [],
  FAILED: [],
};

/** Completed, a row is left as it is; only that of which nothing more was to be learnt may still turn out to have failed. */
const mayFollow = ({ status, completedAt }: ControlCommand, next: Resolution): boolean =>
  (completedAt === null || next.status === 'FAILED') && commandTransitions[status].includes(next.status);

/** The hash of a request as it is understood: defaults filled in, null as good as absent, times by their value. */
export const hashInput = ({ hash }: Pick<LedgerContext, 'hash'>, operation: string, input: unknown): string =>
  hash(`${operation} ${canonicalJsonWithoutNulls(input)}`);

const mismatch = () =>
  new ExpectedError(
    'IDEMPOTENCY_MISMATCH',
    'You have already used this idempotencyKey for another request; use a new key for a new request, or repeat the first request unchanged.',
  );

const commandEvent = (row: ControlCommand, previous: CommandStatus | null, at: string): NewEvent => ({
  at,
  entityType: 'command',
  source: row.source,
  key: row.id,
  previous,
  warning: null,
  state: row,
});

/** The caller's earlier request of this key; null where there is none or its time is over. Throws IDEMPOTENCY_MISMATCH. */
export const findEarlier = async (
  { clock, settings }: LedgerContext,
  store: Pick<Store, 'commands' | 'transaction'>,
  { requestedBy, idempotencyKey, inputHash }: Pick<NewCommand, 'requestedBy' | 'idempotencyKey' | 'inputHash'>,
): Promise<ControlCommand | null> => {
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
};

/** Writes a PENDING row with its audit entry and event, unless the key was used: then answers the earlier row, or throws IDEMPOTENCY_MISMATCH. */
export const openCommand = async (
  { clock, ids, operations }: LedgerTransaction,
  command: NewCommand,
): Promise<{ row: ControlCommand; inserted: boolean }> => {
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
    return { row, inserted };
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
  await operations.events.append([commandEvent(row, null, at)]);
  return { row, inserted };
};

/** Moves a row on with its audit entry and event. Null, and nothing written, where the row has moved on already. */
export const resolveCommand = async (
  transaction: LedgerTransaction,
  id: string,
  resolution: Resolution,
): Promise<ControlCommand | null> => {
  const [before] = await transaction.operations.commands.byIds([id]);
  return before ? resolveLocked(transaction, before, resolution) : null;
};

/** As `resolveCommand`, of a row that this transaction has locked, or inserted. */
export const resolveLocked = async (
  { clock, operations }: LedgerTransaction,
  before: ControlCommand,
  resolution: Resolution,
): Promise<ControlCommand | null> => {
  if (!mayFollow(before, resolution)) return null;
  const at = instant(clock.now());
  const isFinal = resolution.final ?? (resolution.status === 'CONFIRMED' || resolution.status === 'FAILED');
  const row: ControlCommand = {
    ...before,
    status: resolution.status,
    acceptedAt: before.acceptedAt ?? (resolution.status === 'ACCEPTED' || resolution.status === 'CONFIRMED' ? at : null),
    completedAt: isFinal ? at : null,
    problem: resolution.problem ?? null,
    recording: resolution.recording ?? before.recording,
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
  await operations.events.append([commandEvent(row, before.status, at)]);
  return row;
};
