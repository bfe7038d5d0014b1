/** The commands of a blackout in the ledger: those that callers gave, and the server's own. */

import { hashInput, openCommand, type Resolution, resolveLocked } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import type { Blackout, ControlCommand, Instant } from '../model/entities.ts';
import type { BlackoutEnd, BlackoutOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { serverActor } from '../model/principal.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { BlackoutTransaction } from './context.ts';
import { move, nowOf } from './row.ts';
import type { BlackoutChange } from './transitions.ts';

/** The commands of a blackout that are not completed, oldest first; inside a transaction they are locked. */
export const openCommandsOf = async (
  operations: StoreOperations,
  blackout: string,
  wanted: readonly BlackoutOperation[],
): Promise<readonly ControlCommand[]> => {
  const [rows = []] = await operations.commands.ofBlackouts([blackout]);
  return rows.filter((row) => (wanted as readonly string[]).includes(row.operation) && row.completedAt === null);
};

const startOperations: readonly BlackoutOperation[] = ['START_BLACKOUT', 'RENEW_BLACKOUT'];

export const openStartsOf = (operations: StoreOperations, blackout: string) => openCommandsOf(operations, blackout, startOperations);

export const openStopsOf = (operations: StoreOperations, blackout: string) => openCommandsOf(operations, blackout, ['STOP_BLACKOUT']);

/** Gives commands that are locked an outcome. One that was accepted before keeps the problem that came since. */
export const resolveOpen = async (
  transaction: BlackoutTransaction,
  open: readonly ControlCommand[],
  resolution: Resolution,
): Promise<void> => {
  for (const command of open) {
    if (command.status === 'ACCEPTED' && resolution.status === 'ACCEPTED' && !resolution.final) continue;
    await resolveLocked(transaction, command, resolution);
  }
};

export const resolveStarts = async (transaction: BlackoutTransaction, blackout: string, resolution: Resolution): Promise<void> =>
  resolveOpen(transaction, await openStartsOf(transaction.operations, blackout), resolution);

export const resolveStops = async (transaction: BlackoutTransaction, blackout: string, resolution: Resolution): Promise<void> =>
  resolveOpen(transaction, await openStopsOf(transaction.operations, blackout), resolution);

/** The open commands stay as they are, with the newest problem, so that a later reader sees why the blackout does not go on. */
export const noteProblem = async (
  transaction: BlackoutTransaction,
  commands: readonly ControlCommand[],
  error: ExpectedError,
): Promise<void> => {
  for (const command of commands) {
    const { id, status, problem: known } = command;
    if (known?.message === error.message) continue;
    await resolveLocked(transaction, command, { status, problem: problemData(error, known?.correlationId ?? id) });
  }
};

interface OwnCommand {
  operation: 'STOP_BLACKOUT' | 'STOP_RECORDING' | 'START_BLACKOUT';
  because: 'OPERATOR' | 'SCHEDULE' | 'DEADLINE' | 'UNDO' | 'BLACKOUT' | 'MASK_LOST';
  more?: Readonly<Record<string, unknown>> | undefined;
}

/** A command of the server's own, PENDING before it is sent. */
export const openOwnCommand = async (
  transaction: BlackoutTransaction,
  row: Blackout,
  { operation, because, more }: OwnCommand,
): Promise<ControlCommand> => {
  const { row: opened } = await openCommand(transaction, {
    operation,
    source: row.source,
    agent: row.agent,
    blackout: row.id,
    requestedBy: serverActor,
    idempotencyKey: null,
    inputHash: hashInput(transaction, operation, { blackout: row.id, because }),
    input: { because, ...more },
  });
  return opened;
};

interface Finish {
  by: BlackoutChange;
  endedBy: BlackoutEnd | null;
  at?: Instant;
  /** True if the vendor showed it. */
  isConfirmed?: boolean;
}

/** Ends the row and completes its commands. */
export const finish = async (
  transaction: BlackoutTransaction,
  before: Blackout,
  { by, endedBy, at = nowOf(transaction), isConfirmed = false }: Finish,
): Promise<Partial<Blackout>> => {
  const open = await openCommandsOf(transaction.operations, before.id, [...startOperations, 'STOP_BLACKOUT']);
  const isStop = ({ operation }: ControlCommand) => operation === 'STOP_BLACKOUT';
  for (const command of open.filter((one) => !isStop(one))) {
    const ended = new ExpectedError('CONFLICT', `${before.source}: the blackout was stopped before the vendor accepted its start.`);
    const failed: Resolution = { status: 'FAILED', problem: problemData(ended, command.id) };
    await resolveLocked(transaction, command, command.status === 'ACCEPTED' ? { status: 'ACCEPTED', final: true } : failed);
  }
  await resolveOpen(transaction, open.filter(isStop), { status: isConfirmed ? 'CONFIRMED' : 'ACCEPTED', final: true });
  return {
    ...move(before, by),
    endedAt: at,
    endedBy: by === 'startRolledBack' ? null : (before.endedBy ?? endedBy),
    ...(before.unmasked ? { unmasked: before.unmasked.map((one) => ({ ...one, endsAt: one.endsAt ?? at })) } : {}),
  };
};
