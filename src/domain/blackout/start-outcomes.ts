/** Applies the outcome of a start that was sent: accepted, refused, given up, restored, or sent again. */
import type { Resolution } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import type { Blackout, Recording } from '../model/entities.ts';
import type { Confirmation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { openCommandsOf, openOwnCommand, resolveCommands, resolveOpen, startOperations } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { maskable, promptMs, unnoted } from './exposures.ts';
import { move, nowOf } from './row.ts';
import type { GivenTime } from './times.ts';
import { changeBlackout } from './write.ts';

export interface SentStart {
  observations: readonly Observation[];
  /** External ids of the recordings that nobody stopped, so that nobody continues them. */
  notStopped: readonly string[];
  /** The recordings that ran before. */
  live: readonly Recording[];
}

/** The vendor accepted the start. */
export const acceptStart = (
  context: BlackoutContext,
  row: Blackout,
  source: VendorSource,
  { live, notStopped }: SentStart,
  given: GivenTime,
) =>
  changeBlackout(context, row, async (operations, before, state) => {
    if (before.state === 'STOPPING') return null;
    const at = nowOf(context);
    const [agentState, commands] = await Promise.all([state, openCommandsOf(operations, row.id, startOperations)]);
    const isQuiet = before.support === 'EMULATED' && maskable(agentState.live).length === 0;
    const isConfirmed = isQuiet || (before.support === 'NATIVE' && before.confirmation === 'CONFIRMED');
    const confirmation: Confirmation = isConfirmed ? 'CONFIRMED' : 'ACCEPTED';
    await resolveOpen(context, operations, commands, {
      status: confirmation,
      final: isConfirmed || !source.blackouts?.confirmable,
    });
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

/** Gives the open commands of the start their failure. */
const failStart = (error: ExpectedError, correlationId: string): Resolution => ({
  status: 'FAILED',
  problem: problemData(error, correlationId),
});

/** Says no to the start for good: the vendor refused it and is not masking. */
export const refuseStart = (context: BlackoutContext, row: Blackout, error: ExpectedError, correlationId: string) =>
  changeBlackout(context, row, async (operations, before) => {
    if (before.state !== 'SCHEDULED') return null;
    await resolveCommands(context, operations, row.id, startOperations, failStart(error, correlationId));
    return { ...move(before, 'refuse'), endedAt: nowOf(context) };
  });

/** Gives the start up without knowing whether the vendor masks: it is stopped until the vendor says so. */
export const rollBackStart = (context: BlackoutContext, row: Blackout, error: ExpectedError, correlationId: string) =>
  changeBlackout(context, row, async (operations, before) => {
    if (before.state !== 'SCHEDULED') return null;
    const problem = new ExpectedError(
      error.code,
      `${error.message} The blackout is not in force. In case the vendor started it, it is being stopped.`,
      { retryable: error.retryable, vendorCode: error.vendorCode },
    );
    await resolveCommands(context, operations, row.id, startOperations, failStart(problem, correlationId));
    await openOwnCommand(context, operations, row, 'STOP_BLACKOUT', 'UNDO');
    return move(before, 'stop');
  });

/** The vendor refused to start an open blackout over, or to renew it: the row goes back to what it was. */
export const restoreRow = (context: BlackoutContext, earlier: Blackout, error: ExpectedError, correlationId: string) =>
  changeBlackout(context, earlier, async (operations, before) => {
    if (before.state === 'STOPPING') return null;
    const { deadline, startsAt, confirmation, stopsAt, endedBy } = earlier;
    if (earlier.state !== 'STOPPING') {
      await resolveCommands(context, operations, earlier.id, startOperations, failStart(error, correlationId));
      return earlier.state === 'SCHEDULED' ? { deadline, startsAt, confirmation } : { deadline };
    }
    const problem = new ExpectedError(error.code, `${error.message} The blackout is still being stopped.`, {
      retryable: error.retryable,
      vendorCode: error.vendorCode,
    });
    await resolveCommands(context, operations, earlier.id, startOperations, failStart(problem, correlationId));
    await openOwnCommand(context, operations, earlier, 'STOP_BLACKOUT', 'UNDO');
    return { ...move(before, 'stop'), deadline, startsAt, confirmation, stopsAt, endedBy };
  });

/** Leaves a blackout open that the vendor may have started, and sends the start again until the outcome is known. */
export const keepStarting = (context: BlackoutContext, row: Blackout, error: ExpectedError, correlationId: string) =>
  changeBlackout(context, row, async (operations, before) => {
    const problem = new ExpectedError(
      error.code,
      `${error.message} The blackout stays open. Its start is repeated until the vendor answers or the deadline passes.`,
      { retryable: error.retryable, vendorCode: error.vendorCode },
    );
    await resolveCommands(context, operations, row.id, startOperations, failStart(problem, correlationId));
    return before.confirmation === 'CONFIRMED' && before.support === 'EMULATED' ? {} : { confirmation: 'PENDING', acceptedAt: null };
  });
