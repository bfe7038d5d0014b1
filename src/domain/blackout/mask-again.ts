import { commit } from '../commit.ts';
import type { Resolution } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import { resolveAlone } from '../control/resolve.ts';
import type { Blackout } from '../model/entities.ts';
import { asExpected } from '../model/errors.ts';
import { leavesDoubt } from '../under-deadline.ts';
import type { AgentLease } from './agent-lock.ts';
import { openOwnCommand, resolveStarts } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { maskable, namesRecording } from './exposures.ts';
import { liveOf, stopNoted } from './masking.ts';
import { isStoppable } from './recording-kinds.ts';
import { nowOf, sourceOf } from './row.ts';
import { hadContactLately, observeAnswer } from './vendor-commands.ts';
import { changeBlackout } from './write.ts';

/** A recording runs although the agent is blacked out: it is stopped, under a command of its own in the ledger. */
export const maskAgain = async (context: BlackoutContext, row: Blackout, lease: AgentLease): Promise<void> => {
  const { retries } = context;
  const source = sourceOf(context, row);
  const running = liveOf(context, row);
  if (!running.some(isStoppable(source)) && hadContactLately(context, source)) {
    await changeBlackout(context, row, async (transaction, before, state) => {
      const { live } = await state;
      if (maskable(live).length > 0) return null;
      await resolveStarts(transaction, row.id, { status: 'CONFIRMED' });
      return { confirmation: 'CONFIRMED', acceptedAt: before.acceptedAt ?? nowOf(context) };
    });
    retries.after(row.id, source.confirmMs);
    return;
  }
  const command = await commit(context, (transaction) =>
    openOwnCommand(transaction, row, { operation: 'STOP_RECORDING', because: 'BLACKOUT' }),
  );
  const resolve = (resolution: Resolution) => resolveAlone(context, command.id, resolution);
  try {
    const { observations, notStopped } = await stopNoted(context, row);
    await resolve({ status: 'ACCEPTED' });
    await changeBlackout(context, row, async (_, before, state) => {
      if (before.state !== 'ACTIVE') return null;
      const interrupted = before.interrupted.filter(({ recording }) => !notStopped.includes(recording));
      const { live } = await state;
      const left = maskable(live);
      const others = left.filter((one) => isStoppable(source)(one) && !running.some(({ externalId }) => namesRecording(externalId, one)));
      if (others.length > 0) return { interrupted, confirmation: 'ACCEPTED', acceptedAt: null };
      return { interrupted, confirmation: left.length > 0 ? 'ACCEPTED' : 'CONFIRMED', acceptedAt: nowOf(context) };
    });
    retries.delete(row.id);
    await observeAnswer(context, row, observations);
  } catch (caught) {
    const error = asExpected(caught);
    await resolve({ status: 'FAILED', problem: problemData(error, row.id) });
    if (leavesDoubt(error)) lease.retain();
    retries.failed(row.id);
  }
};
