/** Applies the outcome of a start that was sent: accepted, refused, given up, restored, or sent again. */
import { type Failure, problemData } from '../control/problems.ts';
import type { Blackout, Recording } from '../model/entities.ts';
import type { Confirmation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import { openOwnCommand, openStartsOf, resolveOpen, resolveStarts } from './commands.ts';
import type { BlackoutContext, BlackoutTransaction } from './context.ts';
import { maskable, promptMs, unnoted } from './exposures.ts';
import { move, nowOf, sourceOf } from './row.ts';
import type { GivenTime } from './times.ts';
import { changeBlackout } from './write.ts';

export interface SentStart {
  /** The times as they were requested. */
  given: GivenTime;
  observations: readonly Observation[];
  /** External ids of the recordings that nobody stopped, so that nobody continues them. */
  notStopped: readonly string[];
  /** The recordings that ran before. */
  live: readonly Recording[];
}

/** The vendor accepted the start. */
export const acceptStart = (context: BlackoutContext, row: Blackout, { given, live, notStopped }: SentStart) =>
  changeBlackout(context, row, async (transaction, before, state) => {
    if (before.state === 'STOPPING') return null;
    const at = nowOf(context);
    const [agentState, starts] = await Promise.all([state, openStartsOf(transaction.operations, row.id)]);
    const isQuiet = before.support === 'EMULATED' && maskable(agentState.live).length === 0;
    const isConfirmed = isQuiet || (before.support === 'NATIVE' && before.confirmation === 'CONFIRMED');
    const confirmation: Confirmation = isConfirmed ? 'CONFIRMED' : 'ACCEPTED';
    const isFinal = isConfirmed || !sourceOf(context, row).blackouts?.confirmable;
    await resolveOpen(transaction, starts, { status: confirmation, final: isFinal });
    const isLate =
      before.state === 'SCHEDULED' && given.at === null && given.offsetMs === null && epochMs(at) - epochMs(before.startsAt) >= promptMs;
    const windows = [
      ...(before.unmasked ?? []).map((one) => ({ ...one, endsAt: one.endsAt ?? at })),
      ...(isLate ? [{ startsAt: before.startsAt, endsAt: at }] : []),
    ];
    return {
      confirmation,
      acceptedAt: at,
      ran: [...(before.ran ?? []), ...unnoted(before, live)],
      interrupted: before.interrupted.filter(({ recording }) => !notStopped.includes(recording)),
      ...(before.support === 'NATIVE' && windows.length > 0 ? { unmasked: windows } : {}),
      ...(before.state === 'SCHEDULED' && epochMs(before.startsAt) <= context.clock.now() ? move(before, 'begin') : {}),
    };
  });

/** Fails the open commands of the start. `more` tells the caller what follows. */
const failStarts = (transaction: BlackoutTransaction, { id }: Blackout, { error, correlationId, more }: Failure & { more?: string }) => {
  const { code, message, retryable, vendorCode } = error;
  const told = more === undefined ? error : new ExpectedError(code, `${message} ${more}`, { retryable, vendorCode });
  return resolveStarts(transaction, id, { status: 'FAILED', problem: problemData(told, correlationId) });
};

/** Says no to the start for good: the vendor refused it and is not masking. */
export const refuseStart = (context: BlackoutContext, row: Blackout, failure: Failure) =>
  changeBlackout(context, row, async (transaction, before) => {
    if (before.state !== 'SCHEDULED') return null;
    await failStarts(transaction, row, failure);
    return { ...move(before, 'refuse'), endedAt: nowOf(context) };
  });

/** Gives the start up without knowing whether the vendor masks: it is stopped until the vendor says so. */
export const rollBackStart = (context: BlackoutContext, row: Blackout, failure: Failure) =>
  changeBlackout(context, row, async (transaction, before) => {
    if (before.state !== 'SCHEDULED') return null;
    const more = 'The blackout is not in force. In case the vendor started it, it is being stopped.';
    await failStarts(transaction, row, { ...failure, more });
    await openOwnCommand(transaction, row, { operation: 'STOP_BLACKOUT', because: 'UNDO' });
    return move(before, 'stop');
  });

/** The vendor refused to start an open blackout over, or to renew it: the row goes back to what it was. */
export const restoreRow = (context: BlackoutContext, earlier: Blackout, failure: Failure) =>
  changeBlackout(context, earlier, async (transaction, before) => {
    if (before.state === 'STOPPING') return null;
    const { deadline, startsAt, confirmation, stopsAt, endedBy } = earlier;
    if (earlier.state !== 'STOPPING') {
      await failStarts(transaction, earlier, failure);
      return earlier.state === 'SCHEDULED' ? { deadline, startsAt, confirmation } : { deadline };
    }
    await failStarts(transaction, earlier, { ...failure, more: 'The blackout is still being stopped.' });
    await openOwnCommand(transaction, earlier, { operation: 'STOP_BLACKOUT', because: 'UNDO' });
    return { ...move(before, 'stop'), deadline, startsAt, confirmation, stopsAt, endedBy };
  });

/** Leaves a blackout open that the vendor may have started, and sends the start again until the outcome is known. */
export const keepStarting = (context: BlackoutContext, row: Blackout, failure: Failure) =>
  changeBlackout(context, row, async (transaction, before) => {
    const more = 'The blackout stays open. Its start is repeated until the vendor answers or the deadline passes.';
    await failStarts(transaction, row, { ...failure, more });
    return before.confirmation === 'CONFIRMED' && before.support === 'EMULATED' ? {} : { confirmation: 'PENDING', acceptedAt: null };
  });
