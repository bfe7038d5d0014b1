/** Acts on every open blackout when its next step falls due. The rows are the timers: this only wakes up for them. */
import { coalesced } from '../../lib/coalesced.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import type { BlackoutContext } from './context.ts';
import { nextStep, sendDueEnd, takeDueSteps } from './due-steps.ts';
import { datedBack } from './future-dated.ts';
import { changeBlackout } from './write.ts';

interface BlackoutScheduler {
  start(): void;
  /** Resolves when nothing is being acted on any more; what is due later waits for the next start, here or elsewhere. */
  stop(): Promise<void>;
  /** Looks at the rows again, now. */
  wake(): void;
  /** Resolves when everything that is due has been acted on. */
  idle(): Promise<void>;
}

const heldUpMs = 1000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const createBlackoutScheduler = (context: BlackoutContext): BlackoutScheduler => {
  const { store, clock, sources, settings, log, retries } = context;
  const acting = new Map<string, Promise<void>>();
  /** Until when (monotonic) no step of a blackout is taken, since one could not be written, or another server holds the agent. */
  const heldUp = new Map<string, number>();
  let running = false;
  let cancelTimer = () => {};

  const logFailure = ({ id, source }: Blackout, error: unknown): void => {
    const code = error instanceof ExpectedError ? error.code : undefined;
    log.error('a step of a blackout failed; it is tried again', { blackout: id, source, code, message: messageOf(error) });
  };

  const act = async (row: Blackout): Promise<void> => {
    try {
      if (await takeDueSteps(context, row)) heldUp.delete(row.id);
      else heldUp.set(row.id, clock.monotonicMs() + settings.leaseMs / 2);
    } catch (error) {
      // A step that cannot be written keeps the steps after it, but for the end: that is sent all the same.
      if (!(error instanceof ExpectedError)) await sendDueEnd(context, row.id).catch((failure: unknown) => logFailure(row, failure));
      retries.failed(row.id);
      heldUp.set(row.id, clock.monotonicMs() + heldUpMs);
      logFailure(row, error);
    } finally {
      acting.delete(row.id);
      wake();
    }
  };

  const withPastDates = async (row: Blackout): Promise<Blackout> => {
    if (datedBack(row, clock.now()) === null) return row;
    return (await changeBlackout(context, row, async (_, before) => datedBack(before, clock.now()))) ?? row;
  };

  /** Acts on what is due; returns when the next step is, epoch ms. */
  const actOnDue = async (): Promise<number> => {
    let nextMs = clock.now() + settings.sweepMs;
    const open = await store.blackouts.open([...sources.keys()]);
    const ids = new Set(open.map(({ id }) => id));
    for (const id of heldUp.keys()) if (!ids.has(id)) heldUp.delete(id);
    for (const found of open) {
      if (acting.has(found.id)) continue;
      const row = await withPastDates(found);
      const planned = nextStep(context, row);
      if (!planned) continue;
      const atMs = Math.max(planned.atMs, clock.now() + (heldUp.get(row.id) ?? 0) - clock.monotonicMs());
      if (atMs > clock.now()) nextMs = Math.min(nextMs, atMs);
      else acting.set(row.id, act(row));
    }
    return nextMs;
  };

  const check = coalesced(async () => {
    if (!running) return;
    let nextMs = clock.now() + settings.sweepMs;
    try {
      nextMs = await actOnDue();
    } catch (error) {
      log.error('blackouts could not be checked; this is tried again', { message: messageOf(error) });
    }
    cancelTimer();
    if (running) cancelTimer = clock.after(Math.max(0, nextMs - clock.now()), wake);
  });

  const wake = (): void => void check();

  const idle = async (): Promise<void> => {
    do {
      await Promise.all(acting.values());
      await check();
    } while (acting.size > 0);
  };

  return {
    start: () => {
      running = true;
      wake();
    },
    stop: async () => {
      running = false;
      cancelTimer();
      await idle();
    },
    wake,
    idle,
  };
};
