/** Acts on every open blackout when its next step falls due. The rows are the timers: this only wakes up for them. */
import { coalesced } from '../../lib/coalesced.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import type { BlackoutContext } from './context.ts';
import { nextStep, sendDueEnd, takeDueSteps } from './due-steps.ts';
import { datedBack } from './future-dated.ts';
import { changeBlackout } from './write.ts';

export interface BlackoutScheduler {
  start(): void;
  /** Resolves when nothing is being acted on any more; what is due later waits for the next start, here or elsewhere. */
  stop(): Promise<void>;
  /** Looks at the rows again, now. */
  wake(): void;
  /** Resolves when everything that is due has been acted on. */
  idle(): Promise<void>;
}

const heldUpMs = 1000;

/** The scheduler while it runs. */
interface Scheduling extends BlackoutContext {
  /** The blackouts that are acted on, by id. */
  acting: Map<string, Promise<void>>;
  /** Until when (monotonic) no step of a blackout is taken, since one could not be written, or another server holds the agent. */
  heldUp: Map<string, number>;
  isRunning: boolean;
  cancelTimer(): void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const logFailure = ({ log }: Scheduling, { id, source }: Blackout, error: unknown): void => {
  const code = error instanceof ExpectedError ? error.code : undefined;
  log.error('a step of a blackout failed; it is tried again', { blackout: id, source, code, message: messageOf(error) });
};

const act = async (scheduling: Scheduling, row: Blackout): Promise<void> => {
  const { clock, settings, retries, heldUp, acting } = scheduling;
  try {
    if (await takeDueSteps(scheduling, row)) heldUp.delete(row.id);
    else heldUp.set(row.id, clock.monotonicMs() + settings.leaseMs / 2);
  } catch (error) {
    // A step that cannot be written keeps the steps after it, but for the end: that is sent all the same.
    if (!(error instanceof ExpectedError))
      await sendDueEnd(scheduling, row.id).catch((failure: unknown) => logFailure(scheduling, row, failure));
    retries.failed(row.id);
    heldUp.set(row.id, clock.monotonicMs() + heldUpMs);
    logFailure(scheduling, row, error);
  } finally {
    acting.delete(row.id);
  }
};

const withPastDates = async (scheduling: Scheduling, row: Blackout): Promise<Blackout> => {
  const nowMs = () => scheduling.clock.now();
  if (datedBack(row, nowMs()) === null) return row;
  return (await changeBlackout(scheduling, row, async (_, before) => datedBack(before, nowMs()))) ?? row;
};

/** Acts on what is due, each blackout by itself, and calls `onActed` after each; returns when the next step is due, epoch ms. */
const actOnDue = async (scheduling: Scheduling, onActed: () => void): Promise<number> => {
  const { store, clock, sources, settings, acting, heldUp, retries, unwrittenStops } = scheduling;
  let nextMs = clock.now() + settings.sweepMs;
  const open = await store.blackouts.open([...sources.keys()]);
  const ids = new Set(open.map(({ id }) => id));
  for (const kept of [heldUp, retries, unwrittenStops]) for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id);
  for (const found of open) {
    if (acting.has(found.id)) continue;
    const row = await withPastDates(scheduling, found);
    const planned = nextStep(scheduling, row);
    if (!planned) continue;
    const atMs = Math.max(planned.atMs, clock.now() + (heldUp.get(row.id) ?? 0) - clock.monotonicMs());
    if (atMs > clock.now()) nextMs = Math.min(nextMs, atMs);
    else acting.set(row.id, act(scheduling, row).finally(onActed));
  }
  return nextMs;
};

/** Acts on what is due, and calls `wake` when the next step is. */
const check = async (scheduling: Scheduling, wake: () => void): Promise<void> => {
  const { clock, settings, log } = scheduling;
  if (!scheduling.isRunning) return;
  let nextMs = clock.now() + settings.sweepMs;
  try {
    nextMs = await actOnDue(scheduling, wake);
  } catch (error) {
    log.error('blackouts could not be checked; this is tried again', { message: messageOf(error) });
  }
  scheduling.cancelTimer();
  if (scheduling.isRunning) scheduling.cancelTimer = clock.after(Math.max(0, nextMs - clock.now()), wake);
};

export const createBlackoutScheduler = (context: BlackoutContext): BlackoutScheduler => {
  const scheduling: Scheduling = { ...context, acting: new Map(), heldUp: new Map(), isRunning: false, cancelTimer: () => {} };
  const checkOnce: () => Promise<void> = coalesced(() => check(scheduling, wake));
  const wake = (): void => void checkOnce();
  const idle = async (): Promise<void> => {
    do {
      await Promise.all(scheduling.acting.values());
      await checkOnce();
    } while (scheduling.acting.size > 0);
  };
  return {
    start: () => {
      scheduling.isRunning = true;
      wake();
    },
    stop: async () => {
      scheduling.isRunning = false;
      scheduling.cancelTimer();
      await idle();
    },
    wake,
    idle,
  };
};
